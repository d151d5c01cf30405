/** Reading Pages and people, and which apps listen to a Page (meta.md 5.1, 5.5). */

import { listPageSubscriptions, putPageSubscription, removePageSubscription } from '../world/pages.ts'
import { findPerson } from '../world/people.ts'
import { findThread } from '../world/threads.ts'
import type { World } from '../world/world.ts'
import { type Call, type Handler, pageCaller } from './call.ts'
import { GraphError, invalid, notOneOf, required, unsupported } from './error.ts'
import { namesOf } from './params.ts'
import { needScope, readAsUser } from './user.ts'

/** The subscription fields that Meta knows (meta.md 1.7); the built-in Messenger has events for the first six. */
export const KNOWN_FIELDS = (
  'messages messaging_postbacks messaging_referrals message_deliveries message_reads message_echoes ' +
  'message_edits message_reactions message_context message_mention mention conversations ' +
  'message_template_status_update messaging_optins messaging_optouts messaging_handovers standby ' +
  'messaging_policy_enforcement messaging_feedback messaging_account_linking messaging_customer_information ' +
  'messaging_in_thread_lead_form_submit messaging_integrity messaging_direct_sends messaging_fblogin_account_linking ' +
  'messaging_appointments user_action business_integrity send_cart response_feedback inbox_labels calls ' +
  'call_permission_reply call_settings_update marketing_message_clicks marketing_message_deliveries ' +
  'marketing_message_delivery_failed marketing_message_echoes marketing_message_reads messaging_payments ' +
  'messaging_pre_checkouts messaging_checkout_updates messaging_game_plays feed leadgen'
).split(' ')

export function knownFields(value: unknown, name: string): string[] | undefined {
  const fields = namesOf(value, name)
  const unknownAt = fields?.findIndex((field) => !KNOWN_FIELDS.includes(field)) ?? -1
  if (fields !== undefined && unknownAt >= 0) throw notOneOf(`${name}[${unknownAt}]`, KNOWN_FIELDS, fields[unknownAt]!)
  return fields
}

export const handleSubscribedApps: Handler = async (world, call) => {
  const { pageId, app, scopes } = pageCaller(call)
  needScope(scopes, 'pages_manage_metadata')
  if (call.method === 'GET') {
    const rows = await listPageSubscriptions(world.sql, pageId)
    return { data: rows.map(({ id, name, fields }) => ({ category: 'Business', name, id, subscribed_fields: fields })) }
  }
  if (call.method === 'DELETE') {
    await removePageSubscription(world.sql, pageId, app.id)
  } else {
    const fields = knownFields(call.params.subscribed_fields, 'subscribed_fields')
    if (fields === undefined || fields.length === 0) throw required('subscribed_fields')
    await putPageSubscription(world.sql, pageId, app.id, fields)
  }
  world.feed.publish({ type: 'state' })
  return { success: true }
}

/** `GET /{page}` or `GET /{psid}`. */
export const readNode: Handler = async (world, call) => {
  if (call.caller.kind === 'user') return readAsUser(world, call, call.caller)
  if (call.caller.kind === 'page' && call.node === call.caller.pageId) return readPage(call)
  if (call.caller.kind === 'app' && call.node === call.caller.app.id) {
    return { id: call.caller.app.id, name: call.caller.app.name }
  }
  return readUser(world, call)
}

/** The fields asked for; `id` always comes, and null means: known to Meta, not to us. */
function pick(call: Call, type: string, values: Record<string, string | null>, byDefault: string[]) {
  const asked = namesOf(call.params.fields, 'fields') ?? byDefault
  const answer: Record<string, string> = {}
  for (const field of asked) {
    if (!Object.hasOwn(values, field)) {
      throw invalid(`Tried accessing nonexisting field (${field.slice(0, 100)}) on node type (${type})`)
    }
    const value = values[field]
    if (value !== null && value !== undefined) answer[field] = value
  }
  return { ...answer, id: values.id }
}

function readPage(call: Call) {
  const { pageId: id, pageName: name } = pageCaller(call)
  const rest = { username: null, category: 'Local business', link: `https://www.facebook.com/${id}`, picture: null }
  return pick(call, 'Page', { id, name, ...rest }, ['name'])
}

/** Known to the Page once the person has acted (meta.md 5.1). */
async function readUser(world: World, call: Call) {
  const thread = call.caller.kind === 'page' ? await findThread(world.sql, call.node) : undefined
  if (thread === undefined || call.caller.kind !== 'page' || thread.pageId !== call.caller.pageId) {
    throw unsupported(call.method, call.node)
  }
  if (thread.lastActionAt === null) {
    throw new GraphError(100, '(#100) No profile available for this user.', { subcode: 2018218 })
  }
  const person = await findPerson(world.sql, thread.personId)
  if (person === undefined) throw unsupported(call.method, call.node)
  const [first = '', ...others] = person.name.split(' ')
  const values = {
    id: thread.psid,
    first_name: first,
    last_name: others.join(' '),
    name: person.name,
    profile_pic: person.pictureUrl,
    locale: null,
    timezone: null,
    gender: null,
  }
  return pick(call, 'User', values, ['first_name', 'last_name', 'profile_pic'])
}
