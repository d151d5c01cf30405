import type { TemplatePayload, ThreadMessage } from '../../src/sandbox/contract.ts'
import { texts } from '../texts/texts.ts'

const t = texts.sandbox

const templateWords = (payload: TemplatePayload): string =>
  (payload.template_type === 'button' ? payload.text : payload.elements[0]?.title) || t.template

/** A message in one line, without who said it. */
export const gistOf = (message: ThreadMessage): string => {
  if (message.takenBack) return message.from === 'person' ? t.takenBackByYou : t.takenBackByPage
  if (message.text !== null && message.text !== '') return message.text
  const attachment = message.attachments[0]
  if (attachment === undefined) return ''
  return attachment.type === 'template' ? templateWords(attachment.payload) : t.attachment[attachment.type]
}
