import type { QuickReply } from '../../src/sandbox/contract.ts'
import { texts } from '../texts/texts.ts'
import type { ChatActions } from './chat-actions.ts'
import { webUrlOf } from './links.ts'
import styles from './quick-replies.module.css'

const t = texts.sandbox

/** What a tap says. For an address or a number, Messenger offers the person's own and gives it as the payload too. */
const wordsOf = ({ content_type, title, payload }: QuickReply): { label: string; text: string; payload: string } => {
  if (content_type === 'user_email') return own(t.quickReplyEmail, 'person@example.com')
  if (content_type === 'user_phone_number') return own(t.quickReplyPhone, '+15550100')
  const words = title || payload || ''
  return { label: words, text: words, payload: payload || words }
}

const own = (label: string, value: string) => ({ label, text: value, payload: value })

type QuickRepliesProps = { replies: QuickReply[]; send: ChatActions['send'] }

export const QuickReplies = ({ replies, send }: QuickRepliesProps) => (
  <fieldset className={styles.replies} aria-label={t.quickReplies}>
    {replies.map((reply, index) => {
      const { label, text, payload } = wordsOf(reply)
      const picture = reply.image_url === undefined ? undefined : webUrlOf(reply.image_url)
      return (
        <button
          // biome-ignore lint/suspicious/noArrayIndexKey: the replies of a message never change
          key={index}
          type="button"
          onClick={() => send({ kind: 'say', request: { text, quickReply: { payload } } })}
        >
          {picture !== undefined && <img src={picture} alt="" />}
          {label}
        </button>
      )
    })}
  </fieldset>
)
