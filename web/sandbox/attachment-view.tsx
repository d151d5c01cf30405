import { useState } from 'react'
import type { Attachment } from '../../src/sandbox/contract.ts'
import { texts } from '../texts/texts.ts'
import { Icon } from '../ui/icons.tsx'
import styles from './attachment-view.module.css'
import type { ChatActions } from './chat-actions.ts'
import { webUrlOf } from './links.ts'
import { TemplateView } from './template-view.tsx'

const t = texts.sandbox

type AttachmentViewProps = { attachment: Attachment; title: string; tabIndex: number; send: ChatActions['send'] }

export const AttachmentView = ({ attachment, title, tabIndex, send }: AttachmentViewProps) => {
  if (attachment.type === 'template') {
    return <TemplateView payload={attachment.payload} title={title} tabIndex={tabIndex} send={send} />
  }
  const url = webUrlOf(attachment.url)
  if (url === undefined) return <FileLink url={undefined} label={t.attachment[attachment.type]} tabIndex={tabIndex} />
  if (attachment.type === 'image') return <Picture url={url} title={title} tabIndex={tabIndex} />
  if (attachment.type === 'audio') {
    return (
      // biome-ignore lint/a11y/useMediaCaption: what people send has no captions
      <audio className={styles.audio} controls preload="metadata" src={url} tabIndex={tabIndex} title={title} />
    )
  }
  if (attachment.type === 'video') {
    return (
      // biome-ignore lint/a11y/useMediaCaption: what people send has no captions
      <video className={styles.video} controls preload="metadata" src={url} tabIndex={tabIndex} title={title} />
    )
  }
  return <FileLink url={url} label={fileNameOf(url)} tabIndex={tabIndex} />
}

/** A place of fixed size, so that nothing moves when the picture arrives. */
const Picture = ({ url, title, tabIndex }: { url: string; title: string; tabIndex: number }) => {
  const [broken, setBroken] = useState(false)
  if (broken) return <FileLink url={url} label={t.brokenPicture} tabIndex={tabIndex} />
  return (
    <a
      className={styles.picture}
      href={url}
      target="_blank"
      rel="noopener noreferrer"
      title={title}
      tabIndex={tabIndex}
      aria-label={t.openPicture}
    >
      <img src={url} alt="" loading="lazy" decoding="async" onError={() => setBroken(true)} />
    </a>
  )
}

type FileLinkProps = { url: string | undefined; label: string; tabIndex: number }

const FileLink = ({ url, label, tabIndex }: FileLinkProps) => {
  const inside = (
    <>
      <Icon name="file" size={18} />
      <span>{label}</span>
    </>
  )
  if (url === undefined) return <span className={styles.file}>{inside}</span>
  return (
    <a className={styles.file} href={url} target="_blank" rel="noopener noreferrer" tabIndex={tabIndex}>
      {inside}
    </a>
  )
}

const fileNameOf = (url: string): string => {
  const name = new URL(url, window.location.origin).pathname.split('/').at(-1) ?? ''
  try {
    return decodeURIComponent(name) || t.attachment.file
  } catch {
    return name || t.attachment.file
  }
}
