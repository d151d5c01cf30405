import { Link } from '@tanstack/react-router'
import type { Overview } from '../../../src/console/contract/overview.ts'
import { texts } from '../../texts/texts.ts'
import card from '../card.module.css'
import { useAccount } from '../frame/use-account.ts'
import styles from './overview.module.css'

const t = texts.console.overview
const number = new Intl.NumberFormat(texts.locale)
const COLUMNS = ['inbound', 'outbound', 'delivered', 'read', 'failed'] as const

export const PagesTable = ({ pages }: { pages: Overview['pages'] }) => {
  const { sid: accountSid } = useAccount()
  if (pages.length === 0) return <p>{t.noPages}</p>
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it may scroll sideways, so the keyboard must reach it
    <section className={`${card.card} ${card.scroll}`} aria-label={t.pages} tabIndex={0}>
      <table className={`${card.table} ${styles.pages}`}>
        <thead>
          <tr>
            <th scope="col">{t.name}</th>
            {COLUMNS.map((column) => (
              <th key={column} scope="col">
                {t[column]}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {pages.map((page) => (
            <tr key={page.sid}>
              <th scope="row">
                <Link to="/$accountSid/messages" params={{ accountSid }} search={{ sender: page.sid } as never}>
                  {page.name}
                </Link>
                {page.status !== 'ONLINE' && <span className={styles.offline}>{t.offline}</span>}
              </th>
              {COLUMNS.map((column) => (
                <td key={column} data-bad={column === 'failed' && page.failed > 0}>
                  {number.format(page[column])}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}
