import { Button } from '@mantine/core'
import { useInfiniteQuery } from '@tanstack/react-query'
import type { AuditView, Page } from '../../../src/console/contract.ts'
import { texts } from '../../texts/texts.ts'
import { Notice } from '../../ui/notice.tsx'
import { PageTitle } from '../../ui/page-title.tsx'
import { Problem } from '../../ui/problem.tsx'
import { Time } from '../../ui/time.tsx'
import { generalProblem, get } from '../api.ts'
import card from '../card.module.css'
import { useAccount } from '../frame/use-account.ts'

const t = texts.console.audit

export const AuditPage = () => {
  const account = useAccount()
  const trail = useInfiniteQuery({
    queryKey: ['audit', account.sid],
    queryFn: ({ pageParam }) =>
      get<Page<AuditView>>(`/accounts/${account.sid}/audit${pageParam === '' ? '' : `?after=${pageParam}`}`),
    initialPageParam: '',
    getNextPageParam: ({ next }) => next,
  })
  const entries = trail.data?.pages.flatMap(({ items }) => items) ?? []
  return (
    <>
      <PageTitle title={t.title} account={account.name} lead={t.lead} />
      <Problem text={generalProblem(trail.error)} />
      {trail.data !== undefined && entries.length === 0 && <Notice heading={t.emptyHeading} text={t.empty} />}
      {entries.length > 0 && (
        <section className={`${card.card} ${card.scroll}`}>
          <table className={`${card.table} ${card.trail}`}>
            <thead>
              <tr>
                <th scope="col">{t.when}</th>
                <th scope="col">{t.who}</th>
                <th scope="col">{t.what}</th>
              </tr>
            </thead>
            <tbody>
              {entries.map((entry) => (
                <Entry key={entry.id} entry={entry} />
              ))}
            </tbody>
          </table>
        </section>
      )}
      {trail.hasNextPage && (
        <Button variant="default" loading={trail.isFetchingNextPage} onClick={() => trail.fetchNextPage()}>
          {texts.console.more}
        </Button>
      )}
    </>
  )
}

const Entry = ({ entry }: { entry: AuditView }) => (
  <tr>
    <td>
      <Time at={entry.at} />
    </td>
    <td>
      {entry.actor}
      <div className={card.soft}>
        {t.source[entry.source]}
        {entry.address !== null && ` ${t.from(entry.address)}`}
      </div>
    </td>
    <td>
      <code>{entry.eventType}</code>
      <div className={card.soft}>{entry.resourceSid}</div>
      <Changes before={entry.before} after={entry.after} />
    </td>
  </tr>
)

/** What was one way and is another now. */
const Changes = ({ before, after }: Pick<AuditView, 'before' | 'after'>) => {
  const names = [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])]
  const changed = names.filter((name) => say(before?.[name]) !== say(after?.[name]))
  return changed.map((name) => (
    <div key={name}>
      {name}: {say(before?.[name]) !== '' && <del>{say(before?.[name])}</del>}{' '}
      {say(after?.[name]) !== '' && <ins>{say(after?.[name])}</ins>}
    </div>
  ))
}

/** Nothing of what is not set. */
const say = (value: unknown): string => {
  if (value === null || value === undefined) return ''
  return typeof value === 'string' ? value : JSON.stringify(value)
}
