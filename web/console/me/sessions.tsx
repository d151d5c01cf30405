import { Button } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import type { SessionView } from '../../../src/console/contract.ts'
import { texts } from '../../texts/texts.ts'
import { Problem } from '../../ui/problem.tsx'
import { Time } from '../../ui/time.tsx'
import { call, generalProblem, get } from '../api.ts'
import card from '../card.module.css'
import { browserOf } from './browser-of.ts'

const t = texts.console.me

export const Sessions = () => {
  const client = useQueryClient()
  const sessions = useQuery({ queryKey: ['sessions'], queryFn: () => get<SessionView[]>('/me/sessions') })
  const end = useMutation({
    mutationFn: (id: string) => call<void>('DELETE', `/me/sessions/${id}`),
    onSettled: () => client.invalidateQueries({ queryKey: ['sessions'] }),
  })
  return (
    <section className={card.card}>
      <div className={card.inner}>
        <h2>{t.sessionsHeading}</h2>
        <Problem text={generalProblem(sessions.error ?? end.error)} />
      </div>
      {sessions.data?.map(({ id, userAgent, address, seenAt, current }) => (
        <div className={card.row} key={id}>
          <div className={card.grow}>
            {browserOf(userAgent) ?? t.unknownBrowser}
            <div className={card.soft}>
              {address} · {t.lastSeen} <Time at={seenAt} ago />
              {current && ` · ${t.thisBrowser}`}
            </div>
          </div>
          {!current && (
            <Button variant="default" size="xs" onClick={() => end.mutate(id)}>
              {t.endSession}
            </Button>
          )}
        </div>
      ))}
    </section>
  )
}
