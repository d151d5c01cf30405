import type { MessageDetail, Waiting } from '../../../src/console/contract/messages.ts'
import { texts } from '../../texts/texts.ts'
import { Time } from '../../ui/time.tsx'
import styles from './waterfall.module.css'

const t = texts.console.message.waits

/** What is still to come, below what has happened. */
export const Waits = ({ message: { waits } }: { message: MessageDetail }) => {
  if (waits.length === 0) return null
  return (
    <div className={styles.waits}>
      <h3>{t.heading}</h3>
      <ul>
        {waits.map((wait) => (
          <li key={`${wait.what} ${wait.status} ${wait.ahead}`}>
            {t.what[wait.what](wait.status)}
            <span className={styles.note}>
              <When wait={wait} />
              {wait.attempts > 0 && <> · {t.attempts(wait.attempts)}</>}
            </span>
          </li>
        ))}
      </ul>
    </div>
  )
}

const When = ({ wait: { isRunning, ahead, dueAt } }: { wait: Waiting }) => {
  if (isRunning) return t.running
  return (
    <>
      {ahead > 0 ? t.behind(ahead) : t.next} <Time at={dueAt} precise />
    </>
  )
}
