/**
 * How every route of the console is made. Comes in: a request with the session's cookie. Goes out: the handler's answer
 * as JSON, or a refusal in words. No handler runs before session, membership and right have been checked, and no change
 * is made for another site's page.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Static, TSchema } from 'typebox'
import type { Flow } from '#messaging/flow.ts'
import type { AuditActor } from '#store/audit.ts'
import { findRole, type ReachedAccount } from '#store/memberships.ts'
import { findSession, type Session } from '#store/sessions.ts'
import { findUser, type User } from '#store/users.ts'
import type { Right } from './contract.ts'
import { rightsOf } from './roles.ts'

/** A refusal in words for the person at the page; `field` names the input that is meant. */
export class Refusal extends Error {
  readonly status: number
  readonly field: string | undefined
  constructor(status: number, message: string, field?: string) {
    super(message)
    this.status = status
    this.field = field
  }
}

export type Visitor = { user: User; session: Session }

export type ConsoleRequest<Body> = {
  raw: FastifyRequest
  reply: FastifyReply
  params: Record<string, string>
  query: Record<string, string>
  body: Body
}

/** `signed out`: open to everybody. `signed in`: any user. A right: in the account that the path names. */
export type Need = 'signed out' | 'signed in' | Right

type Known<N extends Need> = N extends 'signed out'
  ? object
  : N extends 'signed in'
    ? { visitor: Visitor; actor: AuditActor }
    : { visitor: Visitor; actor: AuditActor; account: ReachedAccount }

export type RouteOptions<N extends Need, Body extends TSchema> = {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Below `/console/api`. A route that needs a right has `:accountSid` in it. */
  url: string
  needs: N
  body?: Body
  bodyLimit?: number
}

export type RouteInfo = { method: string; url: string; needs: Need }

export type Routes = {
  flow: Flow
  /** Everything that was registered: the tests walk through it. */
  table: RouteInfo[]
  add: <N extends Need, Body extends TSchema = TSchema>(
    options: RouteOptions<N, Body>,
    handler: (request: ConsoleRequest<Static<Body>> & Known<N>) => Promise<unknown>,
  ) => void
  /** For answers that never end: called before the server closes. */
  onClose: (end: () => void) => void
}

export const COOKIE = 'pagewire_session'

export function createRoutes(scope: FastifyInstance, flow: Flow): Routes {
  const table: RouteInfo[] = []
  const known = new WeakMap<FastifyRequest, object>()
  return {
    flow,
    table,
    onClose: (end) => scope.addHook('preClose', async () => end()),
    add({ method, url, needs, body, bodyLimit }, handler) {
      table.push({ method, url: `/console/api${url}`, needs })
      scope.route({
        method,
        url,
        ...(bodyLimit !== undefined && { bodyLimit }),
        ...(body !== undefined && { schema: { body } }),
        // Before anything of the body is read.
        onRequest: async (request) => {
          if (method !== 'GET') refuseOtherSites(request)
          known.set(request, await recognise(flow, request, needs))
        },
        handler: async (request, reply) => {
          const answer = await handler({
            raw: request,
            reply,
            params: request.params as Record<string, string>,
            query: readQuery(request),
            body: request.body as Static<NonNullable<typeof body>>,
            ...known.get(request),
          } as never)
          if (reply.sent) return reply
          return answer === undefined ? reply.code(204).send() : answer
        },
      })
    },
  }
}

async function recognise(flow: Flow, request: FastifyRequest, needs: Need) {
  if (needs === 'signed out') return {}
  const visitor = await visitorOf(flow, request)
  if (!visitor || visitor.session.pending) throw new Refusal(401, 'Please sign in')
  const { user } = visitor
  const actor: AuditActor = { type: 'user', id: user.id, name: user.name || user.email, address: request.ip }
  if (needs === 'signed in') return { visitor, actor }
  const { accountSid = '' } = request.params as { accountSid?: string }
  const account = await findRole(flow.sql, user.id, accountSid)
  // Of an account that one does not reach, one does not learn that it exists.
  if (!account) throw new Refusal(404, 'There is no such account, or you are not one of its members')
  if (!rightsOf(account.role).includes(needs)) {
    throw new Refusal(403, `Your role in this account (${account.role}) does not allow this`)
  }
  return { visitor, actor, account }
}

/** Whose cookie this is; also of a session that still waits for its second factor. */
export async function visitorOf(flow: Flow, request: FastifyRequest): Promise<Visitor | undefined> {
  const token = request.cookies[COOKIE]
  const session = token && token.length < 200 ? await findSession(flow.sql, token) : undefined
  const user = session && (await findUser(flow.sql, flow.vault, session.userId))
  return session && user ? { session, user } : undefined
}

/** The cookie is not sent along by other sites' forms (SameSite); this is the second wall. */
function refuseOtherSites({ headers }: FastifyRequest): void {
  const site = headers['sec-fetch-site']
  const isOther = site !== undefined && site !== 'same-origin' && site !== 'none'
  const { origin, host } = headers
  const isForeign = origin !== undefined && (!URL.canParse(origin) || new URL(origin).host !== host)
  if (isOther || isForeign) throw new Refusal(403, 'This request came from another site')
}

/** The first of each name. */
function readQuery(request: FastifyRequest): Record<string, string> {
  const { query } = request as { query: Record<string, unknown> }
  return Object.fromEntries(
    Object.entries(query).map(([name, value]) => [name, String(Array.isArray(value) ? value[0] : value)]),
  )
}
