import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type Gateway, startGateway } from '../gateway.ts'
import { personAtPage, sandboxState } from '../people.ts'
import {
  addPage,
  answerDialog,
  atPublicUrl,
  comeBack,
  dialogOf,
  logInAtFacebook,
  MESSENGER,
  SETTINGS,
} from './facebook.ts'
import { joinAs, signIn, type Visitor, WITH_ADMIN } from './visitor.ts'

let gateway: Gateway
let owner: Visitor
let messenger: string
let senders: string

before(async () => {
  gateway = await startGateway(WITH_ADMIN)
  owner = await signIn(atPublicUrl(gateway))
  messenger = MESSENGER(gateway)
  senders = `${messenger}/senders`
})
after(() => gateway?.stop())

test('the catalogue offers Messenger and tells what is not offered', async () => {
  const { json } = await owner.call('GET', `/accounts/${gateway.account.sid}/channels`)
  assert.deepEqual(json[0], { name: 'messenger', offered: true, installed: true, senders: 1, limit: 25, troubled: 0 })
  assert.deepEqual(
    json.slice(1).map(({ name, offered }: { name: string; offered: boolean }) => [name, offered]),
    [
      ['instagram', false],
      ['whatsapp', false],
      ['sms', false],
    ],
  )
  assert.equal((await owner.call('POST', `/accounts/${gateway.account.sid}/channels/sms/install`)).status, 404)
  assert.equal((await owner.call('POST', `/accounts/${gateway.account.sid}/channels/messenger/install`)).status, 204)
})

test('a channel is uninstalled when its last Page is gone, and each step stands in the trail', async () => {
  const channels = (sid: string) => `/accounts/${sid}/channels`
  const main = await owner.call('DELETE', `${channels(gateway.account.sid)}/messenger/install`)
  assert.deepEqual([main.status, main.json.error], [409, '1 Page is still connected: remove every instance first'])

  const { sid } = (
    await owner.call('POST', `/accounts/${gateway.account.sid}/subaccounts`, { friendlyName: 'A brand' })
  ).json
  const installed = async () => (await owner.call('GET', channels(sid))).json[0].installed
  assert.equal(await installed(), false)
  assert.equal((await owner.call('POST', `${channels(sid)}/messenger/install`)).status, 204)
  assert.equal(await installed(), true)
  for (const _ of [1, 2]) assert.equal((await owner.call('DELETE', `${channels(sid)}/messenger/install`)).status, 204)
  assert.equal(await installed(), false)
  assert.equal((await owner.call('DELETE', `${channels(sid)}/sms/install`)).status, 404)

  const { items } = (await owner.call('GET', `/accounts/${sid}/audit?resource=messenger`)).json
  assert.deepEqual(
    items.map(({ eventType, before, after }: Record<string, unknown>) => [eventType, before, after]),
    [
      ['channel.uninstalled', { installed: true }, { installed: false }],
      ['channel.installed', { installed: false }, { installed: true }],
    ],
  )
})

test('a Page is chosen after Facebook Login and connected; its token never reaches the browser', async () => {
  const bakery = await addPage(gateway, 'Corner Bakery')
  const found = await logInAtFacebook(gateway, owner, { pages: [{ id: bakery.id }] })
  assert.equal(found.json.login.problem, null)
  assert.deepEqual(found.json.pages, [{ id: bakery.id, name: 'Corner Bakery', obstacle: null }])

  const settings = { ...SETTINGS, uniqueName: 'bakery', callbackUrl: '/bins/welcome' }
  const made = await owner.call('POST', senders, { ...settings, pageId: bakery.id })
  assert.equal(made.status, 200, JSON.stringify(made.json))
  const { sid, address, link, qrSvg, status, callbackUrl } = made.json
  assert.match(sid, /^XE[0-9a-f]{32}$/)
  assert.deepEqual(
    [address, link, status, callbackUrl],
    [`messenger:${bakery.id}`, `https://m.me/${bakery.id}`, 'ONLINE', '/bins/welcome'],
  )
  assert.match(qrSvg, /^<svg/)
  for (const { json } of [
    found,
    made,
    await owner.call('GET', senders),
    await owner.call('GET', `${senders}/${sid}`),
  ]) {
    assert.doesNotMatch(JSON.stringify(json), /EAA|accessToken/)
  }

  const person = await personAtPage(gateway.url, 1, 1)
  await person.say('hello')
  await person.hears(/^Welcome!/)

  const trail = await owner.call('GET', `/accounts/${gateway.account.sid}/audit?resource=${sid}`)
  assert.equal(trail.json.items[0].eventType, 'sender.created')
  assert.equal(trail.json.items[0].after.callbackUrl, '/bins/welcome')
  assert.doesNotMatch(JSON.stringify(trail.json), /EAA/)
})

test('a Page that is connected already, or whose role is too small, can be seen and not chosen', async () => {
  const [library, kiosk] = [await addPage(gateway, 'Library'), await addPage(gateway, 'Kiosk', 'Kiosk Group')]
  const { pages } = await sandboxState(gateway.url)
  const all = [
    { id: pages[0]?.id as string },
    { id: library.id, role: 'content' as const },
    { id: kiosk.id, role: 'messages' as const },
  ]
  const { json } = await logInAtFacebook(gateway, owner, { pages: all })
  const obstacles = Object.fromEntries(
    json.pages.map(({ name, obstacle }: { name: string; obstacle: string }) => [name, obstacle]),
  )
  assert.match(obstacles['Owl Coffee'], /connected already/)
  assert.match(obstacles.Library, /lacks MESSAGING .* and MODERATE or MANAGE/)
  assert.match(obstacles.Kiosk, /lacks MODERATE or MANAGE/)
  const refused = await owner.call('POST', senders, { ...SETTINGS, pageId: library.id })
  assert.deepEqual([refused.status, refused.json.field], [409, 'pageId'])
  assert.equal((await owner.call('POST', senders, { ...SETTINGS, pageId: '\u0000' })).status, 409)
})

test('Pages come from all lists, and those of a business also without the permission for it', async () => {
  const made = []
  for (let nth = 0; nth < 102; nth += 1) made.push({ id: (await addPage(gateway, `Shop ${nth}`)).id })
  const owned = await addPage(gateway, 'Owned by a business', 'Group')
  const pages = [...made, { id: owned.id }]
  const { json } = await logInAtFacebook(gateway, owner, { pages, without: ['business_management'] })
  assert.equal(json.pages.length, 103)
  assert.deepEqual(json.login.missing, ['business_management'])
})

test('what went wrong at Facebook is said in words', async () => {
  const cancelled = await logInAtFacebook(gateway, owner, { cancel: true })
  assert.match(cancelled.json.login.problem, /was cancelled/)
  const nothing = await logInAtFacebook(gateway, owner, { pages: [] })
  assert.match(nothing.json.login.problem, /gave no Page/)
  const shop = await addPage(gateway, 'Shop')
  const declined = await logInAtFacebook(gateway, owner, { pages: [{ id: shop.id }], without: ['pages_messaging'] })
  assert.match(declined.json.pages[0].obstacle, /did not give the permission pages_messaging/)

  // A code that was used by somebody else meanwhile.
  const dialog = await dialogOf(gateway, owner)
  const back = await answerDialog(gateway, dialog, { pages: [{ id: shop.id }] })
  await gateway.sql`update sandbox.login_codes set used = true`
  await comeBack(owner, back)
  assert.match((await owner.call('GET', `${messenger}/pages`)).json.login.problem, /has been used already/)
})

test('a login belongs to the browser that began it, counts once, and ends after ten minutes', async () => {
  const shop = await addPage(gateway, 'Once')
  const dialog = await dialogOf(gateway, owner)
  const back = await answerDialog(gateway, dialog, { pages: [{ id: shop.id }] })

  const stranger = await signIn(atPublicUrl(gateway))
  assert.equal(await comeBack(stranger, back), 400)
  const forged = new URL(back)
  forged.searchParams.set('state', 'x'.repeat(43))
  assert.equal(await comeBack(owner, forged), 400)

  const page = `/${gateway.account.sid}/channels/messenger/new#credentials`
  assert.equal(await comeBack(owner, back), page)
  assert.equal(await comeBack(owner, back), page)
  const { json } = await owner.call('GET', `${messenger}/pages`)
  assert.deepEqual(
    json.pages.map(({ name }: { name: string }) => name),
    ['Once'],
  )
  assert.equal((await stranger.call('GET', `${messenger}/pages`)).json.login, null)
  assert.equal((await stranger.call('POST', senders, { ...SETTINGS, pageId: shop.id })).status, 409)

  const late = await answerDialog(gateway, await dialogOf(gateway, owner), { pages: [{ id: shop.id }] })
  await gateway.sql`update channel_logins set started_at = now() - interval '11 minutes' where returned_at is null`
  assert.equal(await comeBack(owner, late), page)
  assert.match((await owner.call('GET', `${messenger}/pages`)).json.login.problem, /longer than ten minutes/)

  await gateway.sql`update channel_logins set returned_at = now() - interval '61 minutes'`
  assert.equal((await owner.call('GET', `${messenger}/pages`)).json.login, null)
})

test('tokens of a login are sealed, and gone with the session', async () => {
  const shop = await addPage(gateway, 'Sealed')
  const visitor = await signIn(atPublicUrl(gateway))
  await logInAtFacebook(gateway, visitor, { pages: [{ id: shop.id }] })
  const [row] = await gateway.sql<
    { accessToken: Buffer }[]
  >`select access_token from found_senders where name = 'Sealed'`
  assert.doesNotMatch(row?.accessToken.toString('latin1') ?? '', /EAA/)
  await visitor.call('DELETE', '/session')
  assert.equal((await gateway.sql`select 1 from found_senders where name = 'Sealed'`).length, 0)
})

test('at another address than the public one the login is not begun, and why is said', async () => {
  const elsewhere = await signIn(gateway)
  const { json } = await elsewhere.call('GET', `${messenger}/pages`)
  assert.equal(json.loginUrl, null)
  assert.match(json.blocked, /Open the console there/)
})

test('a token is pasted in place of a login; a wrong one is refused at its field', async () => {
  const shop = await addPage(gateway, 'Pasted')
  const made = await owner.call('POST', senders, { ...SETTINGS, accessToken: ` ${shop.accessToken} ` })
  assert.equal(made.json.name, 'Pasted')
  for (const accessToken of ['EAAwrong', 'not a token']) {
    const { status, json } = await owner.call('POST', senders, { ...SETTINGS, accessToken })
    assert.deepEqual([status, json.field], [400, 'accessToken'], json.error)
  }
  const twice = await owner.call('POST', senders, { ...SETTINGS, accessToken: shop.accessToken })
  assert.equal(twice.status, 409)
})

test('settings are checked at their fields, and what is saved is as the Senders API tells it', async () => {
  const { json } = await owner.call('GET', senders)
  const { sid } = json.senders.find(({ name }: { name: string }) => name === 'Pasted')
  const path = `${senders}/${sid}`
  const settings = { ...SETTINGS, uniqueName: 'pasted', callbackUrl: 'https://app.example/sms', fallbackMethod: 'GET' }
  for (const [change, field] of [
    [{ callbackUrl: 'https://my_host.example/' }, 'callbackUrl'],
    [{ fallbackUrl: 'app.example' }, 'fallbackUrl'],
    [{ statusCallbackUrl: 'ftp://x.example' }, 'statusCallbackUrl'],
    [{ uniqueName: 'bakery' }, 'uniqueName'],
  ] as const) {
    const refused = await owner.call('PUT', path, { ...settings, ...change })
    assert.equal(refused.json.field, field, JSON.stringify(refused.json))
  }
  const optOut = { stopKeywords: ['STOP', 'ARRET'], stopText: 'Au revoir' }
  assert.equal((await owner.call('PUT', path, { ...settings, optOut })).status, 200)
  const sender = (await gateway.call('GET', `/messaging/v2/Channels/Senders/${sid}`)).json()
  assert.deepEqual(
    { ...(sender.webhook as object) },
    {
      callback_url: 'https://app.example/sms',
      callback_method: 'POST',
      fallback_url: null,
      fallback_method: 'GET',
      status_callback_url: null,
      status_callback_method: 'POST',
    },
  )
  assert.deepEqual((sender.configuration as { opt_out: object }).opt_out, {
    enabled: true,
    stop_keywords: ['STOP', 'ARRET'],
    stop_text: 'Au revoir',
  })
  const checked = await owner.call('POST', `/accounts/${gateway.account.sid}/channels/callback-url`, {
    url: 'https://my_host.example/',
  })
  assert.match(checked.json.problem, /underscore/)
})

test('a read-only member sees instances and changes nothing; removing lets the Page go', async () => {
  const reader = await joinAs(gateway, owner, gateway.account.sid, 'read-only')
  const { json } = await reader.call('GET', senders)
  const { sid, pageId } = json.senders.find(({ name }: { name: string }) => name === 'Pasted')
  assert.equal((await reader.call('DELETE', `${senders}/${sid}`)).status, 403)
  assert.equal((await owner.call('DELETE', `${senders}/${sid}`)).status, 204)
  assert.equal((await owner.call('GET', `${senders}/${sid}`)).status, 404)
  const { pages } = await sandboxState(gateway.url)
  assert.equal(pages.find(({ id }) => id === pageId)?.subscribed, false)
  const trail = await owner.call('GET', `/accounts/${gateway.account.sid}/audit?resource=${sid}`)
  assert.deepEqual(
    trail.json.items.map(({ eventType }: { eventType: string }) => eventType),
    ['sender.deleted', 'sender.updated', 'sender.created'],
  )
})
