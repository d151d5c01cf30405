/**
 * Does what an event asks for that was kept and not acted on when it came: its Page belonged to nobody, its account was
 * suspended, or this program did not know its kind yet. Comes in: an event's id. Goes out: what would have come of it
 * then, in one transaction, once, however often it is asked for; or why nothing does.
 */
import type { ChannelEvent } from '#core/channel.ts'
import type { AccountSid, Id } from '#core/ids.ts'
import { type EventRecord, emptyIdleEvent, findIdleEvent } from '#store/events.ts'
import { othersHaveApps } from '#store/provider-apps.ts'
import { findReplay } from '#store/replays.ts'
import type { Unit } from './commit.ts'
import type { Flow } from './flow.ts'
import { STANDBY, unitFor } from './receive-event.ts'

/** How the key of an event begins that is an earlier one, acted on at last. */
export const AGAIN = 'again|'

type Possible = { ok: true; unit: Unit; madeId: Id }
type Impossible = { ok: false; reason: string }

export async function replayEvent(
  flow: Flow,
  accountSid: AccountSid,
  id: Id,
  madeBy: string,
): Promise<{ ok: true; madeId: Id } | Impossible | undefined> {
  const event = await findIdleEvent(flow.sql, accountSid, id)
  if (!event) return undefined
  const earlier = await findReplay(flow.sql, accountSid, id, id)
  if (earlier?.madeId) return { ok: true, madeId: earlier.madeId }
  const prepared = await prepareReplay(flow, accountSid, event)
  if (!prepared.ok) return prepared
  const { unit, madeId } = prepared
  const replay = { accountSid, messageId: id, id, kind: 'inbound' as const, madeBy, madeId }
  const { outcome } = await flow.commit({ ...unit, replay })
  const made = outcome === 'duplicate' ? (await findReplay(flow.sql, accountSid, id, id))?.madeId : madeId
  if (!made) return no('It was received again meanwhile')
  // Its content is the message's from now on, and goes when the message is deleted or taken back.
  await emptyIdleEvent(flow.sql, id)
  return { ok: true, madeId: made }
}

/** What would come of it now. Writes nothing. */
export async function prepareReplay(
  flow: Flow,
  accountSid: AccountSid,
  event: EventRecord,
): Promise<Possible | Impossible> {
  const channel = flow.channels.get(event.channel)
  if (!channel) return no('Its channel is not there any more')
  if (event.note === STANDBY) return no('Another app held the conversation, and answers it')
  const again = channel.readAgain(event)
  const meaning = meaningless(again)
  if (meaning) return no(meaning)
  const sender = await flow.directory.senderAt(event.channel, event.senderAddress)
  if (sender?.accountSid !== accountSid) {
    return no(sender ? 'Another account holds this Page' : 'Connect the Page first: no account holds it')
  }
  // Accounts know the secrets of the apps that they bring along, and it is not kept through which app an event came.
  if (event.accountSid === null && (await othersHaveApps(flow.sql, accountSid))) {
    return no('It came while no account held the Page, perhaps through the Meta app of another account')
  }
  const unit = await unitFor(flow, channel, sender, again)
  const [message, answer] = unit.messages ?? []
  if (!message) return no(unit.event?.note ?? 'Nothing comes of it')
  if (answer || unit.action?.optOut) return no('STOP, START and HELP count when they are written, not later')
  // Under a key of its own: the event itself is known already.
  const kept = unit.event && { ...unit.event, dedupeKey: `${AGAIN}${event.id}` }
  return { ok: true, unit: { ...unit, ...(kept && { event: kept }) }, madeId: message.id }
}

const no = (reason: string): Impossible => ({ ok: false, reason })

function meaningless(event: ChannelEvent): string | undefined {
  switch (event.kind) {
    case 'message':
    case 'postback':
    case 'referral':
      return undefined
    case 'other':
      return 'Messages are made of what people write or tap; events of this kind are kept to be looked at'
    case 'echo':
      return 'It tells what somebody else sent for the Page: nobody is to be told or answered'
    default:
      return 'It tells about messages that were not sent from here'
  }
}
