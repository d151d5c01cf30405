import { Link } from '@tanstack/react-router'
import type { AlertView } from '../../../src/console/contract/messages.ts'
import { texts } from '../../texts/texts.ts'
import { CopyField } from '../../ui/copy-field.tsx'
import { Time } from '../../ui/time.tsx'
import { useAccount } from '../frame/use-account.ts'
import { Pairs } from '../messages/pairs.tsx'
import styles from './debugger.module.css'

const t = texts.console.debugger
const e = texts.console.message.exchange

/** One alert; behind it the request and the answer, where there are any. `isAlone`: outside of its code's group. */
export const AlertLine = ({ alert, isAlone = false }: { alert: AlertView; isAlone?: boolean }) => {
  const { sid } = useAccount()
  const { request, response, messageSid } = alert
  const line = (
    <>
      <Time at={alert.createdAt} precise />
      <span className={styles.text}>
        {isAlone && `${alert.code} · `}
        {alert.text}
      </span>
    </>
  )
  return (
    <div className={styles.alert}>
      {request === null ? (
        <div className={styles.line}>{line}</div>
      ) : (
        <details>
          <summary className={styles.line}>{line}</summary>
          <div className={styles.details}>
            <code className={styles.url}>
              {request.method} {request.url}
            </code>
            <Pairs heading={e.params} pairs={request.params} />
            <Pairs heading={`${t.request}: ${e.headers}`} pairs={request.headers} />
            {response && <Pairs heading={`${t.response}: ${e.headers}`} pairs={response.headers} />}
            {response && response.body !== '' && (
              <CopyField label={`${t.response}: ${e.body}`} value={response.body} block />
            )}
          </div>
        </details>
      )}
      {messageSid !== null && !isAlone && (
        <Link
          className={styles.link}
          to="/$accountSid/messages/$sid"
          params={{ accountSid: sid, sid: messageSid }}
          preload={false}
        >
          {t.openMessage}
        </Link>
      )}
    </div>
  )
}
