/** `POST /{page}/messages`: a message or a sender action of the Page (meta.md 2). */
import type { Attachment } from '../contract.ts'
import { deliveryEvent, echoEvent, type SentAttachment } from '../webhooks/events.ts'
import { enqueue, untilDelivered } from '../webhooks/outbox.ts'
import { programUrl } from '../world/files.ts'
import { insertMessage, markSeen } from '../world/messages.ts'
import { newMid } from '../world/names.ts'
import { findThread, nextOfPage, setTyping, type ThreadRow } from '../world/threads.ts'
import type { World } from '../world/world.ts'
import { type KeptAttachment, keepAttachment } from './attachment.ts'
import { type Handler, pageCaller } from './call.ts'
import { noSuchUser, outsideWindow, personUnavailable } from './error.ts'
import { disturbAfter, disturbBefore, throwDice } from './send-faults.ts'
import { type OrderedMessage, readSendOrder } from './send-order.ts'
import { needScope } from './user.ts'
import { isWindowOpen } from './window.ts'

/** The answer of the call goes first, the echo soon after. */
const ECHO_DELAY_MS = 40
/** With the fault `echo-first` the answer waits for the echo at most so long. */
const ECHO_WAIT_MS = 3000
/** typing_on shows for so long unless a message comes (meta.md 2.7). */
const TYPING_MS = 20_000

export const sendMessage: Handler = async (world, call) => {
  const { pageId, app, scopes } = pageCaller(call)
  needScope(scopes, 'pages_messaging')
  const order = readSendOrder(call.params)
  const hits = 'message' in order ? await throwDice(world, pageId) : []
  if ('message' in order && hits.length > 0) {
    const isHeavy = ['audio', 'video'].includes(order.message.attachment?.type ?? '')
    const broken = await disturbBefore(world, call, hits, { pageId, isHeavy })
    if (broken !== undefined) return broken
  }
  const thread = await findThread(world.sql, order.psid)
  if (thread === undefined || thread.pageId !== pageId) throw noSuchUser()
  if (thread.blocked) throw personUnavailable()
  if ('action' in order) {
    if (order.action === 'mark_seen') await showSeen(world, thread.psid)
    else await showTyping(world, thread.psid, order.action === 'typing_on')
    return { recipient_id: thread.psid }
  }
  if (!isWindowOpen(thread.lastActionAt, world.clock.now(), order.humanAgent)) throw outsideWindow()

  const { attachment } = order.message
  const kept =
    attachment === undefined || attachment.type === 'template'
      ? undefined
      : await keepAttachment(world, pageId, attachment)
  const mid = await deliver(world, thread, app.id, order.message, kept)
  const broken = disturbAfter(hits)
  if (broken !== undefined) return broken
  const reusableId = attachment && 'reusable' in attachment ? kept?.attachmentId : null
  return {
    recipient_id: thread.psid,
    message_id: mid,
    ...(reusableId ? { attachment_id: reusableId } : {}),
  }
}

/** Puts the message on the person's pretend device, which is always online, and tells the apps. */
async function deliver(
  world: World,
  thread: ThreadRow,
  appId: string,
  message: OrderedMessage,
  kept: KeptAttachment | undefined,
): Promise<string> {
  const { pageId, psid } = thread
  const mid = newMid()
  const { awaited } = await world.sql.begin(async (tx) => {
    const number = await nextOfPage(tx, psid)
    const sentAt = world.clock.now()
    const place = { pageId, psid, at: sentAt }
    const { text, metadata, replyTo } = message
    const echo = echoEvent(place, { appId, mid, metadata, text, attachments: sent(world, message, kept), replyTo })
    const delivery = deliveryEvent(place, [mid], sentAt)
    const [, queued] = await Promise.all([
      insertMessage(tx, {
        mid,
        number,
        metadata: metadata ?? null,
        psid,
        fromPage: true,
        text: text ?? null,
        attachments: shown(message, kept),
        quickReplies: message.quickReplies,
        replyTo: replyTo ?? null,
        sentAt,
        deliveredAt: sentAt,
        webhook: null,
      }),
      enqueue(world, tx, place, [echo, delivery], { delayMs: ECHO_DELAY_MS, sentAt }),
    ])
    return queued
  })
  world.feed.publish({ type: 'message', psid, mid })
  world.wake(awaited.length > 0 ? 0 : ECHO_DELAY_MS + 5)
  if (awaited.length > 0) await untilDelivered(world.sql, awaited, ECHO_WAIT_MS)
  return mid
}

/** As the chat shows them. */
function shown({ attachment }: OrderedMessage, kept: KeptAttachment | undefined): Attachment[] {
  if (attachment?.type === 'template') return [attachment]
  return kept === undefined ? [] : [{ type: kept.type, url: kept.ref }]
}

/** As the echo tells them. An attachment id is a number there. */
function sent(world: World, { attachment }: OrderedMessage, kept: KeptAttachment | undefined): SentAttachment[] {
  if (attachment?.type === 'template') return [{ type: 'template', payload: attachment.payload }]
  if (kept === undefined) return []
  const id = kept.attachmentId === null ? {} : { attachment_id: Number(kept.attachmentId) }
  return [{ type: kept.type, payload: { url: programUrl(world, kept.ref), ...id } }]
}

async function showSeen(world: World, psid: string): Promise<void> {
  const mids = await markSeen(world.sql, psid, world.clock.now())
  for (const mid of mids) world.feed.publish({ type: 'message', psid, mid })
}

async function showTyping(world: World, psid: string, on: boolean): Promise<void> {
  const until = on ? new Date(world.clock.now().getTime() + TYPING_MS) : null
  await setTyping(world.sql, psid, until)
  world.feed.publish({ type: 'typing', psid, on })
  if (until !== null) setTimeout(() => void endTyping(world, psid, until).catch(() => {}), TYPING_MS).unref()
}

/** Unless the Page went on typing, or stopped, in the meantime. */
async function endTyping(world: World, psid: string, until: Date): Promise<void> {
  const thread = await findThread(world.sql, psid)
  if (thread?.typingUntil?.getTime() === until.getTime()) world.feed.publish({ type: 'typing', psid, on: false })
}
