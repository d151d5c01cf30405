import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { addPage, atPublicUrl, logInAtFacebook, MESSENGER, SETTINGS } from '../console/facebook.ts'
import { ADMIN, signIn, type Visitor, WITH_ADMIN } from '../console/visitor.ts'
import { dialOf } from '../dial.ts'
import type { Gateway } from '../gateway.ts'
import { sandboxState } from '../people.ts'
import { type GatewayProcess, type Installation, makeInstallation } from './gateway-process.ts'

let installation: Installation
let running: GatewayProcess
let gateway: Gateway
let owner: Visitor

before(async () => {
  installation = await makeInstallation({ ...WITH_ADMIN, LOG_LEVEL: 'trace' })
  running = await installation.start()
  const made = JSON.parse(await readFile(join(installation.dataDir, 'credentials.json'), 'utf8'))
  gateway = { url: installation.url, account: { sid: made.accountSid, authToken: made.authToken } } as Gateway
  owner = await signIn(atPublicUrl(gateway))
})
after(() => installation?.remove())

test('no token, code, state, password or app secret is in the log or in what is kept for people to read', async () => {
  const bakery = await addPage(gateway, 'Corner Bakery')
  const shop = await addPage(gateway, 'Flower Shop')
  const found = await logInAtFacebook(gateway, owner, { pages: [{ id: bakery.id }] })
  const senders = `${MESSENGER(gateway)}/senders`
  const connected = await owner.call('POST', senders, { ...SETTINGS, pageId: found.json.pages[0].id })
  const pasted = await owner.call('POST', senders, { ...SETTINGS, accessToken: shop.accessToken })
  // What Meta refuses is what would be logged.
  await owner.call('POST', senders, { ...SETTINGS, accessToken: `${shop.accessToken}x` })
  await dialOf(gateway.url).setToken(bakery.id, 'password_changed')
  for (const { json } of [connected, pasted]) {
    const { status } = await owner.call('POST', `${senders}/${json.sid}/check`)
    assert.equal(status, 200)
  }
  await fetch(`${gateway.url}/console/api/facebook/callback?code=a-code-of-meta&state=a-state`)

  const sql = installation.sql()
  const { pages } = await sandboxState(gateway.url)
  const made = JSON.parse(await readFile(join(installation.dataDir, 'credentials.json'), 'utf8'))
  const secrets = [
    ...pages.map(({ accessToken }) => accessToken),
    made.sandboxApp.appSecret,
    made.secretKey,
    ADMIN.password,
    owner.cookie().split('=')[1] ?? '',
    'a-code-of-meta',
    'a-state',
  ]
  const kept = await sql<{ text: string }[]>`
    select findings::text as text from sender_checks union all select row_to_json(a)::text from alerts a
    union all select row_to_json(x)::text from exchanges x union all select row_to_json(e)::text from audit_entries e`
  assert.ok(kept.length > 3)
  const { stdout, stderr } = await running.ended('SIGTERM')
  for (const text of [stdout, stderr, ...kept.map((row) => row.text)]) {
    for (const secret of secrets) {
      assert.ok(secret.length > 5)
      assert.ok(!text.includes(secret), `${secret.slice(0, 8)}… stands in: ${text.slice(0, 500)}`)
    }
    assert.doesNotMatch(text, /EAA[\w-]{10,}|input_token|fb_exchange_token/)
  }
})
