import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import * as OTPAuth from 'otpauth'
import { type Gateway, startGateway } from '../gateway.ts'
import { ADMIN, joinAs, newVisitor, signIn, WITH_ADMIN } from './visitor.ts'

let gateway: Gateway
let people: string

before(async () => {
  gateway = await startGateway(WITH_ADMIN)
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
    await visitor.call('POST', '/session', { email: 'someone@example.com', password: 'guess' })
  }
  assert.equal((await visitor.call('POST', '/session', ADMIN)).status, 429)
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
  const { codes } = (await person.call('POST', '/me/two-factor/confirm', { secret, code: totp.generate() })).json
  assert.equal(codes.length, 10)

  const phone = newVisitor(gateway)
  assert.equal((await phone.call('POST', '/session', who)).json.next, 'second factor')
  assert.equal((await phone.call('GET', '/session')).status, 401)
  const code = totp.generate()
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
