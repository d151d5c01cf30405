import { NativeSelect, TextInput } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import type { HttpMethod, UrlCheck, UrlChecked } from '../../../src/console/contract/channels.ts'
import { texts } from '../../texts/texts.ts'
import { call } from '../api.ts'
import { useAccount } from '../frame/use-account.ts'
import styles from './channels.module.css'
import { channelsPath } from './queries.ts'

const t = texts.console.instance

const TYPING_MS = 250

/** Whether a URL may be set, asked of the server while one types. */
const useUrlProblem = (url: string): string | null => {
  const account = useAccount()
  const [settled] = useDebouncedValue(url.trim(), TYPING_MS)
  const { data } = useQuery({
    queryKey: ['callback-url', settled],
    queryFn: () =>
      call<UrlChecked>('POST', `${channelsPath(account.sid)}/callback-url`, { url: settled } satisfies UrlCheck),
    enabled: settled !== '',
    staleTime: Number.POSITIVE_INFINITY,
    placeholderData: keepPreviousData,
  })
  return url.trim() === '' ? null : (data?.problem ?? null)
}

type UrlFieldProps = {
  label: string
  hint: string
  url: string | null
  method: HttpMethod
  /** What was said when it was saved. */
  error: string | null
  readOnly: boolean
  onUrl: (url: string | null) => void
  onMethod: (method: HttpMethod) => void
}

export const UrlField = ({ label, hint, url, method, error, readOnly, onUrl, onMethod }: UrlFieldProps) => {
  const problem = useUrlProblem(url ?? '')
  return (
    <div className={styles.urlField}>
      <TextInput
        label={label}
        description={hint}
        placeholder="https://"
        inputMode="url"
        autoComplete="off"
        spellCheck={false}
        maxLength={4096}
        readOnly={readOnly}
        value={url ?? ''}
        error={problem ?? error}
        onChange={(event) => onUrl(event.currentTarget.value || null)}
      />
      <NativeSelect
        className={styles.method}
        aria-label={t.methodOf(label)}
        value={method}
        data={['POST', 'GET']}
        disabled={readOnly}
        onChange={(event) => onMethod(event.currentTarget.value as HttpMethod)}
      />
    </div>
  )
}
