import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import { createGraph, type Graph } from '../meta/graph.ts'
import { answerJson, type StandIn, startStandIn } from '../meta/graph-stand-in.ts'
import { examine } from './examine.ts'
import { SUBSCRIBED_FIELDS } from './fields.ts'

const APP = { appId: '1234567', appSecret: 'the app secret', verifyToken: 'open' }
const PAGE = { address: '100', accessToken: 'EAApage', tasks: null as string[] | null, sends: false }
const WEBHOOK = 'https://gateway.example/webhooks/messenger'
const NOW = new Date('2026-11-01T12:00:00Z')
const DAY_SECONDS = 86_400

let token: Record<string, unknown>
let page: unknown
let webhook: unknown
let headers: Record<string, string>
let meta: StandIn
let graph: Graph

before(async () => {
  meta = await startStandIn(({ url }, response) => {
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
    if (url.pathname.endsWith('/debug_token')) return answerJson(response, 200, { data: token })
    return answerJson(response, 200, { data: url.pathname.endsWith('/subscribed_apps') ? page : webhook })
  })
  graph = createGraph({ graphUrl: meta.url, graphVersion: 'v25.0' })
})
after(async () => {
  await graph.close()
  await meta.close()
})
beforeEach(() => {
  headers = {}
  token = { is_valid: true, expires_at: 0, scopes: ['pages_messaging', 'pages_manage_metadata'] }
  page = [{ id: APP.appId, subscribed_fields: SUBSCRIBED_FIELDS }]
  webhook = [
    { object: 'page', active: true, callback_url: WEBHOOK, fields: SUBSCRIBED_FIELDS.map((name) => ({ name })) },
  ]
})

async function look(sender = PAGE) {
  const { findings, dead, usage } = await examine(graph, sender, APP, WEBHOOK, NOW)
  const levels = Object.fromEntries(findings.map(({ check, level }) => [check, level]))
  const textOf = (check: string) => findings.find((finding) => finding.check === check)?.text ?? ''
  return { levels, dead, usage, textOf }
}

const inDays = (days: number) => NOW.getTime() / 1000 + days * DAY_SECONDS

test('when all is well, all is good', async () => {
  const { levels, dead } = await look({ ...PAGE, tasks: ['MESSAGING', 'MANAGE'] })
  assert.deepEqual(levels, { token: 'good', permissions: 'good', tasks: 'good', subscription: 'good', webhook: 'good' })
  assert.equal(dead, null)
})

test('a token that is not valid, or lacks a permission for this Page, is dead', async () => {
  token = { is_valid: false, error: { code: 190, subcode: 460, message: 'changed password' } }
  const invalid = await look()
  assert.deepEqual([invalid.levels.token, invalid.dead], ['bad', 'changed password (190/460)'])
  assert.equal(invalid.levels.subscription, undefined)
  token = { is_valid: true, scopes: ['pages_manage_metadata'] }
  assert.match((await look()).dead ?? '', /pages_messaging is missing/)
  const scopes = ['pages_messaging', 'pages_manage_metadata']
  token = { is_valid: true, scopes, granular_scopes: scopes.map((scope) => ({ scope, target_ids: ['200'] })) }
  assert.match((await look()).dead ?? '', /is missing/)
})

test('an end that is near is a warning before it comes', async () => {
  token.expires_at = inDays(10)
  assert.deepEqual(
    [(await look()).levels.token, (await look()).textOf('token')],
    ['warning', 'The token ends on 2026-11-11.'],
  )
  token.expires_at = inDays(40)
  assert.equal((await look()).levels.token, 'good')
  token.data_access_expires_at = inDays(3)
  assert.match((await look()).textOf('token'), /90 days of access .* end on 2026-11-04/)
})

test('events that go nowhere, elsewhere, or not all of them', async () => {
  page = []
  assert.equal((await look()).levels.subscription, 'bad')
  page = [{ id: APP.appId, subscribed_fields: ['messages', 'messaging_postbacks'] }]
  assert.match((await look()).textOf('subscription'), /does not send message_deliveries \(the status delivered\)/)
  webhook = []
  assert.equal((await look()).levels.webhook, 'bad')
  webhook = [{ object: 'page', callback_url: 'https://old.example/webhooks/messenger', fields: SUBSCRIBED_FIELDS }]
  assert.match((await look()).textOf('webhook'), /to https:\/\/old\.example/)
  webhook = [{ object: 'page', callback_url: WEBHOOK, fields: ['messages'] }]
  assert.equal((await look()).levels.webhook, 'warning')
})

test('without a word about permissions none is missing, and none is said to be there', async () => {
  token = { is_valid: true }
  const { levels, dead } = await look()
  assert.deepEqual([levels.permissions, dead], ['info', null])
})

test('of a pasted token only those tasks are known that have shown', async () => {
  const pasted = await look()
  assert.equal(pasted.levels.tasks, 'info')
  assert.match(pasted.textOf('tasks'), /was pasted\. MODERATE or MANAGE is there: .* MESSAGING is there is not known/)
  const sending = await look({ ...PAGE, sends: true })
  assert.equal(sending.levels.tasks, 'good')
  assert.match(sending.textOf('tasks'), /^MESSAGING is there: .* MODERATE or MANAGE is there/)
  page = []
  assert.doesNotMatch((await look()).textOf('tasks'), /MODERATE or MANAGE is there/)
  const small = await look({ ...PAGE, tasks: ['ANALYZE'], sends: true })
  assert.match(small.textOf('tasks'), /lacks MESSAGING .* and MODERATE or MANAGE/)
})

test('what Meta says of a dead token is told without the token', async () => {
  token = { is_valid: false, error: { code: 190, message: `Malformed access token ${PAGE.accessToken}` } }
  const { dead, textOf } = await look()
  assert.equal(dead, 'Malformed access token [secret] (190)')
  assert.doesNotMatch(textOf('token'), /EAApage/)
})

test('what Meta does not say is a warning and no death; what is used of its allowance is told', async () => {
  page = null
  webhook = 'nonsense'
  headers = { 'x-app-usage': '{"call_count":85,"total_time":3,"total_cputime":3}' }
  const { levels, dead, usage } = await look()
  assert.deepEqual([levels.subscription, levels.webhook, dead, usage?.percent], ['warning', 'warning', null, 85])
})
