import { Button, Textarea } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import type { FormEvent, KeyboardEvent } from 'react'
import type { ContactDetail, Reply, ThreadMessage } from '../../../src/console/contract/contacts.ts'
import { texts } from '../../texts/texts.ts'
import { Icon } from '../../ui/icons.tsx'
import { newUuid } from '../../ui/new-id.ts'
import { Problem } from '../../ui/problem.tsx'
import { call, generalProblem } from '../api.ts'
import { useDraft } from '../channels/use-draft.ts'
import { useAccount } from '../frame/use-account.ts'
import styles from './contacts.module.css'
import { threadKey } from './thread.tsx'

const t = texts.console.contacts

export const ReplyBox = ({ contactId, person }: { contactId: string; person: ContactDetail }) => {
  const { sid } = useAccount()
  const client = useQueryClient()
  // The id is one and the same until it was taken, so that a second try is not a second message.
  const [{ body, id }, change] = useDraft(`pagewire-reply ${sid} ${contactId}`, { body: '', id: newUuid() })
  const send = useMutation({
    mutationFn: () =>
      call<ThreadMessage>('POST', `/accounts/${sid}/contacts/${contactId}/messages`, { id, body } satisfies Reply),
    onSuccess: () => {
      change({ body: '', id: newUuid() })
      return client.invalidateQueries({ queryKey: threadKey(sid, contactId) })
    },
  })
  const isClosed = person.windowMs === 0
  const isOut =
    person.optedOutAt !== null || person.windowMs === null || (isClosed && person.outsideWindow === 'refuse')
  const submit = (event?: FormEvent) => {
    event?.preventDefault()
    if (body.trim() !== '' && !send.isPending && !isOut) send.mutate()
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return
    event.preventDefault()
    submit()
  }
  return (
    <form onSubmit={submit} className={styles.reply}>
      <Problem text={generalProblem(send.error)} />
      {person.windowMs === null && <p className={styles.state}>{t.never}</p>}
      {isClosed && person.optedOutAt === null && <p className={styles.state}>{t.outside[person.outsideWindow]}</p>}
      <div className={styles.composer}>
        <Textarea
          className={styles.grow ?? ''}
          aria-label={t.reply}
          placeholder={t.replyHint}
          description={t.sendHint}
          inputWrapperOrder={['label', 'input', 'description', 'error']}
          autosize
          minRows={1}
          maxRows={8}
          maxLength={1600}
          value={body}
          disabled={isOut}
          onChange={(event) => {
            // Another text is another message.
            change({ body: event.currentTarget.value, ...(send.isError && { id: newUuid() }) })
            if (send.isError) send.reset()
          }}
          onKeyDown={onKeyDown}
        />
        <Button
          type="submit"
          loading={send.isPending}
          disabled={isOut || body.trim() === ''}
          leftSection={<Icon name="send" size={16} />}
        >
          {t.send}
        </Button>
      </div>
    </form>
  )
}
