/**
 * What is one account's is nobody else's: every route that is served, for every pair of accounts. A new route is covered
 * as soon as it is there; one that nobody knows a resource for fails.
 */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { newAccountSid, newAuthToken } from '#core/ids.ts'
import { saveAccount } from '#store/accounts.ts'
import { createVault } from '#store/secrets.ts'
import type { ServedRoute } from '../../src/api/api.ts'
import { accountWith, createSubaccount, type TestAccount } from '../accounts.ts'
import { type FileServer, PNG, startFileServer } from '../file-server.ts'
import type { Answer } from '../gateway.ts'
import { type MetaGateway, startMetaGateway } from '../meta-gateway.ts'
import { assertTwilioError } from '../twilio-error.ts'
import {
  bodyOf,
  leadsSomewhere,
  makeOneOfEach,
  namesAccount,
  namesResource,
  type OneOfEach,
  pathTo,
  queryOf,
} from './one-of-each.ts'

let gateway: MetaGateway
let files: FileServer
let routes: readonly ServedRoute[]
/** The main account, two subaccounts of it, and one that has nothing to do with them. */
let owners: OneOfEach[] = []
let parent: TestAccount

before(async () => {
  gateway = await startMetaGateway()
  files = await startFileServer()
  const mediaUrl = files.serve('/owl.png', { type: 'image/png', body: PNG })
  parent = accountWith(gateway, gateway.account)
  const stranger = { sid: newAccountSid(), authToken: newAuthToken(), friendlyName: 'A stranger' }
  await saveAccount(gateway.sql, createVault('the secret key of all test gateways'), stranger)
  const subaccounts = [await createSubaccount(gateway), await createSubaccount(gateway)]
  const accounts = [parent, ...subaccounts, accountWith(gateway, stranger)]
  await gateway.sql`update accounts set media_access = 'auth'`
  owners = await Promise.all(accounts.map((account) => makeOneOfEach(gateway, account, mediaUrl)))
  routes = gateway.routes
})
after(async () => {
  await gateway?.stop()
  await files?.stop()
})

const isParentOf = (account: TestAccount, other: TestAccount) =>
  account.sid === parent.sid && owners.slice(1, 3).some((each) => each.account.sid === other.sid)

type Pair = { owner: OneOfEach; other: OneOfEach }
const pairs = (): Pair[] =>
  owners.flatMap((owner) => owners.filter((other) => other !== owner).map((other) => ({ owner, other })))

const ask = (route: ServedRoute, path: string, account: TestAccount): Promise<Answer> =>
  account.call(route.method, path + queryOf(route), bodyOf(route))

/** Everything of everybody that can be read, so that a change is noticed. Times of use aside, nothing may move. */
async function readAll(): Promise<Map<string, string>> {
  const found = new Map<string, string>()
  for (const owner of owners) {
    for (const route of routes.filter((each) => each.method === 'GET' && namesResource(each) && leadsSomewhere(each))) {
      const path = pathTo(route, owner)
      const answer = await ask(route, path, owner.account)
      assert.equal(answer.status, 200, `${path}: its own account finds it: ${answer.text}`)
      found.set(path, answer.text)
    }
  }
  return found
}

test('every route is reached by its own account, which shows that its path is right', async () => {
  assert.ok(routes.length > 80, 'there are routes')
  const paths = new Set(routes.filter((route) => namesResource(route) && leadsSomewhere(route)).map(({ path }) => path))
  const [owner] = owners as [OneOfEach]
  for (const path of paths) {
    const methods = routes.filter((route) => route.path === path)
    const route = methods.find(({ method }) => method === 'GET') ?? methods.find(({ method }) => method === 'POST')
    if (!route) continue
    const answer = await ask(route, pathTo(route, owner), owner.account)
    assert.ok(![401, 403, 404, 405].includes(answer.status), `${route.method} ${path}: ${answer.text}`)
  }
})

test("another account's credentials are refused at every path of an account, its parent's are not", async () => {
  const before = await readAll()
  for (const { owner, other } of pairs()) {
    for (const route of routes.filter(namesAccount)) {
      const path = pathTo(route, owner)
      if (!isParentOf(other.account, owner.account))
        assertTwilioError(await ask(route, path, other.account), 401, 20003)
      else if (route.method === 'GET' && leadsSomewhere(route)) {
        const answer = await ask(route, path, other.account)
        assert.equal(answer.status, 200, `${path} with the parent's credentials: ${answer.text}`)
      }
    }
  }
  assert.deepEqual(await readAll(), before)
})

test("what is another account's is not found, by any route", async () => {
  const before = await readAll()
  for (const { owner, other } of pairs()) {
    for (const route of routes.filter(namesResource)) {
      const path = pathTo(route, owner, other.account.sid)
      const answer = await ask(route, path, other.account)
      assertTwilioError(answer, 404, 20404)
      // As it would be for what nobody has.
      assert.ok(!answer.text.replaceAll(path, '').includes(owner.account.sid), answer.text)
    }
  }
  assert.deepEqual(await readAll(), before)
})

test('no list shows what is of another account', async () => {
  for (const { owner, other } of pairs()) {
    const { Accounts, ...theirs } = owner.sids
    const areFamily = isParentOf(other.account, owner.account) || isParentOf(owner.account, other.account)
    const hidden = [...Object.values(theirs), ...(areFamily ? [] : [Accounts])].filter(
      (sid) => !/0{32}$/.test(sid ?? ''),
    )
    for (const route of routes.filter((each) => each.method === 'GET' && !namesResource(each))) {
      const path = `${pathTo(route, other)}?PageSize=1000&Channel=messenger&AccountSid=${other.account.sid}`
      const answer = await ask(route, path, other.account)
      assert.equal(answer.status, 200, `${path}: ${answer.text}`)
      for (const sid of hidden) assert.ok(!answer.text.includes(String(sid)), `${path} shows ${sid}`)
    }
  }
})

test('a SID with the secret of another is refused everywhere, as are no credentials', async () => {
  const [one, two] = owners as [OneOfEach, OneOfEach]
  const mixed = [`${one.account.sid}:${two.account.authToken}`, `${two.sids.Keys}:${two.account.authToken}`, '']
  for (const route of routes) {
    for (const credentials of mixed) {
      const answer = await gateway.call(route.method, pathTo(route, one), bodyOf(route), credentials)
      assertTwilioError(answer, 401, 20003)
    }
  }
})

test('nothing can be made of what is of another account', async () => {
  for (const { owner, other } of pairs()) {
    const { sids, pageId, psid } = owner
    const message = { To: `messenger:${other.psid}`, From: `messenger:${other.pageId}`, Body: 'x' }
    const messages = `${other.account.path}/Messages.json`
    const pool = `/messaging/v1/Services/${other.sids.Services}/ChannelSenders`
    const typing = { channel: 'messenger', messageId: sids.Messages ?? '' }
    const cases: [path: string, body: Record<string, string>, isJson: boolean, status: number, code: number][] = [
      [messages, { ...message, From: `messenger:${pageId}`, To: `messenger:${psid}` }, false, 400, 63007],
      [messages, { ...message, MessagingServiceSid: sids.Services ?? '' }, false, 404, 21701],
      [messages, { ...message, ApplicationSid: sids.Applications ?? '' }, false, 400, 21218],
      [pool, { Sid: sids.Senders ?? '' }, false, 404, 20404],
      ['/messaging/v3/OptOuts', { messagingServiceSid: sids.Services ?? '' }, true, 404, 21701],
      ['/messaging/v2/Indicators/Typing.json', typing, false, 404, 20404],
      ['/messaging/v3/Indicators/Typing.json', typing, true, 404, 20404],
      [
        '/messaging/v3/Indicators/Typing.json',
        { channel: 'messenger', from: `messenger:${pageId}`, to: `messenger:${psid}` },
        true,
        400,
        63007,
      ],
      ['/iam/v1/Keys', { AccountSid: owner.account.sid }, false, 404, 20404],
    ]
    for (const [path, body, isJson, status, code] of cases) {
      const answer = await other.account.call('POST', path, isJson ? body : new URLSearchParams(body))
      assertTwilioError(answer, status, code)
    }
  }
})
