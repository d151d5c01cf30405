import type { ThreadDetail } from '../../src/sandbox/contract.ts'
import { texts } from '../texts/texts.ts'
import { Avatar } from '../ui/avatar.tsx'
import type { ChatActions } from './chat-actions.ts'
import styles from './empty-chat.module.css'
import chips from './quick-replies.module.css'

const t = texts.sandbox

type EmptyChatProps = { thread: ThreadDetail; send: ChatActions['send'] }

/** A chat in which nothing was said: the Page's own greeting and questions, or ours. */
export const EmptyChat = ({ thread, send }: EmptyChatProps) => {
  const { page, greeting, getStarted, iceBreakers } = thread
  return (
    <div className={styles.empty}>
      <Avatar name={page.name} kind="page" size={72} />
      <h3>{t.emptyChatHeading(page.name)}</h3>
      {greeting !== null && <p className={styles.greeting}>{greeting}</p>}
      <p>{getStarted ? t.emptyChatStart : t.emptyChat}</p>
      {iceBreakers.length > 0 && (
        <fieldset className={`${chips.replies} ${styles.questions}`} aria-label={t.questions}>
          {iceBreakers.map(({ question, payload }) => (
            <button
              key={question}
              type="button"
              onClick={() => send({ kind: 'postback', request: { title: question, payload } })}
            >
              {question}
            </button>
          ))}
        </fieldset>
      )}
    </div>
  )
}
