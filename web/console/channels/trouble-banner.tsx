import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { SenderTroubleView } from '../../../src/console/contract/channels.ts'
import { texts } from '../../texts/texts.ts'
import { get } from '../api.ts'
import styles from './channels.module.css'
import { channelsPath } from './queries.ts'

const t = texts.console.trouble

const LOOK_EVERY_MS = 60_000

const useTrouble = (accountSid: string) =>
  useQuery({
    queryKey: ['channels', accountSid, 'trouble'],
    queryFn: () => get<SenderTroubleView[]>(`${channelsPath(accountSid)}/trouble`),
    refetchInterval: LOOK_EVERY_MS,
    meta: { live: ['sender', 'alert'] },
  })

/** Until the first answer, or its failure: what is shown before it would jump when a banner comes above it. */
export const useIsSettling = (accountSid: string): boolean => {
  const { isPending, failureCount } = useTrouble(accountSid)
  return isPending && failureCount === 0
}

/** Pages that need somebody, on whatever page one is: before messages fail. */
export const TroubleBanner = ({ accountSid }: { accountSid: string }) => {
  const { data = [] } = useTrouble(accountSid)
  if (data.length === 0) return null
  return (
    <section className={styles.banner} aria-label={t.label}>
      <ul>
        {data.map(({ sid, name, text }) => (
          <li key={sid}>
            {t.one(name, text)} <Link to={`/${accountSid}/channels/messenger/${sid}` as string}>{t.open(name)}</Link>
          </li>
        ))}
      </ul>
    </section>
  )
}
