import { Button, Menu } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import type { AccountChoice } from '../../../src/console/contract.ts'
import { texts } from '../../texts/texts.ts'
import { Icon } from '../../ui/icons.tsx'
import { useMe } from '../api.ts'
import styles from './account-switcher.module.css'

const t = texts.console.account

export const AccountSwitcher = ({ account }: { account: AccountChoice }) => {
  const { accounts } = useMe()
  const navigate = useNavigate()
  const nameOf = (sid: string) => accounts.find((each) => each.sid === sid)?.name ?? sid
  return (
    <Menu position="bottom-start" width={300}>
      <Menu.Target>
        <Button
          className={styles.button}
          variant="subtle"
          color="gray"
          aria-label={t.switch(account.name)}
          rightSection={<Icon name="chevron" size={16} />}
        >
          <span className={styles.name}>{account.name}</span>
        </Button>
      </Menu.Target>
      <Menu.Dropdown mah="70dvh" style={{ overflowY: 'auto' }}>
        {accounts.map(({ sid, name, parentSid, status }) => (
          <Menu.Item
            key={sid}
            aria-current={sid === account.sid ? 'true' : undefined}
            leftSection={sid === account.sid ? <Icon name="check" size={16} /> : <span className={styles.gap} />}
            onClick={() => navigate({ to: '/$accountSid/overview', params: { accountSid: sid } })}
          >
            <span className={styles.name}>{name}</span>
            <span className={styles.kind}>
              {parentSid === null ? t.main : t.subaccountOf(nameOf(parentSid))}
              {status !== 'active' && ` · ${t[status]}`}
            </span>
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  )
}
