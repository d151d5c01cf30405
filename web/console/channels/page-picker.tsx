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

type PagePickerProps = {
  accessToken: string
  problem: unknown
  onToken: (accessToken: string) => void
}

/** Select a Page: of those that Facebook Login gave, or the one whose token is pasted. The address says which. */
export const PagePicker = ({ accessToken, problem, onToken }: PagePickerProps) => {
  const account = useAccount()
  const [{ app, way, page = '' }, change] = useAddress()
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
          onChange={(event) => change({ app: event.currentTarget.value, page: '' })}
        />
      )}
      {pastes ? (
        <PasswordInput
          className={styles.field}
          label={t.token}
          description={t.tokenHint}
          autoComplete="off"
          maxLength={4096}
          value={accessToken}
          error={problemOf(problem, 'accessToken')}
          onChange={(event) => onToken(event.currentTarget.value)}
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
            value={choices?.some(({ value, disabled }) => value === page && !disabled) ? page : null}
            error={problemOf(problem, 'pageId')}
            renderOption={({ option }) => (
              <span>
                {option.label}
                <span className={styles.soft} style={{ display: 'block' }}>
                  {obstacles.get(option.value) ?? option.value}
                </span>
              </span>
            )}
            onChange={(pageId) => change({ page: pageId ?? '' })}
          />
          <Problem text={generalProblem(found.error)} />
          {found.data === undefined ? (
            <div className={styles.actions} style={{ minHeight: 36 }} />
          ) : (
            <FacebookLogin found={found.data} isSecond={found.data.pages.length > 0} />
          )}
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
