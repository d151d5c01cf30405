/**
 * What people did, onto their contacts. Comes in: units of change in the transaction that holds the conversations' locks.
 * Goes out: the contacts that are new, and the confirmations to those whose opting out or in is a change.
 */
import type { Tx } from '#store/connection.ts'
import {
  type ContactAction,
  type ContactKey,
  contactKey,
  type LockedContact,
  recordActions as recordInContacts,
  saveOptOut,
} from '#store/contacts.ts'
import type { NewMessage } from '#store/messages.ts'

/** `confirmation` goes out when the opting out or in is a change. */
export type Action = ContactAction & { optOut?: 'stop' | 'start'; confirmation?: NewMessage }

/** In the order given: of one person's several opt-outs and opt-ins each is weighed against the one before it. */
export async function recordActions(
  tx: Tx,
  actions: readonly Action[],
  contacts: ReadonlyMap<string, LockedContact>,
): Promise<{ newContacts: ContactKey[]; confirmations: NewMessage[] }> {
  const newContacts = await recordInContacts(tx, newestOf(actions))
  const now = new Map<string, boolean>()
  const confirmations: NewMessage[] = []
  for (const action of actions) {
    if (!action.optOut) continue
    const key = contactKey(action)
    const before = now.get(key) ?? Boolean(contacts.get(key)?.optedOutAt)
    const after = action.optOut === 'stop'
    now.set(key, after)
    if (before === after) continue
    await saveOptOut(tx, action, after)
    if (action.confirmation) confirmations.push(action.confirmation)
  }
  return { newContacts, confirmations }
}

/** A set may hold several actions of one person; PostgreSQL updates a row once per statement. */
function newestOf(actions: readonly Action[]): ContactAction[] {
  const newest = new Map<string, ContactAction>()
  for (const { accountSid, senderId, address, actedAt } of actions) {
    const action = { accountSid, senderId, address, actedAt }
    const known = newest.get(contactKey(action))
    if (!known || known.actedAt < action.actedAt) newest.set(contactKey(action), action)
  }
  return [...newest.values()]
}
