import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import { createGraph, type Graph } from './graph.ts'
import { type Asked, answerJson, type StandIn, startStandIn } from './graph-stand-in.ts'
import { dialogUrlOf, finishLogin, missingTasks, readReturn } from './login.ts'

const APP = { appId: '1234567', appSecret: 'the app secret', verifyToken: 'open' }
const GIVEN = { redirectUrl: 'https://gateway.example/back', code: 'the code' }

type Reply = { status?: number; json: unknown }
let replies: Record<string, (asked: Asked) => Reply>
let meta: StandIn
let graph: Graph

before(async () => {
  meta = await startStandIn((asked, response) => {
    const path = asked.url.pathname.replace('/v25.0/', '')
    const { status = 200, json } = replies[path]?.(asked) ?? { status: 404, json: {} }
    answerJson(response, status, json)
  })
  graph = createGraph({ graphUrl: meta.url, graphVersion: 'v25.0' })
})
after(async () => {
  await graph.close()
  await meta.close()
})
beforeEach(() => {
  meta.asked.length = 0
  replies = {
    'oauth/access_token': ({ url }) =>
      url.searchParams.has('fb_exchange_token')
        ? { json: { access_token: 'EAAlong', expires_in: 5_183_944 } }
        : { json: { access_token: 'EAAshort', token_type: 'bearer', expires_in: 5_400 } },
    me: () => ({ json: { id: '7', name: 'Ada' } }),
    'me/permissions': () => ({ json: { data: ALL.map((permission) => ({ permission, status: 'granted' })) } }),
    debug_token: () => ({ json: { data: { granular_scopes: [] } } }),
    'me/accounts': () => ({ json: { data: [{ id: '100', name: 'A Page', access_token: 'EAApage', tasks: FULL }] } }),
  }
})

const ALL = [
  'pages_messaging',
  'pages_manage_metadata',
  'pages_show_list',
  'pages_read_engagement',
  'business_management',
]
const FULL = ['MESSAGING', 'MODERATE']

const finish = async () => {
  const result = await finishLogin(graph, APP, GIVEN)
  assert.ok(result.ok, JSON.stringify(result))
  return result
}
const refusal = async (error: object) => {
  replies['oauth/access_token'] = () => ({ status: 400, json: { error } })
  const result = await finishLogin(graph, APP, GIVEN)
  assert.ok(!result.ok)
  return result.reason
}

test('the dialog is asked for a code, with the permissions or with a configuration of Login for Business', () => {
  const options = { dialogUrl: 'https://www.facebook.com', graphVersion: 'v25.0' }
  const to = { redirectUrl: 'https://gateway.example/back', state: 'a state' }
  const url = new URL(dialogUrlOf(options, APP, to))
  assert.equal(url.origin + url.pathname, 'https://www.facebook.com/v25.0/dialog/oauth')
  assert.deepEqual(Object.fromEntries(url.searchParams), {
    client_id: '1234567',
    redirect_uri: 'https://gateway.example/back',
    state: 'a state',
    response_type: 'code',
    scope: ALL.join(','),
    auth_type: 'rerequest',
  })
  const configured = new URL(dialogUrlOf(options, { ...APP, loginConfigId: '99' }, to)).searchParams
  assert.deepEqual([configured.get('config_id'), configured.get('scope')], ['99', null])
})

test('what comes back is a code or a sentence', () => {
  assert.deepEqual(readReturn({ code: 'abc', state: 's' }), { code: 'abc' })
  const said = (query: Record<string, string>) => (readReturn(query) as { problem: string }).problem
  assert.match(said({ error: 'access_denied', error_reason: 'user_denied' }), /was cancelled/)
  assert.match(said({ error_code: '1349048', error_message: "Can't load URL" }), /^Facebook said: Can't load URL$/)
  assert.match(said({}), /without a code/)
  assert.match(said({ code: 'x'.repeat(5000) }), /without a code/)
})

test('a code becomes a token that lasts, and that one the Pages; no token of a person is in the address of a call', async () => {
  const { userName, missing, senders } = await finish()
  assert.deepEqual([userName, missing], ['Ada', []])
  assert.deepEqual(senders, [{ address: '100', name: 'A Page', accessToken: 'EAApage', tasks: FULL, obstacle: null }])
  const calls = meta.asked.filter(({ url }) => url.pathname.includes('/me'))
  assert.ok(
    calls.every(({ url, headers }) => headers.authorization === 'Bearer EAAlong' && !url.search.includes('EAA')),
  )
  assert.ok(calls.every(({ url }) => url.searchParams.has('appsecret_proof')))
})

test('a token without an end, as of a system user, is not exchanged', async () => {
  replies['oauth/access_token'] = () => ({ json: { access_token: 'EAAsystem' } })
  await finish()
  assert.equal(meta.asked.filter(({ url }) => url.pathname.endsWith('access_token')).length, 1)
})

test('every list of Pages is read by its cursor, and an end that never comes is given up', async () => {
  replies['me/accounts'] = ({ url }) => {
    const nth = Number(url.searchParams.get('after') ?? 0)
    const data = [{ id: String(100 + nth), name: `Page ${nth}`, access_token: `EAA${nth}` }]
    return { json: { data, paging: { cursors: { after: String(nth + 1) }, next: 'https://evil.example/' } } }
  }
  assert.equal((await finish()).senders.length, 50)
})

test('Pages that were given and are not listed are asked for one by one', async () => {
  replies.debug_token = () => ({
    json: { data: { granular_scopes: [{ scope: 'pages_messaging', target_ids: ['100', '200', '300'] }] } },
  })
  replies['200'] = () => ({ json: { id: '200', name: 'Of a business', access_token: 'EAAbusiness' } })
  const { senders } = await finish()
  assert.deepEqual(
    senders.map(({ address, tasks, obstacle }) => [address, tasks, obstacle]),
    [
      ['100', FULL, null],
      ['200', null, null],
    ],
  )
})

test('what a Page lacks is said: tasks, a token, a permission', async () => {
  assert.equal(missingTasks(['MESSAGING', 'MANAGE']), null)
  assert.match(missingTasks(['ANALYZE']) ?? '', /MESSAGING .* and MODERATE or MANAGE/)
  replies['me/accounts'] = () => ({
    json: {
      data: [{ id: '1', name: 'No token', tasks: FULL }, { id: '2', name: 'Fine', access_token: 'EAA2' }, {}, null],
    },
  })
  replies['me/permissions'] = () => ({
    json: {
      data: [
        { permission: 'pages_messaging', status: 'declined' },
        { permission: 'pages_show_list', status: 'granted' },
      ],
    },
  })
  const { senders, missing } = await finish()
  assert.match(senders[0]?.obstacle ?? '', /no token/)
  assert.match(senders[1]?.obstacle ?? '', /permission pages_messaging, pages_manage_metadata/)
  assert.equal(missing.length, 4)
})

test('why a code is refused is said in words, with what to do', async () => {
  assert.match(await refusal({ code: 100, error_subcode: 36007, message: 'expired' }), /longer than Facebook allows/)
  assert.match(await refusal({ code: 100, error_subcode: 36009, message: 'used' }), /used already/)
  assert.match(
    await refusal({ code: 191, message: 'domain' }),
    /add https:\/\/gateway\.example\/back to the Valid OAuth/,
  )
  assert.match(await refusal({ code: 1, message: 'Error validating client secret.' }), /id or the secret/)
  const other = await refusal({ code: 190, message: 'the app secret and EAAabcdefghijklmnop are bad' })
  assert.match(other, /did not take the login/)
  assert.doesNotMatch(other, /EAAabc|the app secret/)
})
