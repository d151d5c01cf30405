/**
 * Facebook's login dialog, pretended: what an app asks for, and what a person answers. Comes in: the dialog's address as
 * Meta has it (meta.md 5.6). Goes out: where the browser is sent back to, with a code or an error.
 */
import type { FastifyInstance } from 'fastify'
import type { LoginDialog, LoginDialogAnswer, PageRole } from '../contract.ts'
import { type App, findApp } from '../world/apps.ts'
import { allow } from '../world/logins.ts'
import { listPages } from '../world/pages.ts'
import { findPerson, listPeople } from '../world/people.ts'
import type { World } from '../world/world.ts'
import { fieldsOf, idOf, Refused, text } from './input.ts'

/** What a configuration of Login for Business asks for here, whatever its id. */
const ALL_SCOPES = [
  'pages_messaging',
  'pages_manage_metadata',
  'pages_show_list',
  'pages_read_engagement',
  'business_management',
]

/** Facebook's names for what a person may do on a Page (meta.md 5.5). */
const TASKS: Record<PageRole, string[]> = {
  full: ['ADVERTISE', 'ANALYZE', 'CREATE_CONTENT', 'MESSAGING', 'MODERATE', 'MANAGE'],
  messages: ['ANALYZE', 'MESSAGING'],
  content: ['ANALYZE', 'CREATE_CONTENT'],
}

const LOCAL = /^(localhost|127\.0\.0\.1|\[::1\])$/

type Asked = { app: App; redirectUri: string; state: string | null; scopes: string[] }

export function registerLoginDialog(server: FastifyInstance, world: World): void {
  server.get('/login-dialog', async (request): Promise<LoginDialog> => {
    const { app, scopes } = await readAsked(world, request.query as Record<string, unknown>)
    const pages = await listPages(world)
    return {
      app: { id: app.id, name: app.name },
      scopes,
      people: await listPeople(world.sql),
      pages: pages.map(({ id, name, business }) => ({ id, name, business })),
    }
  })

  server.post('/login-dialog', async (request): Promise<{ location: string }> => {
    const asked = await readAsked(world, request.query as Record<string, unknown>)
    const answer = readAnswer(request.body)
    const location = new URL(asked.redirectUri)
    if (asked.state !== null) location.searchParams.set('state', asked.state)
    if (answer.cancel) {
      const denied = { error: 'access_denied', error_code: '200', error_reason: 'user_denied' }
      for (const [name, value] of Object.entries(denied)) location.searchParams.set(name, value)
      location.searchParams.set('error_description', 'Permissions error')
    } else {
      location.searchParams.set('code', await accept(world, asked, answer))
    }
    // Facebook appends this fragment to every return.
    location.hash = '_=_'
    world.feed.publish({ type: 'state' })
    return { location: location.href }
  })
}

async function accept(world: World, asked: Asked, answer: Extract<LoginDialogAnswer, { cancel: false }>) {
  const person = await findPerson(world.sql, answer.person)
  if (person === undefined) throw new Refused(404, 'no such person')
  const known = new Set((await listPages(world)).map(({ id }) => id))
  if (answer.pages.some(({ id }) => !known.has(id))) throw new Refused(404, 'no such Page')
  const grant = {
    appId: asked.app.id,
    personId: person.id,
    scopes: asked.scopes.filter((scope) => answer.scopes.includes(scope)),
    declined: asked.scopes.filter((scope) => !answer.scopes.includes(scope)),
    pages: answer.pages.map(({ id, role }) => ({ id, tasks: TASKS[role] })),
  }
  return allow(world.sql, grant, asked.redirectUri, world.clock.now())
}

async function readAsked(world: World, query: Record<string, unknown>): Promise<Asked> {
  const given = (name: string): string | null => {
    const value = query[name]
    return typeof value === 'string' && value !== '' && value.length <= 4096 ? value : null
  }
  const id = given('client_id')
  const app = id !== null && /^\d{1,25}$/.test(id) ? await findApp(world.sql, id) : undefined
  if (app === undefined) {
    throw new Refused(400, 'Invalid App ID: The provided app ID does not look like a valid app ID.')
  }
  const redirectUri = given('redirect_uri')
  if (redirectUri === null || !isAllowed(world, redirectUri)) {
    throw new Refused(
      400,
      "URL Blocked: This redirect failed because the redirect URI is not whitelisted in the app's Client OAuth " +
        'Settings. Here, an address on this machine or on that of the built-in Messenger is.',
    )
  }
  const type = given('response_type')
  if (type !== null && type !== 'code') throw new Refused(400, 'Only response_type=code is played here.')
  const asked = given('scope')
    ?.split(/[,\s]+/)
    .filter((scope) => scope !== '')
  const scopes = given('config_id') !== null ? ALL_SCOPES : [...new Set(asked ?? ['public_profile'])]
  const strange = scopes.find((scope) => !/^[a-z_]{1,60}$/.test(scope))
  if (strange !== undefined || scopes.length > 50) throw new Refused(400, `Invalid Scopes: ${strange?.slice(0, 60)}.`)
  return { app, redirectUri, state: given('state'), scopes }
}

/** Facebook lets an app in development send people to localhost; a real app lists its addresses. */
function isAllowed(world: World, uri: string): boolean {
  const url = URL.parse(uri)
  if (url === null || !/^https?:$/.test(url.protocol) || url.hash !== '') return false
  return LOCAL.test(url.hostname) || url.origin === new URL(world.publicUrl).origin
}

function readAnswer(body: unknown): LoginDialogAnswer {
  const fields = fieldsOf(body, 'cancel', 'person', 'scopes', 'pages')
  if (fields.cancel === true) return { cancel: true }
  const { scopes, pages } = fields
  if (!Array.isArray(scopes) || scopes.length > 50) throw new Refused(400, '"scopes" must be a list')
  if (!Array.isArray(pages) || pages.length > 1000) throw new Refused(400, '"pages" must be a list')
  return {
    cancel: false,
    person: idOf(text(fields.person, 'person', 100)),
    scopes: scopes.map((scope: unknown) => text(scope, 'scopes', 60)),
    pages: pages.map((page: unknown) => {
      const { id, role = 'full' } = fieldsOf(page, 'id', 'role')
      if (role !== 'full' && role !== 'messages' && role !== 'content') {
        throw new Refused(400, '"role" must be full, messages or content')
      }
      return { id: idOf(text(id, 'id', 100)), role }
    }),
  }
}
