import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import type { Overview } from '../../../src/console/contract/overview.ts'
import { texts } from '../../texts/texts.ts'
import { sayDuration } from '../../ui/durations.ts'
import { useAccount } from '../frame/use-account.ts'
import styles from './overview.module.css'

const t = texts.console.overview
const number = new Intl.NumberFormat(texts.locale)
const percent = new Intl.NumberFormat(texts.locale, { style: 'percent', maximumFractionDigits: 1 })

export const Tiles = ({ overview }: { overview: Overview }) => {
  const { sid } = useAccount()
  const { totals, callbacks, queues } = overview
  const share = (count: number) => (totals.outbound === 0 ? '' : t.ofSent(percent.format(count / totals.outbound)))
  return (
    <dl className={styles.tiles}>
      <Tile name={t.inbound} value={number.format(totals.inbound)} />
      <Tile name={t.outbound} value={number.format(totals.outbound)} />
      <Tile name={t.delivered} value={number.format(totals.delivered)} note={share(totals.delivered)} />
      <Tile name={t.read} value={number.format(totals.read)} note={share(totals.read)} />
      <Tile
        name={t.failed}
        value={number.format(totals.failed)}
        isBad={totals.failed > 0}
        note={
          totals.failed > 0 && (
            <Link
              to="/$accountSid/messages"
              params={{ accountSid: sid }}
              search={{ status: 'failed,undelivered', from: overview.from } as never}
            >
              {t.failures}
            </Link>
          )
        }
      />
      <Tile
        name={t.callbacks}
        hint={t.callbacksHint}
        value={callbacks.p50 === null ? '–' : sayDuration(callbacks.p50)}
        note={
          callbacks.p95 === null ? (
            t.noCallbacks
          ) : (
            <>
              {t.p95(sayDuration(callbacks.p95))}
              {callbacks.failed > 0 && (
                <>
                  <br />
                  <Link to="/$accountSid/debugger" params={{ accountSid: sid }}>
                    {t.callbacksFailed(callbacks.failed, callbacks.calls)}
                  </Link>
                </>
              )}
            </>
          )
        }
      />
      <div className={styles.tile}>
        <dt>{t.queues}</dt>
        <dd className={styles.queues}>
          {queues.map(({ kind, waiting, atLeast, oldestMs }) => (
            <span key={kind} className={styles.queue}>
              {t.queue[kind]}:{' '}
              <b>
                {waiting === 0 ? t.nothingWaits : atLeast ? t.atLeast(number.format(waiting)) : number.format(waiting)}
              </b>
              {oldestMs !== null && oldestMs >= 1000 && ` · ${t.oldest(sayDuration(oldestMs))}`}
            </span>
          ))}
        </dd>
      </div>
    </dl>
  )
}

type TileProps = { name: string; value: string; note?: ReactNode; hint?: string; isBad?: boolean }

const Tile = ({ name, value, note, hint, isBad = false }: TileProps) => (
  <div className={styles.tile} title={hint}>
    <dt>{name}</dt>
    <dd className={styles.value} data-bad={isBad}>
      {value}
    </dd>
    {note && <dd className={styles.note}>{note}</dd>}
  </div>
)
