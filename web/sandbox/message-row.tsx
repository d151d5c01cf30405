import { VisuallyHidden } from '@mantine/core'
import { memo } from 'react'
import type { ThreadMessage } from '../../src/sandbox/contract.ts'
import { texts } from '../texts/texts.ts'
import { Avatar } from '../ui/avatar.tsx'
import { AttachmentView } from './attachment-view.tsx'
import type { ChatActions } from './chat-actions.ts'
import { Mark } from './mark.tsx'
import { MessageMenu } from './message-menu.tsx'
import styles from './message-row.module.css'
import { MessageText } from './message-text.tsx'
import { clockTime, exactTime } from './times.ts'

const t = texts.sandbox

type MessageRowProps = {
  message: ThreadMessage
  /** Its place in a group of messages of one side. */
  first: boolean
  last: boolean
  /** Whether the tab key stops here, and at the controls inside. */
  tabStop: boolean
  pageName: string
  actions: ChatActions
  activate: (mid: string) => void
}

export const MessageRow = memo((props: MessageRowProps) => {
  const { message, first, last, tabStop, pageName, actions, activate } = props
  const { mid, from, text, attachments, takenBack } = message
  const sentAt = new Date(message.sentAt)
  const tabIndex = tabStop ? 0 : -1
  return (
    <li
      className={styles.row}
      data-from={from}
      data-first={first}
      data-last={last}
      data-mid={mid}
      tabIndex={tabIndex}
      onFocus={() => activate(mid)}
    >
      <VisuallyHidden>{from === 'person' ? t.youSaid : t.pageSaid(pageName)}</VisuallyHidden>
      <div className={styles.line}>
        {from === 'page' && (
          <span className={styles.face}>{last && <Avatar name={pageName} kind="page" size={28} />}</span>
        )}
        <div className={styles.said}>
          {takenBack ? (
            <p className={styles.takenBack} title={exactTime(sentAt)}>
              {from === 'person' ? t.takenBackByYou : t.takenBackByPage}
            </p>
          ) : (
            <>
              {attachments.map((attachment, index) => (
                <AttachmentView
                  // biome-ignore lint/suspicious/noArrayIndexKey: a message's attachments never change
                  key={index}
                  attachment={attachment}
                  title={exactTime(sentAt)}
                  tabIndex={tabIndex}
                  send={actions.send}
                />
              ))}
              {text !== null && text !== '' && (
                <p className={styles.bubble} title={exactTime(sentAt)}>
                  <MessageText text={text} tabIndex={tabIndex} />
                </p>
              )}
            </>
          )}
        </div>
        <Mark message={message} />
        {!takenBack && <MessageMenu message={message} tabIndex={tabIndex} actions={actions} />}
      </div>
      {last && (
        <p className={styles.meta}>
          <time dateTime={message.sentAt} title={exactTime(sentAt)}>
            {clockTime(sentAt)}
          </time>
          <Trouble message={message} tabIndex={tabIndex} showPage={actions.showPage} />
        </p>
      )}
    </li>
  )
})

type TroubleProps = { message: ThreadMessage; tabIndex: number; showPage: () => void }

/** In words why the Page's app knows nothing of this message, and what helps. */
const Trouble = ({ message, tabIndex, showPage }: TroubleProps) => {
  if (message.from !== 'person' || message.takenBack) return null
  if (message.webhook === 'failed') return <span className={styles.failed}>{t.failedText}</span>
  if (message.webhook !== null) return null
  return (
    <span>
      {t.undeliveredText}{' '}
      <button type="button" className={styles.link} tabIndex={tabIndex} onClick={showPage}>
        {t.connectThisPage}
      </button>
    </span>
  )
}
