/** Threads: one person as known to one Page, under a page-scoped id. */
import { newPsid } from './names.ts'
import type { Tx } from './world.ts'

export type ThreadRow = {
  psid: string
  pageId: string
  personId: string
  lastActionAt: Date | null
  typingUntil: Date | null
  blocked: boolean
  pendingRef: string | null
}

const columns = (sql: Tx) => sql`
  psid, page_id as "pageId", person_id as "personId", last_action_at as "lastActionAt",
  typing_until as "typingUntil", blocked, pending_ref as "pendingRef"`

export async function findThread(sql: Tx, psid: string): Promise<ThreadRow | undefined> {
  const [thread] = await sql<ThreadRow[]>`select ${columns(sql)} from sandbox.threads where psid = ${psid}`
  return thread
}

/** Makes the thread when it is new; undefined when there is no such Page or person. */
export async function openThread(sql: Tx, pageId: string, personId: string): Promise<ThreadRow | undefined> {
  const find = () => sql<ThreadRow[]>`
    select ${columns(sql)} from sandbox.threads where page_id = ${pageId} and person_id = ${personId}`
  const [known] = await find()
  if (known !== undefined) return known
  await sql`
    insert into sandbox.threads (psid, page_id, person_id)
    select ${newPsid()}, p.id, h.id from sandbox.pages p, sandbox.people h where p.id = ${pageId} and h.id = ${personId}
    on conflict (page_id, person_id) do nothing`
  const [made] = await find()
  return made
}

/** Holds the thread until the transaction ends: whatever is added to it is added in one order, on every node. */
export async function lockThread(tx: Tx, psid: string): Promise<ThreadRow> {
  const [thread] = await tx<ThreadRow[]>`
    select ${columns(tx)} from sandbox.threads where psid = ${psid} for update`
  if (thread === undefined) throw new Error('the thread is gone')
  return thread
}

/**
 * Holds the thread as above for a message of the Page, which ends its typing. Answers the message's number among the
 * Page's own.
 */
export async function nextOfPage(tx: Tx, psid: string): Promise<number> {
  const [thread] = await tx<{ number: number }[]>`
    update sandbox.threads set sent_count = sent_count + 1, typing_until = null where psid = ${psid}
    returning sent_count::float8 as number`
  if (thread === undefined) throw new Error('the thread is gone')
  return thread.number
}

/** The person did something that opens the window; the Page has now been told of the link, too. */
export const touchThread = (tx: Tx, psid: string, at: Date) =>
  tx`update sandbox.threads set last_action_at = ${at}, pending_ref = null where psid = ${psid}`

export const setPendingRef = (tx: Tx, psid: string, ref: string) =>
  tx`update sandbox.threads set pending_ref = ${ref} where psid = ${psid}`

export const setTyping = (tx: Tx, psid: string, until: Date | null) =>
  tx`update sandbox.threads set typing_until = ${until} where psid = ${psid}`

export const setBlocked = (tx: Tx, psid: string, blocked: boolean) =>
  tx`update sandbox.threads set blocked = ${blocked} where psid = ${psid}`
