/** Threads as the chat page shows them. */
import type { Thread, ThreadDetail } from '../contract.ts'
import type { Greeting, IceBreakers, PersistentMenu } from '../graph/messenger-profile.ts'
import { findMessage, listMessages, toThreadMessage } from '../world/messages.ts'
import { readProfile } from '../world/pages.ts'
import { findPerson } from '../world/people.ts'
import type { ThreadRow } from '../world/threads.ts'
import type { World } from '../world/world.ts'

const SHOWN_MESSAGES = 500

type Row = { psid: string; pageId: string; pageName: string; unread: number; lastMid: string | null }

const threadRows = (world: World, personId: string, psid: string | null) => world.sql<Row[]>`
  select t.psid, p.id as "pageId", p.name as "pageName", l.mid as "lastMid",
    (select count(*)::integer from sandbox.messages m where m.psid = t.psid and m.from_page and m.read_at is null) as unread
  from sandbox.threads t join sandbox.pages p on p.id = t.page_id
  left join lateral (
    select mid, position from sandbox.messages m where m.psid = t.psid order by position desc limit 1
  ) l on true
  where t.person_id = ${personId} and (${psid}::text is null or t.psid = ${psid})
  order by l.position desc nulls last, t.created_at desc limit 200`

/** Newest first; undefined when there is no such person. */
export async function listThreads(
  world: World,
  personId: string,
  psid: string | null = null,
): Promise<Thread[] | undefined> {
  const person = await findPerson(world.sql, personId)
  if (person === undefined) return undefined
  const rows = await threadRows(world, personId, psid)
  return Promise.all(
    rows.map(async ({ pageId, pageName, lastMid, ...row }) => {
      const last = lastMid === null ? undefined : await findMessage(world.sql, lastMid)
      return {
        page: { id: pageId, name: pageName },
        person,
        psid: row.psid,
        lastMessage: last === undefined ? null : toThreadMessage(world, last),
        unread: row.unread,
      }
    }),
  )
}

export async function showThread(world: World, thread: ThreadRow): Promise<ThreadDetail> {
  const [summary] = (await listThreads(world, thread.personId, thread.psid)) ?? []
  if (summary === undefined) throw new Error('the thread is gone')
  const messages = await listMessages(world.sql, thread.psid, SHOWN_MESSAGES)
  const profile = await readProfile(world.sql, thread.pageId)
  const isNew = thread.lastActionAt === null
  const greeting = forEverybody(profile.greeting as Greeting | undefined)?.text ?? null
  return {
    ...summary,
    messages: messages.map((message) => toThreadMessage(world, message)),
    typing: thread.typingUntil !== null && thread.typingUntil > world.clock.now(),
    getStarted: isNew && profile.get_started !== undefined,
    blocked: thread.blocked,
    greeting: greeting === null ? null : fillIn(greeting, summary.person.name),
    iceBreakers: isNew ? (forEverybody(profile.ice_breakers as IceBreakers | undefined)?.call_to_actions ?? []) : [],
    menu: forEverybody(profile.persistent_menu as PersistentMenu | undefined)?.call_to_actions ?? [],
  }
}

const forEverybody = <Entry extends { locale: string }>(entries: Entry[] | undefined): Entry | undefined =>
  entries?.find((entry) => entry.locale === 'default') ?? entries?.[0]

const fillIn = (greeting: string, name: string): string => {
  const [first = '', ...rest] = name.split(' ')
  return greeting
    .replaceAll('{{user_first_name}}', () => first)
    .replaceAll('{{user_last_name}}', () => rest.join(' '))
    .replaceAll('{{user_full_name}}', () => name)
}
