import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import fastify from 'fastify'
import { registerConsole } from '../../src/console/console.ts'
import { ROLES, rightsOf } from '../../src/console/roles.ts'
import type { RouteInfo } from '../../src/console/route.ts'
import { type Gateway, startGateway } from '../gateway.ts'
import { joinAs, newVisitor, signIn, type Visitor, WITH_ADMIN } from './visitor.ts'

let gateway: Gateway
let table: RouteInfo[]
const visitors = new Map<string, Visitor>()

before(async () => {
  gateway = await startGateway(WITH_ADMIN)
  const shell = { version: '', publicUrl: '', sandbox: false }
  table = await registerConsole(fastify(), { sql: null } as never, shell)
  const owner = await signIn(gateway)
  visitors.set('owner', owner)
  for (const role of ROLES) {
    if (role !== 'owner') visitors.set(role, await joinAs(gateway, owner, gateway.account.sid, role))
  }
})
after(() => gateway?.stop())

/** A path of a route with names that nothing has. */
const pathOf = ({ url }: RouteInfo, accountSid: string) =>
  url
    .replace('/console/api', '')
    .replace(':accountSid', accountSid)
    .replaceAll(/:[a-zA-Z]+/g, '01a203d8-2170-76ef-ab36-dd99a89dcf57')

const bodyOf = ({ method }: RouteInfo) => (method === 'GET' || method === 'DELETE' ? undefined : {})

test('every route that is not open to all wants a session', async () => {
  const guarded = table.filter(({ needs }) => needs !== 'signed out')
  assert.ok(guarded.length > 5)
  for (const route of guarded) {
    const { status } = await newVisitor(gateway).call(route.method, pathOf(route, gateway.account.sid), bodyOf(route))
    assert.equal(status, 401, `${route.method} ${route.url}`)
  }
})

test('of an account that one is no member of, one learns nothing', async () => {
  const stranger = `AC${'0'.repeat(32)}`
  for (const route of table.filter(({ url }) => url.includes(':accountSid'))) {
    const visitor = visitors.get('owner') as Visitor
    const { status } = await visitor.call(route.method, pathOf(route, stranger), bodyOf(route))
    assert.equal(status, 404, `${route.method} ${route.url}`)
  }
})

test('what a role does not allow is refused, route by route', async () => {
  for (const route of table.filter(({ url }) => url.includes(':accountSid'))) {
    for (const role of ROLES) {
      if ((rightsOf(role) as readonly string[]).includes(route.needs)) continue
      const visitor = visitors.get(role) as Visitor
      const { status } = await visitor.call(route.method, pathOf(route, gateway.account.sid), bodyOf(route))
      assert.equal(status, 403, `${role}: ${route.method} ${route.url}`)
    }
  }
})
