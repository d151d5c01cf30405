/**
 * Keeps what a channel brought. Comes in: the events of one webhook call. Goes out: one transaction with each event
 * (once, however often it is delivered), what it changes, and the work that follows. Must be durable before it returns,
 * as the provider is told so then; must not ask anybody but the database.
 */
import type { Channel, ChannelEvent, EchoEvent, InboundEvent } from '#core/channel.ts'
import { newId } from '#core/ids.ts'
import type { ContactKey } from '#store/contacts.ts'
import type { NewEvent } from '#store/events.ts'
import type { InboundDetail, NewMessage } from '#store/messages.ts'
import type { Sender } from '#store/senders.ts'
import type { MessagingService } from '#store/services.ts'
import type { Unit } from './commit.ts'
import type { Flow } from './flow.ts'
import { receivesNothing } from './inbound-webhook.ts'
import { readKeyword } from './opt-out.ts'
import { readPartMark } from './part-mark.ts'

/**
 * In the order given. Throws when the store does, or too much waits for it: then nothing of the call is kept. `appId`:
 * whose signature it had; `bytes`: how long it was.
 */
export async function receiveEvents(
  flow: Flow,
  channel: Channel,
  appId: string,
  events: readonly ChannelEvent[],
  bytes: number,
): Promise<void> {
  const all = await Promise.all(events.map((event) => unitOf(flow, channel, appId, event)))
  const units = all.filter((unit) => unit !== undefined)
  if (units.length > 0) await flow.accept(units, bytes)
}

export const STANDBY = 'standby: another app holds the conversation'

async function unitOf(flow: Flow, channel: Channel, appId: string, event: ChannelEvent): Promise<Unit | undefined> {
  const sender = event.senderAddress ? await flow.directory.senderAt(channel.name, event.senderAddress) : undefined
  // Accounts know the secrets of the apps that they bring along: one must not speak for the senders of another. Nothing
  // is kept, as the sender's own app tells the same event, and would find it known already.
  if (sender && appId !== flow.defaultAppId && appId !== sender.providerAppId) {
    flow.log.warn({ appId, senderAddress: sender.address }, 'an event came through another app than its sender has')
    return undefined
  }
  return await unitFor(flow, channel, sender, event)
}

/** Whatever app it came through. */
export async function unitFor(
  flow: Flow,
  channel: Channel,
  sender: Sender | undefined,
  event: ChannelEvent,
): Promise<Unit> {
  const kept: NewEvent = {
    accountSid: sender?.accountSid ?? null,
    id: newId(),
    channel: channel.name,
    senderAddress: event.senderAddress,
    contactAddress: event.contactAddress,
    dedupeKey: event.dedupeKey,
    kind: event.kind === 'other' ? event.name : event.kind,
    note: null,
    happenedAt: event.happenedAt,
    raw: event.raw,
  }
  if (!sender) return { event: { ...kept, note: 'no account holds this sender' } }
  if (event.kind === 'other') return { event: { ...kept, note: event.reason } }

  const contact = { accountSid: sender.accountSid, senderId: sender.id, address: event.contactAddress }
  switch (event.kind) {
    case 'message':
    case 'postback':
    case 'referral': {
      const action = { ...contact, actedAt: event.happenedAt }
      if (event.standby) return { event: { ...kept, note: STANDBY }, action }
      const account = await flow.directory.account(sender.accountSid)
      const { serviceId } = sender
      const service = serviceId && (await flow.directory.service(sender.accountSid, serviceId))
      const { deletionKey } = event
      const heard = inbound(kept, event, sender, service || null, contact)
      const unit = deletionKey === null ? heard : { ...heard, deletionKey }
      return account?.isActive ? unit : unanswered(unit, kept)
    }
    case 'echo':
      return echo(kept, event, contact)
    case 'delivery':
    case 'read': {
      const { kind, channelMessageIds, watermark } = event
      return { event: kept, receipts: [{ ...contact, kind, channelMessageIds, watermark }] }
    }
    case 'deletion':
      return { event: kept, takenBack: [{ ...contact, channelMessageId: event.channelMessageId }] }
  }
}

function inbound(
  kept: NewEvent,
  event: InboundEvent,
  sender: Sender,
  service: MessagingService | null,
  contact: ContactKey,
): Unit {
  const keyword = event.kind === 'message' ? readKeyword(event.text, sender, service) : undefined
  const detail: InboundDetail = {
    ...(event.button && { button: event.button }),
    ...(event.referral && { referral: event.referral }),
    ...(event.location && { location: event.location }),
    ...(event.repliedTo !== null && { repliedTo: event.repliedTo }),
    ...(keyword && { optOutType: keyword.type }),
  }
  const base = {
    accountSid: sender.accountSid,
    channel: sender.channel,
    senderId: sender.id,
    senderAddress: sender.address,
    contactAddress: event.contactAddress,
    statusCallbackUrl: null,
    actionUrl: null,
    actionMethod: null,
    validitySeconds: 36_000,
    tags: null,
    contentRetention: 'retain' as const,
    addressRetention: 'retain' as const,
    serviceId: service?.id ?? null,
    sendAt: null,
  }
  const message: NewMessage = {
    ...base,
    id: newId(),
    direction: 'inbound',
    body: event.text,
    media: event.media.map(({ url, contentType }) => ({ url, contentType })),
    status: 'received',
    eventId: kept.id,
    channelMessageId: event.channelMessageId,
    inbound: Object.keys(detail).length > 0 ? detail : null,
  }
  const action = { ...contact, actedAt: event.happenedAt }
  const swallowed = receivesNothing(service)
  const noted = swallowed ? { ...kept, note: 'the messaging service has no inbound URL: not kept as a message' } : kept
  const messages = swallowed ? [] : [message]
  if (!keyword) return { event: noted, action, messages }

  const answer: NewMessage = {
    ...base,
    id: newId(),
    direction: 'outbound-reply',
    body: keyword.answer,
    media: [],
    status: 'queued',
    eventId: null,
    channelMessageId: null,
    inbound: null,
    causeId: swallowed ? null : message.id,
  }
  if (keyword.type === 'HELP') return { event: noted, action, messages: [...messages, answer], exempt: true }
  const optOut = keyword.type === 'STOP' ? 'stop' : 'start'
  return { event: noted, action: { ...action, optOut, confirmation: answer }, messages }
}

/** The account may not receive now: what the person did counts, opting out too, but there is no message and no answer. */
function unanswered({ action }: Unit, kept: NewEvent): Unit {
  const event = { ...kept, note: 'the account is not active' }
  if (!action) return { event }
  const { confirmation: _, ...acted } = action
  return { event, action: acted }
}

/** An echo of our own send settles it, whether the answer came, comes later or was lost. */
function echo(kept: NewEvent, event: EchoEvent, contact: ContactKey): Unit {
  const mark = readPartMark(event.metadata)
  if (!mark) return { event: { ...kept, note: 'sent to the person by someone else' } }
  return {
    event: kept,
    partResults: [
      {
        ...contact,
        ...mark,
        state: 'sent',
        channelMessageId: event.channelMessageId,
        happenedAt: event.happenedAt,
        code: null,
        detail: null,
      },
    ],
  }
}
