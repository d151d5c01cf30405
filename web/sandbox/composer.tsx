import { ActionIcon, Button, Textarea } from '@mantine/core'
import { type ClipboardEvent, type KeyboardEvent, useEffect, useRef, useState } from 'react'
import type { ThreadDetail, ThreadMessage } from '../../src/sandbox/contract.ts'
import { texts } from '../texts/texts.ts'
import { Icon } from '../ui/icons.tsx'
import { newUuid } from '../ui/new-id.ts'
import type { ChatActions } from './chat-actions.ts'
import styles from './composer.module.css'
import { draftOf, keepDraft } from './drafts.ts'
import { type ChosenFile, FilePreviews } from './file-previews.tsx'
import { gistOf } from './gist.ts'
import type { Lane } from './outbox.ts'
import { PageMenu } from './page-menu.tsx'

const t = texts.sandbox

const ACCEPTED = /^(image\/|audio\/|video\/|application\/pdf$)/

type ComposerProps = {
  lane: Lane
  pageName: string
  /** Undefined while it is being fetched. */
  thread: ThreadDetail | undefined
  /** Something is on its way already. */
  begun: boolean
  replyTo: ThreadMessage | null
  cancelReply: () => void
  actions: ChatActions
}

/** Where the person writes; a blocked Page and one that asks to be started have a button there instead. */
export const Composer = (props: ComposerProps) => {
  const { thread, begun, actions } = props
  if (thread?.blocked === true) {
    return (
      <div className={styles.instead}>
        <p>{t.blocked}</p>
        <Button variant="default" onClick={() => void actions.setBlocked(false)}>
          {t.unblock}
        </Button>
      </div>
    )
  }
  if (thread?.getStarted === true && !begun) {
    // By this title the server knows the tap and puts in the Page's own payload (contract.ts, `start`).
    const request = { title: 'Get Started', payload: '' }
    return (
      <div className={styles.instead}>
        <Button size="md" fullWidth onClick={() => actions.send({ kind: 'postback', request })}>
          {t.getStarted}
        </Button>
      </div>
    )
  }
  return <WritingBox {...props} />
}

const WritingBox = ({ lane, pageName, thread, replyTo, cancelReply, actions }: ComposerProps) => {
  const [text, setText] = useState(() => draftOf(lane))
  const [files, setFiles] = useState<ChosenFile[]>([])
  const [problem, setProblem] = useState<string | null>(null)
  const box = useRef<HTMLTextAreaElement>(null)
  const chooser = useRef<HTMLInputElement>(null)
  const nothing = text.trim() === '' && files.length === 0

  useEffect(() => keepDraft(lane, text), [lane, text])
  useEffect(() => {
    // On touch screens the focus would raise the keyboard over the chat.
    if (window.matchMedia('(hover: hover)').matches) box.current?.focus()
  }, [])
  useEffect(() => {
    if (replyTo !== null) box.current?.focus()
  }, [replyTo])

  const attach = (chosen: Iterable<File>) => {
    const all = [...chosen]
    const usable = all.filter(({ type }) => ACCEPTED.test(type))
    setProblem(usable.length < all.length ? t.unusableFile : null)
    setFiles((before) => [...before, ...usable.map((file) => ({ key: newUuid(), file }))])
    box.current?.focus()
  }

  const submit = () => {
    if (nothing) return
    const reply = replyTo === null ? {} : { replyTo: replyTo.mid }
    // As in Messenger, each file is a message of its own, before the words.
    for (const { file } of files) actions.send({ kind: 'file', file })
    if (text.trim() !== '') actions.send({ kind: 'say', request: { text: text.trim(), ...reply } })
    setText('')
    setFiles([])
    setProblem(null)
    cancelReply()
    box.current?.focus()
  }

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Escape' && replyTo !== null) cancelReply()
    if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return
    event.preventDefault()
    submit()
  }

  const onPaste = (event: ClipboardEvent) => {
    const pasted = event.clipboardData.files
    if (pasted.length === 0) return
    event.preventDefault()
    attach(pasted)
  }

  return (
    <form
      className={styles.composer}
      onSubmit={(event) => {
        event.preventDefault()
        submit()
      }}
    >
      {replyTo !== null && (
        <div className={styles.reply}>
          <Icon name="reply" size={16} />
          <span>
            {t.replyingTo} “{gistOf(replyTo)}”
          </span>
          <ActionIcon variant="subtle" color="gray" aria-label={t.cancelReply} onClick={cancelReply}>
            <Icon name="close" size={16} />
          </ActionIcon>
        </div>
      )}
      <FilePreviews files={files} remove={(key) => setFiles((before) => before.filter((one) => one.key !== key))} />
      {problem !== null && (
        <p className={styles.problem} role="alert">
          {problem}
        </p>
      )}
      <div className={styles.line}>
        <PageMenu items={thread?.menu ?? []} send={actions.send} />
        <input
          ref={chooser}
          type="file"
          accept="image/*,audio/*,video/*,application/pdf"
          multiple
          hidden
          aria-label={t.attach}
          onChange={({ currentTarget }) => {
            attach(currentTarget.files ?? [])
            currentTarget.value = ''
          }}
        />
        <ActionIcon
          variant="subtle"
          size={40}
          radius="xl"
          aria-label={t.attach}
          title={t.attach}
          onClick={() => chooser.current?.click()}
        >
          <Icon name="picture" size={22} />
        </ActionIcon>
        <Textarea
          ref={box}
          className={styles.box ?? ''}
          classNames={{ input: styles.input ?? '' }}
          aria-label={t.composer(pageName)}
          placeholder={t.composerHint}
          dir="auto"
          autosize
          minRows={1}
          maxRows={7}
          radius="xl"
          enterKeyHint="send"
          value={text}
          onChange={({ currentTarget }) => setText(currentTarget.value)}
          onKeyDown={onKeyDown}
          onPaste={onPaste}
        />
        <ActionIcon type="submit" size={40} radius="xl" aria-label={t.send} title={t.send} disabled={nothing}>
          <Icon name="send" />
        </ActionIcon>
      </div>
    </form>
  )
}
