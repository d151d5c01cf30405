/** What a person's token sees: the person, the permissions, and the Pages that the person gave (meta.md 5.5, 5.6). */
import { type GrantedPage, listGrantedPages, type UserTokenHolder } from '../world/logins.ts'
import type { World } from '../world/world.ts'
import type { Call, Handler } from './call.ts'
import { GraphError, invalid, unsupported } from './error.ts'
import { namesOf, textOf } from './params.ts'

const PAGE_SIZE = 25
const MAX_PAGE_SIZE = 100
const PAGE_FIELDS = ['id', 'name', 'access_token', 'category', 'category_list', 'tasks']

function userCaller(call: Call): UserTokenHolder {
  if (call.caller.kind !== 'user' || call.node !== call.caller.person.id) throw unsupported(call.method, call.node)
  return call.caller
}

/** Those of a business only with the permission for them. */
async function visiblePages(world: World, { app, person, scopes }: UserTokenHolder): Promise<GrantedPage[]> {
  const pages = await listGrantedPages(world.sql, app.id, person.id)
  return pages.filter(({ business }) => business === null || scopes.includes('business_management'))
}

/** `GET /me/accounts`, a list after the other. */
export const listAccounts: Handler = async (world, call) => {
  const user = userCaller(call)
  if (!user.scopes.includes('pages_show_list')) return { data: [] }
  const fields = namesOf(call.params.fields, 'fields') ?? PAGE_FIELDS
  const unknown = fields.find((field) => !PAGE_FIELDS.includes(field))
  if (unknown !== undefined) throw invalid(`Tried accessing nonexisting field (${unknown}) on node type (Page)`)
  const asked = Number(textOf(call.params.limit, 'limit', 10) ?? PAGE_SIZE)
  const limit = Number.isInteger(asked) && asked > 0 ? Math.min(asked, MAX_PAGE_SIZE) : PAGE_SIZE
  const after = textOf(call.params.after, 'after', 100)
  const from = after === undefined ? 0 : Number(Buffer.from(after, 'base64url').toString())
  if (!Number.isSafeInteger(from)) throw invalid('Invalid cursors values')
  const rest = (await visiblePages(world, user)).filter(({ number }) => number > from)
  const pages = rest.slice(0, limit)
  const cursorOf = (page: GrantedPage) => Buffer.from(String(page.number)).toString('base64url')
  const [first, last] = [pages[0], pages.at(-1)]
  if (first === undefined || last === undefined) return { data: [] }
  const next = new URL(`${world.baseUrl()}/graph/${call.version}/${user.person.id}/accounts`)
  next.search = new URLSearchParams({
    access_token: textOf(call.params.access_token, 'access_token', 1000) ?? '',
    fields: fields.join(','),
    limit: String(limit),
    after: cursorOf(last),
  }).toString()
  return {
    data: pages.map((page) => pageJson(page, fields)),
    paging: {
      cursors: { before: cursorOf(first), after: cursorOf(last) },
      ...(rest.length > pages.length && { next: next.href }),
    },
  }
}

function pageJson(page: GrantedPage, fields: string[]): object {
  const all: Record<string, unknown> = {
    id: page.id,
    name: page.name,
    access_token: page.accessToken,
    category: 'Local business',
    category_list: [{ id: '2500', name: 'Local business' }],
    tasks: page.tasks,
  }
  return { ...Object.fromEntries(fields.map((field) => [field, all[field]])), id: page.id }
}

export const listPermissions: Handler = async (_world, call) => {
  const { scopes, declined } = userCaller(call)
  const status = (status: string) => (permission: string) => ({ permission, status })
  return { data: [...scopes.map(status('granted')), ...declined.map(status('declined'))] }
}

const USER_FIELDS = ['id', 'name', 'first_name', 'last_name']

/** `GET /me`, and a Page that the person gave. */
export async function readAsUser(world: World, call: Call, user: UserTokenHolder): Promise<object> {
  const { person } = user
  if (call.node !== person.id) {
    // One that is not listed too, as Meta does (meta.md 5.5).
    const pages = await listGrantedPages(world.sql, user.app.id, person.id)
    const page = pages.find(({ id }) => id === call.node)
    if (page === undefined) throw unsupported(call.method, call.node)
    return pageJson(page, namesOf(call.params.fields, 'fields') ?? ['name'])
  }
  const [first = '', ...others] = person.name.split(' ')
  const all = { id: person.id, name: person.name, first_name: first, last_name: others.join(' ') }
  const asked = namesOf(call.params.fields, 'fields') ?? ['id', 'name']
  const unknown = asked.find((field) => !USER_FIELDS.includes(field))
  if (unknown !== undefined) throw invalid(`Tried accessing nonexisting field (${unknown}) on node type (User)`)
  return { ...Object.fromEntries(Object.entries(all).filter(([name]) => asked.includes(name))), id: person.id }
}

/** Of a Page's token: null allows everything. */
export function needScope(scopes: string[] | null, scope: string): void {
  if (scopes === null || scopes.includes(scope)) return
  throw new GraphError(200, `(#200) Requires ${scope} permission to manage the object`)
}
