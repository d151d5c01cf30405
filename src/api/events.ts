/** Monitor v1 Events: who changed what in the account, by the API or in the console (twilio.md 10). */
import type { FastifyInstance } from 'fastify'
import { fromSid, type Id, type SidPrefix, toSid } from '#core/ids.ts'
import type { Flow } from '#messaging/flow.ts'
import { type AuditEntry, findAuditEntry, listAuditEntries } from '#store/audit.ts'
import { notFound } from './answers.ts'
import { accountOf } from './authenticate.ts'
import { readMoment } from './date-filter.ts'
import { iso8601 } from './dates.ts'
import { type Form, readQuery } from './form.ts'
import { metaOf, readPage, toPage } from './paging.ts'

const PATH = '/monitor/v1/Events'

export function eventRoutes(scope: FastifyInstance, flow: Flow): void {
  scope.get(PATH, async (request) => {
    const accountSid = accountOf(request)
    const page = readPage(request.url, ['AE'])
    const query = readQuery(request.url)
    const actorSid = textOf(query, 'ActorSid')
    const filter = {
      accountSid,
      actors: actorSid === undefined ? undefined : namesOf(actorSid),
      eventType: textOf(query, 'EventType'),
      resourceSid: textOf(query, 'ResourceSid'),
      address: textOf(query, 'SourceIpAddress'),
      from: readMoment(query.one('StartDate'), 'StartDate')?.from,
      before: readMoment(query.one('EndDate'), 'EndDate')?.before,
    }
    const found = await listAuditEntries(flow.sql, filter, page.edge, page.size + 1)
    const { items, ...links } = toPage(flow.publicUrl + PATH, page, found, sidOf)
    return { events: items.map((entry) => eventJson(flow, entry)), meta: metaOf('events', page, links) }
  })

  scope.get(`${PATH}/:sid`, async (request) => {
    const id = fromSid((request.params as { sid: string }).sid, 'AE')
    const entry = id && (await findAuditEntry(flow.sql, accountOf(request), id))
    if (!entry) throw notFound(request)
    return eventJson(flow, entry)
  })
}

const textOf = (query: Form, name: string) => query.one(name)?.replaceAll('\0', '').toWellFormed() || undefined

const sidOf = (entry: AuditEntry): string => toSid('AE', entry.id)

const SOURCES = { console: 'web', api: 'api', system: 'twilio' } as const

function eventJson(flow: Flow, entry: AuditEntry) {
  const actorSid = sidWithin(entry.actor)
  const resourceSid = sidWithin(entry.resourceSid)
  const actor = actorSid && urlOf(flow, entry.accountSid, actorSid)
  const resource = resourceSid && urlOf(flow, entry.accountSid, resourceSid)
  return {
    account_sid: entry.accountSid,
    actor_sid: actorSid && `US${actorSid.slice(2)}`,
    actor_type: entry.actorType,
    description: null,
    event_data: eventDataOf(entry),
    event_date: iso8601(entry.createdAt),
    event_type: entry.eventType,
    resource_sid: resourceSid,
    resource_type: entry.resourceType,
    sid: sidOf(entry),
    source: SOURCES[entry.source],
    source_ip_address: entry.address,
    url: `${flow.publicUrl}${PATH}/${sidOf(entry)}`,
    links: { ...(actor && { actor }), ...(resource && { resource }) },
  }
}

/**
 * By Twilio's pattern all that act are users. An account or a key is the user with its own 32 digits, as in Twilio's
 * example; `links.actor` leads to it. A filter takes either spelling.
 */
function namesOf(actorSid: string): string[] {
  const id = fromSid(actorSid, 'US')
  return id ? [id, toSid('AC', id), toSid('SK', id)] : [actorSid]
}

/** A person is kept under the plain id. */
function sidWithin(name: string): string | null {
  if (/^[A-Z]{2}[0-9a-f]{32}$/.test(name)) return name
  return /^[0-9a-f-]{36}$/.test(name) ? toSid('US', name as Id) : null
}

/** `{ field: { previous, updated } }`, in Twilio's spelling also for what the console has written. */
function eventDataOf({ before, after }: AuditEntry) {
  const names = new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])
  if (names.size === 0) return null
  return Object.fromEntries(
    [...names].map((name) => [
      name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
      { previous: before?.[name] ?? null, updated: after?.[name] ?? null },
    ]),
  )
}

const PLACES: Partial<Record<SidPrefix, (accountSid: string, sid: string) => string>> = {
  AC: (_, sid) => `/2010-04-01/Accounts/${sid}.json`,
  AP: (accountSid, sid) => `/2010-04-01/Accounts/${accountSid}/Applications/${sid}.json`,
  MG: (_, sid) => `/messaging/v1/Services/${sid}`,
  MM: (accountSid, sid) => `/2010-04-01/Accounts/${accountSid}/Messages/${sid}.json`,
  OO: (_, sid) => `/messaging/v3/OptOuts/${sid}`,
  SK: (accountSid, sid) => `/2010-04-01/Accounts/${accountSid}/Keys/${sid}.json`,
  SM: (accountSid, sid) => `/2010-04-01/Accounts/${accountSid}/Messages/${sid}.json`,
  UT: (accountSid, sid) => `/2010-04-01/Accounts/${accountSid}/Usage/Triggers/${sid}.json`,
  XE: (_, sid) => `/messaging/v2/Channels/Senders/${sid}`,
}

/** Undefined for what has no resource of its own in the API. */
function urlOf(flow: Flow, accountSid: string, sid: string): string | undefined {
  const path = PLACES[sid.slice(0, 2) as SidPrefix]?.(accountSid, sid)
  return path && flow.publicUrl + path
}
