/**
 * Delivery and read marks onto messages. Receipts and the answers of sends may come in any order: both look here for
 * the other, under the conversation's lock, so that neither is missed. A message is delivered, or read, when all its
 * parts are; what is read has been delivered.
 */
import { firstIdAt, type Id } from '#core/ids.ts'
import type { Begun } from '#jobs/queue.ts'
import type { Tx } from '#store/connection.ts'
import { type ContactKey, contactKey, type LockedContact, saveReceipts } from '#store/contacts.ts'
import type { StatusMove } from '#store/messages.ts'
import { type PartResult, receiptStates, receiveParts } from '#store/parts.ts'
import { updateStatus } from './update-status.ts'

export type Receipt = ContactKey & { kind: 'delivery' | 'read'; channelMessageIds: string[]; watermark: Date }

const MAX_EARLY = 50
/**
 * Between the provider's date of a send and our commit of its answer, while no echo has told the date. Somebody who has
 * the chat open may read a message before we have the answer.
 */
const ANSWER_TAKES_MS = 100
/** If a receipt is about nothing else: media are fetched before the answer. */
const ANSWER_TAKES_AT_MOST_MS = 2000
/** From a message's making to its sending: 35 days if it is scheduled, then its validity, and some. */
const SENT_WITHIN_MS = 40 * 24 * 3_600_000

/** In the transaction that holds the conversations' locks. */
export async function applyReceipts(
  tx: Tx,
  receipts: readonly Receipt[],
  results: readonly (PartResult & ContactKey)[],
  contacts: ReadonlyMap<string, LockedContact>,
  begun: Begun,
): Promise<void> {
  type Mark = ContactKey & { ids: string[]; deliveredUntil: Date | null; readUntil: Date | null; oldest: Id }
  const marks = new Map<string, Mark>()
  const markOf = (key: ContactKey): Mark => {
    const known = contacts.get(contactKey(key))
    const existing = marks.get(contactKey(key))
    if (existing) return existing
    const made: Mark = {
      accountSid: key.accountSid,
      senderId: key.senderId,
      address: key.address,
      ids: [...(known?.earlyReceipts ?? [])],
      deliveredUntil: known?.deliveredUntil ?? null,
      readUntil: known?.readUntil ?? null,
      oldest: firstIdAt(new Date(known ? known.unreadSince.getTime() - SENT_WITHIN_MS : 0)),
    }
    marks.set(contactKey(key), made)
    return made
  }
  for (const receipt of receipts) {
    const mark = markOf(receipt)
    mark.ids.push(...receipt.channelMessageIds)
    if (receipt.kind === 'read') mark.readUntil = later(mark.readUntil, receipt.watermark)
    else mark.deliveredUntil = later(mark.deliveredUntil, receipt.watermark)
  }
  for (const result of results) {
    if (result.state !== 'sent') continue
    const mark = markOf(result)
    // Sent long ago perhaps, and told only now.
    if (result.messageId < mark.oldest) mark.oldest = result.messageId
  }
  const all = [...marks.values()].filter((mark) => mark.ids.length > 0 || mark.deliveredUntil || mark.readUntil)
  if (all.length === 0) return

  const touched = await receiveParts(tx, all, ANSWER_TAKES_MS)
  const explained = new Set(touched.map(contactKey))
  const puzzling = new Set(receipts.map(contactKey).filter((key) => !explained.has(key)))
  const others = all.filter((mark) => puzzling.has(contactKey(mark)))
  touched.push(...(await receiveParts(tx, others, ANSWER_TAKES_AT_MOST_MS)))
  if (receipts.length > 0) {
    const known = new Set(touched.map((part) => part.channelMessageId))
    const changed = new Set(receipts.map(contactKey))
    await saveReceipts(
      tx,
      all
        .filter((mark) => changed.has(contactKey(mark)))
        .map((mark) => ({ ...mark, earlyReceipts: mark.ids.filter((id) => !known.has(id)).slice(-MAX_EARLY) })),
    )
  }
  // Also of parts that an echo had told of before: their receipts may have come when the message was not "sent" yet.
  const states = await receiptStates(tx, [...touched, ...results.filter((result) => result.state === 'sent')])
  const moves = states.flatMap(({ accountSid, messageId, delivered, read }): StatusMove[] => [
    ...(delivered || read ? [move(accountSid, messageId, 'delivered')] : []),
    ...(read ? [move(accountSid, messageId, 'read')] : []),
  ])
  await updateStatus(tx, moves, begun)
}

const move = (accountSid: string, messageId: Id, to: 'delivered' | 'read'): StatusMove => ({
  accountSid,
  messageId,
  to,
})

const later = (a: Date | null, b: Date): Date => (a && a > b ? a : b)
