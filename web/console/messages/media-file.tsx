import type { MediaView } from '../../../src/console/contract/messages.ts'
import { texts } from '../../texts/texts.ts'
import { Icon } from '../../ui/icons.tsx'
import styles from './message-page.module.css'

const t = texts.console.message.media

/** Our own copy of a file. What we have no copy of is a link: the console loads nothing from others by itself. */
export const MediaFile = ({ file: { url, contentType, fileName, state, source } }: { file: MediaView }) => {
  const name = fileName ?? contentType ?? t.elsewhere
  if (url === null) {
    const note = state === 'failed' ? ` ${t.failed}` : state === 'waiting' ? ` ${t.waiting}` : ''
    return (
      <span className={styles.file}>
        <Icon name="file" size={18} />
        {source !== null && state === 'elsewhere' ? (
          <a href={source} target="_blank" rel="noreferrer">
            {source}
          </a>
        ) : (
          name
        )}
        {note}
      </span>
    )
  }
  const [kind] = contentType?.split('/') ?? []
  if (kind === 'image') {
    return (
      <a href={url} target="_blank" rel="noreferrer" aria-label={t.open(name)}>
        <img className={styles.media} src={url} alt={name} loading="lazy" />
      </a>
    )
  }
  // biome-ignore lint/a11y/useMediaCaption: people's own recordings have none
  if (kind === 'audio') return <audio className={styles.media} src={url} controls preload="none" aria-label={name} />
  if (kind === 'video') {
    // biome-ignore lint/a11y/useMediaCaption: people's own recordings have none
    return <video className={styles.media} src={url} controls preload="none" aria-label={name} />
  }
  return (
    <a className={styles.file} href={url} target="_blank" rel="noreferrer">
      <Icon name="file" size={18} />
      {t.open(name)}
    </a>
  )
}
