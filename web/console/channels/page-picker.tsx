import { Button, NativeSelect, PasswordInput, Select } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { texts } from '../../texts/texts.ts'
import { Problem } from '../../ui/problem.tsx'
import { generalProblem, problemOf } from '../api.ts'
import { useAccount } from '../frame/use-account.ts'
import { useAddress } from '../use-address.ts'
import styles from './channels.module.css'
import { FacebookLogin } from './facebook-login.tsx'
import { foundPagesQuery, metaAppsQuery } from './queries.ts'

const t = texts.console.instance

export type PickedPage = { pageId: string | null; accessToken: string }

type PagePickerProps = {
  picked: PickedPage
  problem: unknown
  onPick: (picked: PickedPage) => void
}

/** Select a Page: of those that Facebook Login gave, or the one whose token is pasted. The address says which way. */
export const PagePicker = ({ picked, problem, onPick }: PagePickerProps) => {
  const account = useAccount()
  const [{ app, way }, change] = useAddress()
  const apps = useQuery(metaAppsQuery(account.sid))
  const found = useQuery(foundPagesQuery(account.sid, app === undefined ? {} : { app }))
  const pastes = way === 'token'
  const choices = found.data?.pages.map(({ id, name, obstacle }) => ({
    value: id,
    label: name,
    disabled: obstacle !== null,
  }))
  const obstacles = new Map(found.data?.pages.map(({ id, obstacle }) => [id, obstacle]))
  return (
    <>
      {(apps.data?.apps.length ?? 0) > 1 && (
        <NativeSelect
          className={styles.field}
          label={t.app}
          value={app ?? apps.data?.apps[0]?.id ?? ''}
          data={apps.data?.apps.map(({ id, name }) => ({ value: id, label: name ?? t.appOfInstallation(id) })) ?? []}
          error={problemOf(problem, 'appId')}
          onChange={(event) => change({ app: event.currentTarget.value })}
        />
      )}
      {pastes ? (
        <PasswordInput
          className={styles.field}
          label={t.token}
          description={t.tokenHint}
          autoComplete="off"
          maxLength={4096}
          value={picked.accessToken}
          error={problemOf(problem, 'accessToken')}
          onChange={(event) => onPick({ pageId: null, accessToken: event.currentTarget.value })}
        />
      ) : (
        <>
          <Select
            className={styles.field}
            label={t.selectPage}
            placeholder={choices?.length ? t.selectPlaceholder : t.selectNothing}
            data={choices ?? []}
            searchable
            limit={300}
            disabled={!choices?.length}
            nothingFoundMessage={t.noMatch}
            withScrollArea={false}
            styles={{ dropdown: { maxHeight: 300, overflowY: 'auto' } }}
            value={picked.pageId}
            error={problemOf(problem, 'pageId')}
            renderOption={({ option }) => (
              <span>
                {option.label}
                <span className={styles.soft} style={{ display: 'block' }}>
                  {obstacles.get(option.value) ?? option.value}
                </span>
              </span>
            )}
            onChange={(pageId) => onPick({ pageId, accessToken: '' })}
          />
          <Problem text={generalProblem(found.error)} />
          {found.data !== undefined && <FacebookLogin found={found.data} isSecond={found.data.pages.length > 0} />}
        </>
      )}
      <div>
        <Button variant="subtle" size="compact-sm" onClick={() => change({ way: pastes ? '' : 'token' })}>
          {pastes ? t.loginInstead : t.pasteInstead}
        </Button>
      </div>
    </>
  )
}
