import { Link } from '@tanstack/react-router'
import type { ChannelDetail, CodeView } from '../../../src/console/contract/messages.ts'
import { texts } from '../../texts/texts.ts'
import card from '../card.module.css'
import { useAccount } from '../frame/use-account.ts'
import styles from './message-page.module.css'

const t = texts.console.message

/** An error in plain words, with what to do, and the raw codes. */
export const CodeBox = ({ error, detail }: { error: CodeView; detail: ChannelDetail | null }) => (
  <section className={`${card.card} ${card.inner} ${styles.box}`}>
    <h2>
      {error.code} · {error.title}
    </h2>
    <Explanation error={error} />
    {detail && (
      <dl>
        <div>
          <dt>
            {t.whatMetaSaid} ({t.metaCode(detail.code, detail.subcode)})
          </dt>
          <dd>{detail.message}</dd>
        </div>
      </dl>
    )}
    <ExplanationLink code={error.code} />
  </section>
)

export const Explanation = ({ error: { reason, meanings, title } }: { error: CodeView }) => (
  <>
    {reason !== null && reason !== title && <p>{reason}</p>}
    {meanings.map(({ when, todo }) => (
      <dl key={when}>
        <div>
          <dt>{t.whatItMeans}</dt>
          <dd>{when}</dd>
        </div>
        {todo !== null && (
          <div>
            <dt>{t.whatToDo}</dt>
            <dd>{todo}</dd>
          </div>
        )}
      </dl>
    ))}
  </>
)

export const ExplanationLink = ({ code }: { code: number }) => {
  const { sid } = useAccount()
  return (
    <Link to="/$accountSid/errors" params={{ accountSid: sid }} hash={String(code)}>
      {t.explanation(code)}
    </Link>
  )
}
