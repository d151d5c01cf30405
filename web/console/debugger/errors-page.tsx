import { TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useLocation } from '@tanstack/react-router'
import { useEffect } from 'react'
import type { ErrorCodes } from '../../../src/console/contract/messages.ts'
import { texts } from '../../texts/texts.ts'
import { Icon } from '../../ui/icons.tsx'
import { PageTitle } from '../../ui/page-title.tsx'
import { Problem } from '../../ui/problem.tsx'
import { generalProblem, get } from '../api.ts'
import card from '../card.module.css'
import { useAccount } from '../frame/use-account.ts'
import { useAddress } from '../use-address.ts'
import styles from './debugger.module.css'

const t = texts.console.errorCodes

/** The tables of docs/errors.md. `#11200` leads to a code. */
export const ErrorsPage = () => {
  const account = useAccount()
  const { hash } = useLocation()
  const [search, change] = useAddress()
  const codes = useQuery({
    queryKey: ['error-codes'],
    queryFn: () => get<ErrorCodes>('/error-codes'),
    staleTime: Number.POSITIVE_INFINITY,
  })
  const isThere = codes.data !== undefined
  // The address was opened before there was anything to go to. A code that stands in several tables: the last one.
  useEffect(() => {
    if (!isThere || hash === '') return
    const found = document.querySelectorAll<HTMLElement>(`[data-code="${CSS.escape(hash)}"]`)
    found[found.length - 1]?.scrollIntoView({ block: 'center' })
  }, [isThere, hash])
  const word = (search.find ?? '').toLowerCase()
  const sections = (codes.data?.sections ?? []).map((section) => ({
    ...section,
    codes: section.codes.filter(({ code, when, todo }) => `${code} ${when} ${todo ?? ''}`.toLowerCase().includes(word)),
  }))
  return (
    <>
      <PageTitle title={t.title} account={account.name} lead={t.lead} />
      <Problem text={generalProblem(codes.error)} />
      <TextInput
        aria-label={t.find}
        placeholder={t.find}
        leftSection={<Icon name="search" size={16} />}
        maw={360}
        value={search.find ?? ''}
        onChange={(event) => change({ find: event.currentTarget.value })}
      />
      {isThere && sections.every((section) => section.codes.length === 0) && <p>{t.nothing}</p>}
      {sections.map(
        (section) =>
          section.codes.length > 0 && (
            <section key={section.title}>
              <h2 className={styles.section}>{section.title}</h2>
              <dl className={card.card}>
                {section.codes.map(({ code, when, todo }) => (
                  <div
                    key={`${code} ${when}`}
                    className={`${styles.entry} ${hash === String(code) ? styles.chosen : ''}`}
                    data-code={code}
                  >
                    <dt>{code}</dt>
                    <dd>{when}</dd>
                    <dd className={styles.todo}>{todo}</dd>
                  </div>
                ))}
              </dl>
            </section>
          ),
      )}
    </>
  )
}
