import { texts } from '../texts/texts.ts'
import { Icon } from '../ui/icons.tsx'
import type { ChatActions } from './chat-actions.ts'
import { FilePreview } from './file-previews.tsx'
import marks from './mark.module.css'
import rows from './message-row.module.css'
import type { Unsent } from './outbox.ts'
import styles from './unsent-row.module.css'

const t = texts.sandbox

type UnsentRowProps = { item: Unsent; actions: ChatActions }

/** A message on its way, or one that did not get there. */
export const UnsentRow = ({ item, actions }: UnsentRowProps) => {
  const { id, what, problem } = item
  const failed = problem !== null
  return (
    <li
      className={rows.row}
      data-from="person"
      data-first="true"
      data-last="true"
      data-unsent={failed ? 'failed' : 'sending'}
    >
      <div className={rows.line}>
        <div className={rows.said}>
          {what.kind === 'file' ? (
            <span className={styles.file} data-picture={what.file.type.startsWith('image/')}>
              <FilePreview file={what.file} />
            </span>
          ) : (
            <p className={rows.bubble}>{what.kind === 'say' ? what.request.text : what.request.title}</p>
          )}
        </div>
        <span className={marks.mark} data-tone={failed ? 'bad' : 'soft'}>
          <Icon name={failed ? 'alert' : 'clock'} size={16} />
        </span>
      </div>
      <div className={rows.meta}>
        {failed ? (
          <>
            <span role="alert" className={rows.failed}>
              {t.notSent} {problem}
            </span>
            <button type="button" className={rows.link} onClick={() => actions.retry(id)}>
              {texts.tryAgain}
            </button>
            <button type="button" className={rows.link} onClick={() => actions.discard(id)}>
              {t.discard}
            </button>
          </>
        ) : (
          <span>{t.sending}</span>
        )}
      </div>
    </li>
  )
}
