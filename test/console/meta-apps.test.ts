import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { after, before, test } from 'node:test'
import type { App } from '../../src/sandbox/contract.ts'
import { createSubaccount, type TestAccount } from '../accounts.ts'
import { type Gateway, startGateway } from '../gateway.ts'
import { personAtPage, sandboxState } from '../people.ts'
import { addPage, answerDialog, atPublicUrl, comeBack, dialogOf, MESSENGER, SETTINGS } from './facebook.ts'
import { joinAs, signIn, type Visitor, WITH_ADMIN } from './visitor.ts'

let gateway: Gateway
let owner: Visitor
let client: TestAccount
let app: App
let apps: string

before(async () => {
  gateway = await startGateway(WITH_ADMIN)
  owner = await signIn(atPublicUrl(gateway))
  client = await createSubaccount(gateway, 'A client')
  app = await makeApp('Agency')
  apps = `/accounts/${gateway.account.sid}/meta-apps`
})
after(() => gateway?.stop())

async function makeApp(name: string): Promise<App> {
  const response = await fetch(`${gateway.url}/sandbox/api/apps`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ name }),
  })
  return (await response.json()) as App
}

const webhook = (appId: string, body: string, secret: string) =>
  fetch(`${gateway.url}/webhooks/messenger/${appId}`, {
    method: 'POST',
    headers: {
      'Content-Type': 'application/json',
      'X-Hub-Signature-256': `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`,
    },
    body,
  })

test('an app is proven at Meta, kept, and sends its events here from then on', async () => {
  const wrong = await owner.call('POST', apps, { appId: app.id, appSecret: '0123456789abcdef' })
  assert.deepEqual([wrong.status, wrong.json.field], [400, 'appSecret'])
  const { json, status } = await owner.call('POST', apps, { appId: app.id, appSecret: app.secret })
  assert.equal(status, 200, JSON.stringify(json))
  assert.deepEqual([json.app.name, json.app.owner, json.subscribed, json.problem], ['Agency', 'own', true, null])
  assert.match(json.app.webhookUrl, new RegExp(`/webhooks/messenger/${app.id}$`))

  const list = await owner.call('GET', apps)
  assert.doesNotMatch(JSON.stringify(list.json), new RegExp(app.secret))
  const [row] = await gateway.sql<{ appSecret: Buffer }[]>`select app_secret from provider_apps`
  assert.ok(!row?.appSecret.toString('latin1').includes(app.secret))
  const trail = await owner.call('GET', `/accounts/${gateway.account.sid}/audit?resource=${app.id}`)
  assert.equal(trail.json.items[0].eventType, 'meta-app.added')
  assert.doesNotMatch(JSON.stringify(trail.json), new RegExp(app.secret))
})

test('only who may see secrets reads the verify token', async () => {
  const support = await joinAs(gateway, owner, gateway.account.sid, 'support')
  assert.equal((await support.call('GET', `${apps}/${app.id}/verify-token`)).status, 403)
  const { json } = await owner.call('GET', `${apps}/${app.id}/verify-token`)
  const challenge = `hub.mode=subscribe&hub.challenge=42&hub.verify_token=${json.verifyToken}`
  const verified = await fetch(`${gateway.url}/webhooks/messenger/${app.id}?${challenge}`)
  assert.equal(await verified.text(), '42')
})

test('a subaccount connects a Page by Facebook Login through the app of its parent', async () => {
  const page = await addPage(gateway, 'Of the client')
  const dialog = await dialogOf(gateway, owner, `?app=${app.id}`, client.sid)
  assert.equal(dialog.searchParams.get('client_id'), app.id)
  await comeBack(owner, await answerDialog(gateway, dialog, { pages: [{ id: page.id }] }))
  const senders = `${MESSENGER(gateway, client.sid)}/senders`
  const made = await owner.call('POST', senders, { ...SETTINGS, pageId: page.id, callbackUrl: '/bins/welcome' })
  assert.equal(made.json.app.id, app.id, JSON.stringify(made.json))

  const { pages } = await sandboxState(gateway.url)
  const person = await personAtPage(gateway.url, 0, pages.length - 1)
  await person.say('hi')
  await person.hears(/^Welcome!/)
})

test('another account can neither use an app nor speak through it for Pages of others', async () => {
  const evil = await makeApp('Evil')
  const subaccountApps = `/accounts/${client.sid}/meta-apps`
  assert.equal((await owner.call('POST', subaccountApps, { appId: evil.id, appSecret: evil.secret })).status, 200)
  assert.equal((await owner.call('POST', apps, { appId: evil.id, appSecret: evil.secret })).status, 409)
  const page = await addPage(gateway, 'Mine')
  const refused = await owner.call('POST', `${MESSENGER(gateway)}/senders`, {
    ...SETTINGS,
    accessToken: page.accessToken,
    appId: evil.id,
  })
  assert.deepEqual([refused.status, refused.json.field], [400, 'appId'])

  const { pages } = await sandboxState(gateway.url)
  const messaging = [{ sender: { id: '7000000000000001' }, recipient: { id: pages[0]?.id }, timestamp: Date.now() }]
  const [item] = messaging
  const body = JSON.stringify({
    object: 'page',
    entry: [
      { id: pages[0]?.id, time: Date.now(), messaging: [{ ...item, message: { mid: 'm_forged', text: 'forged' } }] },
    ],
  })
  const answer = await webhook(evil.id, body, evil.secret)
  assert.equal(answer.status, 200)
  assert.equal((await gateway.sql`select 1 from messages where body = 'forged'`).length, 0)
  assert.equal((await webhook(evil.id, body, app.secret)).status, 403)
})

test('an app through which Pages work stays, one without goes and is unknown at once', async () => {
  assert.equal((await owner.call('DELETE', `${apps}/${app.id}`)).status, 409)
  const spare = await makeApp('Spare')
  await owner.call('POST', apps, { appId: spare.id, appSecret: spare.secret })
  assert.equal((await webhook(spare.id, '{"object":"page","entry":[]}', spare.secret)).status, 200)
  assert.equal((await owner.call('DELETE', `${apps}/${spare.id}`)).status, 204)
  assert.equal((await webhook(spare.id, '{"object":"page","entry":[]}', spare.secret)).status, 404)
  assert.equal((await webhook('%00', '{}', spare.secret)).status, 404)
  assert.equal((await owner.call('DELETE', `${apps}/%00`)).status, 404)
})
