import { useState } from 'react'
import type { MessageDetail, Step } from '../../../src/console/contract/messages.ts'
import { texts } from '../../texts/texts.ts'
import { sayDuration } from '../../ui/durations.ts'
import { Icon } from '../../ui/icons.tsx'
import { Instant } from '../../ui/time.tsx'
import { useAddress } from '../use-address.ts'
import { StepDetails } from './step-details.tsx'
import { nameOf, noteOf } from './step-names.ts'
import { spansOf } from './step-spans.ts'
import styles from './waterfall.module.css'

const t = texts.console.message.step

/** Every step as a bar on one line of time. Which one is open stands in the address. */
export const Waterfall = ({ message }: { message: MessageDetail }) => {
  const { steps } = message
  const [search, change] = useAddress()
  const [failed] = useState(() => steps.find(({ outcome }) => outcome === 'bad')?.id)
  const open = search.step ?? failed
  const spans = spansOf(steps)
  const startMs = Date.parse(steps[0]?.at ?? message.createdAt)
  return (
    <ol className={styles.steps}>
      {steps.map((step, index) => {
        const isOpen = step.id === open
        const id = `step-${index}`
        const span = spans[index]!
        return (
          <li key={step.id} className={styles.step} data-outcome={step.outcome}>
            <button
              type="button"
              className={styles.head}
              aria-expanded={hasDetails(step) ? isOpen : undefined}
              aria-controls={hasDetails(step) ? id : undefined}
              onClick={() => hasDetails(step) && change({ step: isOpen ? 'none' : step.id })}
            >
              <span className={styles.at}>
                {step.bound ? t.boundSign[step.bound] : '+'}
                {sayDuration(Math.max(0, Date.parse(step.at) - startMs))}
                <span className={styles.instant}>
                  <Instant at={step.at} beside={message.createdAt} />
                </span>
              </span>
              <span className={styles.name}>
                {nameOf(step, message)}
                <span className={styles.note}>{noteOf(step)}</span>
              </span>
              <span className={styles.track} aria-hidden="true">
                <span className={styles.bar} style={{ left: `${span.left}%`, width: `${span.width}%` }} />
              </span>
              <span className={styles.took}>{step.durationMs === null ? '' : sayDuration(step.durationMs)}</span>
              <span className={styles.mark} data-open={isOpen}>
                {hasDetails(step) && <Icon name="chevron" size={16} />}
              </span>
            </button>
            {isOpen && hasDetails(step) && (
              <div className={styles.details} id={id}>
                <StepDetails step={step} messageSid={message.sid} />
              </div>
            )}
          </li>
        )
      })}
    </ol>
  )
}

const hasDetails = ({ event, exchange, part, replay }: Step): boolean =>
  Boolean(event ?? exchange ?? part ?? replay?.madeSid)
