/**
 * What a person does in a chat. Each step is one transaction that holds the thread: the message, the window, and the
 * webhooks that tell of it, in the order in which the person did things.
 */
import type { PostbackRequest, SayRequest, ThreadMessage } from '../contract.ts'
import {
  deletionEvent,
  messageEvent,
  postbackEvent,
  readEvent,
  referralEvent,
  type WebhookEvent,
} from '../webhooks/events.ts'
import { enqueue } from '../webhooks/outbox.ts'
import { programUrl, toRef } from '../world/files.ts'
import {
  emptyMessage,
  findMessage,
  insertMessage,
  type MessageRow,
  markRead,
  toThreadMessage,
} from '../world/messages.ts'
import { midOf } from '../world/names.ts'
import { readProfile } from '../world/pages.ts'
import { lockThread, setBlocked, setPendingRef, type ThreadRow, touchThread } from '../world/threads.ts'
import type { Tx, World } from '../world/world.ts'
import { Refused } from './input.ts'

type Moment = { world: World; tx: Tx; thread: ThreadRow; at: Date }

/** One transaction that holds the thread. */
async function inThread<Result>(world: World, psid: string, act: (moment: Moment) => Promise<Result>): Promise<Result> {
  const done = await world.sql.begin(async (tx) => {
    const thread = await lockThread(tx, psid)
    return { result: await act({ world, tx, thread, at: world.clock.now() }) }
  })
  world.wake()
  return done.result
}

/** Queues the webhook; `mid` names the message whose state it decides. Answers whether an app listens. */
async function tellApps({ world, tx, thread, at }: Moment, event: WebhookEvent, mid?: string): Promise<boolean> {
  const { queued } = await enqueue(world, tx, thread, [event], { sentAt: at, ...(mid === undefined ? {} : { mid }) })
  return queued > 0
}

const refuseBlocked = (thread: ThreadRow): void => {
  if (thread.blocked) throw new Refused(409, 'the Page is blocked: unblock it first')
}

/** Keeps what the person wrote or tapped, and tells of it: this opens the window. */
async function keep(
  moment: Moment,
  event: WebhookEvent,
  message: Pick<MessageRow, 'mid' | 'text' | 'attachments' | 'replyTo'>,
): Promise<MessageRow> {
  const { tx, thread, at } = moment
  await touchThread(tx, thread.psid, at)
  const isHeard = await tellApps(moment, event, message.mid)
  return insertMessage(tx, {
    ...message,
    psid: thread.psid,
    fromPage: false,
    quickReplies: [],
    sentAt: at,
    deliveredAt: null,
    webhook: isHeard ? 'pending' : null,
  })
}

export async function say(world: World, psid: string, request: SayRequest): Promise<ThreadMessage> {
  const mid = midOf(psid, request.id)
  const attachments = (request.attachments ?? []).map(({ type, url }) => ({ type, url: toRef(world, url) }))
  const row = await inThread(world, psid, async (moment) => {
    const { tx, thread, at } = moment
    const known = await findMessage(tx, mid)
    if (known !== undefined) return known
    refuseBlocked(thread)
    const message = {
      mid,
      text: request.text,
      attachments: attachments.map(({ type, url }) => ({ type, payload: { url: programUrl(world, url) } })),
      quickReplyPayload: request.quickReply?.payload,
      replyTo: request.replyTo,
      ref: thread.pendingRef,
    }
    const kept = { mid, text: request.text ?? null, attachments, replyTo: request.replyTo ?? null }
    return keep(moment, messageEvent({ ...thread, at }, message), kept)
  })
  world.feed.publish({ type: 'message', psid, mid })
  return toThreadMessage(world, row)
}

/** In a new thread the tap on Get Started carries the Page's own payload and the link's ref (meta.md 1.9). */
export async function tap(world: World, psid: string, request: PostbackRequest): Promise<ThreadMessage> {
  const mid = midOf(psid, request.id)
  const { title } = request
  const row = await inThread(world, psid, async (moment) => {
    const { tx, thread, at } = moment
    const known = await findMessage(tx, mid)
    if (known !== undefined) return known
    refuseBlocked(thread)
    const { get_started: getStarted } = (await readProfile(tx, thread.pageId)) as { get_started?: { payload: string } }
    const isStart = thread.lastActionAt === null && title === 'Get Started' && getStarted !== undefined
    const payload = isStart ? getStarted.payload : request.payload
    if (payload === '') throw new Refused(400, '"payload" must not be empty')
    const event = postbackEvent({ ...thread, at }, { mid, title, payload, ref: thread.pendingRef })
    return keep(moment, event, { mid, text: title, attachments: [], replyTo: null })
  })
  world.feed.publish({ type: 'message', psid, mid })
  return toThreadMessage(world, row)
}

/** The person comes by a link: a known thread tells its ref at once, a new one with the person's first action. */
export async function arrive(world: World, psid: string, ref: string): Promise<void> {
  await inThread(world, psid, async (moment) => {
    const { tx, thread, at } = moment
    refuseBlocked(thread)
    if (thread.lastActionAt === null) {
      await setPendingRef(tx, psid, ref)
      return
    }
    await touchThread(tx, psid, at)
    await tellApps(moment, referralEvent({ ...thread, at }, ref))
  })
}

/** The person looks at the chat: all that the Page wrote is read. No webhook when there was nothing new. */
export async function look(world: World, psid: string): Promise<void> {
  const mids = await inThread(world, psid, async (moment) => {
    const { tx, thread, at } = moment
    const read = await markRead(tx, psid, at)
    if (read.length > 0) await tellApps(moment, readEvent({ ...thread, at }, at))
    return read
  })
  for (const mid of mids) world.feed.publish({ type: 'message', psid, mid })
}

export async function takeBack(world: World, psid: string, mid: string): Promise<void> {
  await inThread(world, psid, async (moment) => {
    const { tx, thread, at } = moment
    if (!(await emptyMessage(tx, psid, mid))) throw new Refused(404, 'no such message of this person')
    await tellApps(moment, deletionEvent({ ...thread, at }, mid))
  })
  world.feed.publish({ type: 'message', psid, mid })
}

/** No webhook tells of it: the Page learns by its next send. */
export async function block(world: World, psid: string, blocked: boolean): Promise<void> {
  await setBlocked(world.sql, psid, blocked)
  world.feed.publish({ type: 'state' })
}
