import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { App, LoginDialog, Page } from '../../src/sandbox/contract.ts'
import {
  APP,
  APP_TOKEN,
  createDatabase,
  type GraphFailure,
  startNode,
  type TestDatabase,
  type TestWorld,
} from './world.ts'

const REDIRECT = 'http://localhost:1/back'
const SCOPES = 'pages_messaging,pages_manage_metadata,pages_show_list'

let database: TestDatabase
let world: TestWorld

before(async () => {
  database = await createDatabase()
  world = await startNode(database)
})
after(async () => {
  await world?.close()
  await database?.drop()
})

const dialog = (more: Record<string, string> = {}) =>
  `/api/login-dialog?${new URLSearchParams({ client_id: APP.appId, redirect_uri: REDIRECT, state: 's-1', scope: SCOPES, ...more })}`

/** The first person allows the app's permissions for some Pages; answers what the browser is sent back with. */
async function logIn(
  pages: { id: string; role?: string }[],
  scopes = SCOPES.split(','),
  more: Record<string, string> = {},
) {
  const answer = { cancel: false, person: world.people[0]?.id, scopes, pages }
  const { status, body, text } = await world.call<{ location: string }>('POST', dialog(more), answer)
  assert.equal(status, 200, text)
  return new URL(body.location)
}

const trade = <Body = { access_token: string; expires_in: number }>(params: Record<string, string>) =>
  world.call<Body>('GET', `/graph/v25.0/oauth/access_token?${new URLSearchParams(params)}`)

const credentials = { client_id: APP.appId, client_secret: APP.appSecret }

async function userToken(pages: { id: string; role?: string }[], scopes?: string[], more?: Record<string, string>) {
  const back = await logIn(pages, scopes, more)
  const { body } = await trade({ ...credentials, redirect_uri: REDIRECT, code: back.searchParams.get('code') ?? '' })
  return body.access_token
}

const withToken = <Body>(path: string, token: string) =>
  world.call<Body>('GET', `/graph/v25.0${path}`, undefined, { authorization: `Bearer ${token}` })

test('the dialog shows the app, the permissions, the people and the Pages', async () => {
  const { body } = await world.call<LoginDialog>('GET', dialog())
  assert.deepEqual(body.scopes, SCOPES.split(','))
  assert.equal(body.app.id, APP.appId)
  assert.deepEqual(body.pages, [{ id: world.page.id, name: world.page.name, business: null }])
  assert.equal(body.people.length, 3)
})

test('an unknown app, a strange redirect address or permission is refused as Facebook does', async () => {
  for (const [more, words] of [
    [{ client_id: '12345' }, /^Invalid App ID/],
    [{ redirect_uri: 'https://evil.example/' }, /^URL Blocked/],
    [{ redirect_uri: 'javascript:alert(1)' }, /^URL Blocked/],
    [{ scope: 'pages messaging<' }, /^Invalid Scopes/],
  ] as const) {
    const { status, body } = await world.call<{ error: string }>('GET', dialog(more))
    assert.equal(status, 400)
    assert.match(body.error, words)
  }
})

test('who cancels is sent back with access_denied and the state', async () => {
  const { body } = await world.call<{ location: string }>('POST', dialog(), { cancel: true })
  const back = new URL(body.location)
  assert.equal(back.searchParams.get('error'), 'access_denied')
  assert.equal(back.searchParams.get('state'), 's-1')
})

test('a code works once, for its app and its redirect address, and for ten minutes', async () => {
  const code = (await logIn([{ id: world.page.id }])).searchParams.get('code') ?? ''
  const subcodeOf = async (params: Record<string, string>) => {
    const { body } = await trade<GraphFailure>({ ...credentials, redirect_uri: REDIRECT, ...params })
    return body.error.error_subcode ?? body.error.code
  }
  assert.equal(await subcodeOf({ code, client_secret: 'wrong' }), 1)
  const first = await trade({ ...credentials, redirect_uri: REDIRECT, code })
  assert.match(first.body.access_token, /^EAA/)
  assert.equal(await subcodeOf({ code }), 36009)

  const other = (await logIn([{ id: world.page.id }])).searchParams.get('code') ?? ''
  assert.equal(await subcodeOf({ code: other, redirect_uri: `${REDIRECT}/` }), 36008)
  const late = (await logIn([{ id: world.page.id }])).searchParams.get('code') ?? ''
  world.clock.moved += 11 * 60_000
  assert.equal(await subcodeOf({ code: late }), 36007)
})

test('a short-lived token becomes one of 60 days, and ends', async () => {
  const short = await userToken([{ id: world.page.id }])
  const long = await trade({ ...credentials, grant_type: 'fb_exchange_token', fb_exchange_token: short })
  assert.equal(long.body.expires_in, 5_183_944)
  world.clock.moved += 2 * 3_600_000
  assert.equal((await withToken<GraphFailure>('/me', short)).body.error.error_subcode, 463)
  assert.equal((await withToken<{ id: string }>('/me', long.body.access_token)).body.id, world.people[0]?.id)
})

test('the Pages come in lists, with what the person may do, and those of a business only when allowed', async () => {
  const made: Page[] = []
  for (let nth = 0; nth < 4; nth += 1) {
    made.push((await world.call<Page>('POST', '/api/pages', { name: `Page ${nth}` })).body)
  }
  const owned = (await world.call<Page>('POST', '/api/pages', { name: 'Owned', business: 'Owl Group' })).body
  const ids = [...made.map(({ id }) => ({ id })), { id: owned.id, role: 'messages' }]

  type List = { data: { id: string; tasks: string[] }[]; paging: { cursors: { after: string }; next?: string } }
  const without = await userToken(ids)
  const first = await withToken<List>('/me/accounts?limit=3', without)
  assert.equal(first.body.data.length, 3)
  assert.match(first.body.paging.next ?? '', /\/accounts\?.*after=/)
  const second = await withToken<List>(`/me/accounts?limit=3&after=${first.body.paging.cursors.after}`, without)
  assert.deepEqual(
    second.body.data.map(({ id }) => id),
    [made[3]?.id],
  )
  assert.equal(second.body.paging.next, undefined)

  const all = await userToken(ids, [...SCOPES.split(','), 'business_management'], {
    scope: `${SCOPES},business_management`,
  })
  const listed = await withToken<List>('/me/accounts?fields=id,tasks', all)
  assert.deepEqual(listed.body.data.at(-1), { id: owned.id, tasks: ['ANALYZE', 'MESSAGING'] })
})

test('what was not allowed is told, and holds for the Page too', async () => {
  const token = await userToken([{ id: world.page.id }], ['pages_show_list', 'pages_manage_metadata'])
  type Permissions = { data: { permission: string; status: string }[] }
  const { body } = await withToken<Permissions>('/me/permissions', token)
  assert.deepEqual(body.data.at(-1), { permission: 'pages_messaging', status: 'declined' })

  const thread = await world.thread(world.people[0]!)
  const refused = await world.send<GraphFailure>(thread.psid, { text: 'hi' })
  assert.equal(refused.body.error.code, 200)
  await userToken([{ id: world.page.id }])
})

test("debug_token tells of a person's token for which Pages it is", async () => {
  const token = await userToken([{ id: world.page.id }])
  const { body } = await withToken<{ data: Record<string, unknown> }>(`/debug_token?input_token=${token}`, APP_TOKEN)
  assert.equal(body.data.type, 'USER')
  assert.equal(body.data.user_id, world.people[0]?.id)
  assert.deepEqual((body.data.granular_scopes as object[])[0], {
    scope: 'pages_messaging',
    target_ids: [world.page.id],
  })
})

test('a Page whose token died has a new one after a login, and a further app has tokens of its own', async () => {
  await world.call('PUT', `/api/pages/${world.page.id}/token`, { state: 'password_changed' })
  const token = await userToken([{ id: world.page.id }])
  type List = { data: { access_token: string }[] }
  const [page] = (await withToken<List>('/me/accounts', token)).body.data
  assert.notEqual(page?.access_token, world.page.accessToken)
  assert.equal((await withToken<{ id: string }>('/me', page?.access_token ?? '')).body.id, world.page.id)
  assert.equal((await withToken<GraphFailure>('/me', world.page.accessToken)).body.error.code, 190)

  const app = (await world.call<App>('POST', '/api/apps', { name: 'Another' })).body
  const answer = {
    cancel: false,
    person: world.people[1]?.id,
    scopes: ['pages_messaging'],
    pages: [{ id: world.page.id }],
  }
  const { body } = await world.call<{ location: string }>('POST', dialog({ client_id: app.id }), answer)
  const code = new URL(body.location).searchParams.get('code') ?? ''
  const traded = await trade({ client_id: app.id, client_secret: app.secret, redirect_uri: REDIRECT, code })
  assert.equal(traded.status, 200, traded.text)
})
