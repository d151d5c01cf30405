import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import * as OTPAuth from 'otpauth'
import { type Gateway, startGateway } from '../gateway.ts'
import { ADMIN, joinAs, newVisitor, signIn, WITH_ADMIN } from './visitor.ts'

let gateway: Gateway
let people: string

before(async () => {
  gateway = await startGateway({ ...WITH_ADMIN, PAGEWIRE_TRUSTED_PROXIES: '127.0.0.1' })
  people = `/accounts/${gateway.account.sid}/people`
})
after(() => gateway?.stop())

test('the first user signs in with the password of the settings and owns the main account', async () => {
  const visitor = newVisitor(gateway)
  assert.equal((await visitor.call('GET', '/session')).status, 401)
  const { status, json, headers } = await visitor.call('POST', '/session', ADMIN)
  assert.equal(status, 200)
  assert.equal(json.next, 'done')
  assert.deepEqual(
    json.me.accounts.map(({ sid, role }: { sid: string; role: string }) => [sid, role]),
    [[gateway.account.sid, 'owner']],
  )
  const [cookie = ''] = headers.getSetCookie()
  assert.match(cookie, /; HttpOnly/)
  assert.match(cookie, /; SameSite=Lax/)
  assert.equal((await visitor.call('GET', '/session')).json.email, ADMIN.email)

  await visitor.call('DELETE', '/session')
  assert.equal((await visitor.call('GET', '/session')).status, 401)
})

test('a wrong password and an unknown address are answered alike, and attempts are limited', async () => {
  await gateway.sql`delete from sign_in_failures`
  const visitor = newVisitor(gateway)
  const wrong = await visitor.call('POST', '/session', { ...ADMIN, password: 'not this one' })
  const unknown = await visitor.call('POST', '/session', { email: 'nobody@example.com', password: 'not this one' })
  assert.equal(wrong.status, 401)
  assert.deepEqual(unknown.json, wrong.json)
  for (let nth = 0; nth < 9; nth += 1) {
    await visitor.call('POST', '/session', { ...ADMIN, email: 'Someone@example.com', password: `guess ${nth}` })
  }
  assert.equal((await visitor.call('POST', '/session', ADMIN)).status, 200)
  await gateway.sql`delete from sign_in_failures`
})

test('many guesses at once get no further than one after the other, and lock nobody else out', async () => {
  await gateway.sql`delete from sign_in_failures`
  const guess = (nth: number) => newVisitor(gateway).call('POST', '/session', { ...ADMIN, password: `guess ${nth}` })
  const answers = await Promise.all(Array.from({ length: 30 }, (_, nth) => guess(nth)))
  assert.equal(answers.filter(({ status }) => status === 401).length, 10)
  assert.equal(answers.filter(({ status }) => status === 429).length, 20)
  assert.equal((await newVisitor(gateway).call('POST', '/session', ADMIN)).status, 429)
  const other = await newVisitor(gateway).call('POST', '/session', { email: 'x@example.com', password: 'guess' })
  assert.equal(other.status, 401)
  await gateway.sql`delete from sign_in_failures`
})

test('one address gets no further either, whomever it guesses at; the address is that which the proxy tells', async () => {
  await gateway.sql`delete from sign_in_failures`
  await gateway.sql`insert into sign_in_failures (key) select 'address:203.0.113.7' from generate_series(1, 100)`
  const from = (address: string) => newVisitor(gateway).call('POST', '/session', ADMIN, { 'X-Forwarded-For': address })
  assert.equal((await from('203.0.113.7')).status, 429)
  assert.equal((await from('203.0.113.8')).status, 200)
  const { count } = (await gateway.sql`select count(*)::integer as count from sign_in_failures`)[0] as { count: number }
  assert.equal(count, 100)
  await gateway.sql`delete from sign_in_failures`
})

test('another site cannot make a change with the cookie of a visitor', async () => {
  const owner = await signIn(gateway)
  for (const headers of [{ Origin: 'https://evil.example' }, { 'Sec-Fetch-Site': 'cross-site' }]) {
    const { status } = await owner.call('PATCH', '/me', { name: 'Mallory' }, headers)
    assert.equal(status, 403)
  }
  assert.equal((await owner.call('PATCH', '/me', { name: 'Ada' })).json.name, 'Ada')
})

test('an invitation is a link that works once; what the new member may do is the role', async () => {
  const owner = await signIn(gateway)
  const invited = await owner.call('POST', `${people}/invitations`, { email: 'Dev@Example.com', role: 'developer' })
  const token = invited.json.url.split('/').at(-1)
  const visitor = newVisitor(gateway)
  const link = await visitor.call('GET', `/links/${token}`)
  assert.deepEqual([link.json.email, link.json.role, link.json.known], ['dev@example.com', 'developer', false])
  assert.equal((await visitor.call('POST', `/links/${token}`, { password: 'short' })).json.field, 'password')
  const joined = await visitor.call('POST', `/links/${token}`, { name: 'Dev', password: 'a password of one’s own' })
  assert.equal(joined.json.me.accounts[0].role, 'developer')
  assert.equal((await newVisitor(gateway).call('GET', `/links/${token}`)).status, 410)

  assert.equal((await visitor.call('GET', people)).json.members.length, 2)
  const refused = await visitor.call('POST', `${people}/invitations`, { email: 'x@example.com', role: 'owner' })
  assert.equal(refused.status, 403)
  const trail = await owner.call('GET', `/accounts/${gateway.account.sid}/audit`)
  assert.deepEqual(
    trail.json.items.slice(0, 2).map(({ eventType }: { eventType: string }) => eventType),
    ['member.joined', 'member.invited'],
  )
})

test('an account never loses its last owner, and an admin makes nobody an owner', async () => {
  const owner = await signIn(gateway)
  const admin = await joinAs(gateway, owner, gateway.account.sid, 'admin')
  const { id } = (await owner.call('GET', '/session')).json
  assert.equal((await owner.call('PATCH', `${people}/${id}`, { role: 'admin' })).status, 409)
  assert.equal((await owner.call('DELETE', `${people}/${id}`)).status, 409)
  assert.equal((await admin.call('PATCH', `${people}/${id}`, { role: 'support' })).status, 403)
  const self = (await admin.call('GET', '/session')).json.id
  assert.equal((await admin.call('PATCH', `${people}/${self}`, { role: 'owner' })).status, 403)
  assert.equal((await owner.call('PATCH', `${people}/${self}`, { role: 'owner' })).status, 204)
  assert.equal((await owner.call('PATCH', `${people}/${self}`, { role: 'admin' })).status, 204)
})

test('with a second factor a password alone opens nothing; codes count once, and recovery codes help', async () => {
  const owner = await signIn(gateway)
  const person = await joinAs(gateway, owner, gateway.account.sid, 'support')
  const who = { email: 'support@example.com', password: 'password of support' }
  const { secret } = (await person.call('POST', '/me/two-factor')).json
  const totp = new OTPAuth.TOTP({ secret: OTPAuth.Secret.fromBase32(secret) })
  assert.equal((await person.call('POST', '/me/two-factor/confirm', { secret, code: '000000' })).status, 400)
  const first = totp.generate()
  const { codes } = (await person.call('POST', '/me/two-factor/confirm', { secret, code: first })).json
  assert.equal(codes.length, 10)

  const phone = newVisitor(gateway)
  assert.equal((await phone.call('POST', '/session', who)).json.next, 'second factor')
  assert.equal((await phone.call('GET', '/session')).status, 401)
  const used = await phone.call('POST', '/session/second-factor', { code: first })
  assert.equal(used.status, 401, 'the code that was confirmed counts no more')
  const code = totp.generate({ timestamp: Date.now() + 30_000 })
  assert.equal((await phone.call('POST', '/session/second-factor', { code })).json.next, 'done')
  assert.equal((await phone.call('GET', '/session')).json.twoFactor, true)

  const again = newVisitor(gateway)
  await again.call('POST', '/session', who)
  assert.equal((await again.call('POST', '/session/second-factor', { code })).status, 401)
  assert.equal((await again.call('POST', '/session/second-factor', { code: codes[0] })).json.next, 'done')
  const third = newVisitor(gateway)
  await third.call('POST', '/session', who)
  assert.equal((await third.call('POST', '/session/second-factor', { code: codes[0] })).status, 401)
})

test('who is signed in cannot guess at a password or a code either', async () => {
  const owner = await signIn(gateway)
  const person = await joinAs(gateway, owner, gateway.account.sid, 'read-only', 'guesser@example.com')
  const { secret } = (await person.call('POST', '/me/two-factor')).json
  const totp = new OTPAuth.TOTP({ secret: OTPAuth.Secret.fromBase32(secret) })
  await person.call('POST', '/me/two-factor/confirm', { secret, code: totp.generate() })
  for (const [path, body] of [
    ['/me/password', { current: 'guess', password: 'another password' }],
    ['/me/two-factor/remove', { code: '000000' }],
  ] as const) {
    const answers = await Promise.all(Array.from({ length: 12 }, () => person.call('POST', path, body)))
    assert.deepEqual(answers.map(({ status }) => status).sort(), [...Array(10).fill(400), 429, 429], path)
  }
  await gateway.sql`delete from sign_in_failures`
})

test('what people change of their own sign-in stands in the trail of their accounts, and in Events', async () => {
  const owner = await signIn(gateway)
  const person = await joinAs(gateway, owner, gateway.account.sid, 'support', 'trail@example.com')
  const { id } = (await person.call('GET', '/session')).json
  await person.call('PATCH', '/me', { name: 'Trudy' })
  await person.call('POST', '/me/password', { current: 'password of support', password: 'another password' })
  const { secret } = (await person.call('POST', '/me/two-factor')).json
  const totp = new OTPAuth.TOTP({ secret: OTPAuth.Secret.fromBase32(secret) })
  const confirm = { secret, code: totp.generate() }
  const { codes } = (await person.call('POST', '/me/two-factor/confirm', confirm)).json
  assert.equal((await person.call('POST', '/me/two-factor/remove', { code: codes[0] })).status, 200)

  const trail = await owner.call('GET', `/accounts/${gateway.account.sid}/audit?resource=${id}`)
  assert.deepEqual(
    trail.json.items
      .map(({ eventType, before, after }: Record<string, unknown>) => [eventType, before, after])
      .slice(0, 4),
    [
      ['user.two-factor-off', { twoFactor: true }, { twoFactor: false }],
      ['user.two-factor-on', { twoFactor: false }, { twoFactor: true }],
      ['user.password-changed', null, null],
      ['user.renamed', { name: 'support' }, { name: 'Trudy' }],
    ],
  )
  assert.doesNotMatch(JSON.stringify(trail.json), new RegExp(`${secret}|${codes[1]}`))
  const events = await gateway.call('GET', `/monitor/v1/Events?EventType=user.renamed`)
  const [renamed] = events.json().events as Record<string, unknown>[]
  assert.deepEqual([renamed?.event_data, renamed?.source], [{ name: { previous: 'support', updated: 'Trudy' } }, 'web'])
})

test('a link for a forgotten password signs out who knew the old one, and ends older links', async () => {
  const owner = await signIn(gateway)
  const person = await joinAs(gateway, owner, gateway.account.sid, 'support', 'forgetful@example.com')
  const { id } = (await person.call('GET', '/session')).json
  const links: string[] = []
  for (const _ of [1, 2]) {
    const { json } = await owner.call('POST', `${people}/${id}/password-link`)
    links.push(json.url.split('/').at(-1))
  }
  const found = newVisitor(gateway)
  assert.equal((await found.call('POST', `/links/${links[1]}`, { password: 'a fresh password' })).json.next, 'done')
  assert.equal((await found.call('GET', '/session')).status, 200)
  assert.equal((await person.call('GET', '/session')).status, 401)
  assert.equal((await found.call('GET', `/links/${links[0]}`)).status, 410)
})

test('an admin of one account cannot make a password for somebody with more rights in another', async () => {
  const owner = await signIn(gateway)
  const brand = await owner.call('POST', `/accounts/${gateway.account.sid}/subaccounts`, { friendlyName: 'A brand' })
  const there = `/accounts/${brand.json.sid}/people`
  const admin = await joinAs(gateway, owner, brand.json.sid, 'admin', 'brand-admin@example.com')
  const invited = await admin.call('POST', `${there}/invitations`, { email: ADMIN.email, role: 'read-only' })
  assert.equal(invited.status, 200, JSON.stringify(invited.json))
  const token = invited.json.url.split('/').at(-1)
  assert.equal((await owner.call('POST', `/links/${token}`, {})).json.next, 'done')
  const { id } = (await owner.call('GET', '/session')).json
  const refused = await admin.call('POST', `${there}/${id}/password-link`)
  assert.equal(refused.status, 403)
  assert.match(refused.json.error, /has more rights than you, here or in another account/)
  const own = await joinAs(gateway, owner, brand.json.sid, 'support', 'brand-support@example.com')
  const ownId = (await own.call('GET', '/session')).json.id
  assert.equal((await admin.call('POST', `${there}/${ownId}/password-link`)).status, 200)
  assert.equal((await owner.call('POST', `${there}/${ownId}/password-link`)).status, 200)
})

test('what a parent does to a subaccount stands in the trails of both', async () => {
  const owner = await signIn(gateway)
  const subaccounts = `/accounts/${gateway.account.sid}/subaccounts`
  const { sid } = (await owner.call('POST', subaccounts, { friendlyName: 'Another brand' })).json
  for (const status of ['suspended', 'suspended', 'active'])
    await owner.call('POST', `${subaccounts}/${sid}/status`, { status })
  for (const account of [gateway.account.sid, sid]) {
    const { items } = (await owner.call('GET', `/accounts/${account}/audit?resource=${sid}`)).json
    assert.deepEqual(
      items.map(({ before, after }: Record<string, unknown>) => [before, after]),
      [
        [{ status: 'suspended' }, { status: 'active' }],
        [{ status: 'active' }, { status: 'suspended' }],
        [null, { friendlyName: 'Another brand' }],
      ],
    )
  }
})

test('settings of the account stand in the trail under the names that the API has, and without a password', async () => {
  const owner = await signIn(gateway)
  const path = `/accounts/${gateway.account.sid}/settings/notices`
  for (const debuggerUrl of ['https://ada:lovelace@app.example/alerts', null])
    assert.equal((await owner.call('PUT', path, { debuggerUrl, mediaAccess: 'auth' })).status, 200)
  const { items } = (await owner.call('GET', `/accounts/${gateway.account.sid}/audit`)).json
  assert.deepEqual(
    items.slice(0, 3).map(({ eventType, after }: Record<string, unknown>) => [eventType, after]),
    [
      ['debugger-webhook.updated', { debuggerUrl: null }],
      ['media-settings.updated', { mediaAccess: 'auth' }],
      ['debugger-webhook.updated', { debuggerUrl: 'https://***@app.example/alerts' }],
    ],
  )
})

test('a new password signs out every other browser', async () => {
  const owner = await signIn(gateway)
  const here = await joinAs(gateway, owner, gateway.account.sid, 'read-only')
  const who = { email: 'read-only@example.com', password: 'password of read-only' }
  const there = await signIn(gateway, who)
  assert.equal((await here.call('GET', '/me/sessions')).json.length, 2)
  const change = { current: who.password, password: 'another password' }
  assert.equal((await here.call('POST', '/me/password', { ...change, current: 'wrong' })).json.field, 'current')
  assert.equal((await here.call('POST', '/me/password', change)).status, 204)
  assert.equal((await there.call('GET', '/session')).status, 401)
  assert.equal((await here.call('GET', '/session')).status, 200)
})
