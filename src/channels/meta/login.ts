/**
 * Facebook Login by hand (meta.md 5.5, 5.6): the dialog's address, what comes back from it, and from the code to the
 * person's Pages, each with a token that lasts. Every refusal is a value, in words.
 */
import type { FoundSender, Json, LoginResult, LoginReturn, ProviderApp, ProviderDetail } from '#core/channel.ts'
import { detailOf } from './errors.ts'
import type { Graph, GraphAnswer } from './graph.ts'
import { asId, asList, asObject, asText, type JsonObject } from './json.ts'

export type LoginOptions = { dialogUrl: string; graphVersion: string }

/** Without these a Page cannot be connected; the others are asked for, and can be missing. */
const NEEDED = ['pages_messaging', 'pages_manage_metadata', 'pages_show_list']
/** `business_management`: Pages that belong to a business portfolio are not listed without it. */
const SCOPES = [...NEEDED, 'pages_read_engagement', 'business_management']

/** 100 Pages each: far more than anybody manages, and an end. */
const MAX_LISTS = 50
const MAX_NAME_LENGTH = 200

export function dialogUrlOf(
  { dialogUrl, graphVersion }: LoginOptions,
  app: ProviderApp,
  { redirectUrl, state }: { redirectUrl: string; state: string },
): string {
  const query = new URLSearchParams({
    client_id: app.appId,
    redirect_uri: redirectUrl,
    state,
    response_type: 'code',
    // A configuration of Login for Business has its own list of permissions.
    ...(app.loginConfigId
      ? { config_id: app.loginConfigId, override_default_response_type: 'true' }
      : { scope: SCOPES.join(',') }),
    // Asks again for what was refused the last time.
    auth_type: 'rerequest',
  })
  return `${dialogUrl}/${graphVersion}/dialog/oauth?${query}`
}

export function readReturn(query: Record<string, string>): LoginReturn {
  const { error, error_reason: reason, error_message: message, error_description: description, code } = query
  if (error === 'access_denied' || reason === 'user_denied') {
    return { problem: 'Facebook Login was cancelled. Nothing was changed; you can start it again.' }
  }
  if (code && code.length <= 4096) return { code }
  const said = (message || description || error || '').slice(0, 300).toWellFormed()
  return { problem: said ? `Facebook said: ${said}` : 'Facebook sent you back without a code. Start the login again.' }
}

export async function finishLogin(
  graph: Graph,
  app: ProviderApp,
  { redirectUrl, code }: { redirectUrl: string; code: string },
): Promise<LoginResult> {
  const secrets = [code, app.appSecret]
  const credentials = { client_id: app.appId, client_secret: app.appSecret }
  const trade = (fields: Record<string, Json>) =>
    graph.call({ method: 'GET', path: 'oauth/access_token', fields, accessToken: null, app })

  const first = await trade({ ...credentials, redirect_uri: redirectUrl, code })
  const short = tokenIn(first)
  if (!short) return refused(codeProblem(first, redirectUrl, secrets), detailOf(first, secrets))
  secrets.push(short.token)
  let userToken = short.token
  // A system user's token may have no end; every other one lasts for an hour or two, and so would the Pages'.
  if (short.expiresIn > 0) {
    const second = await trade({ ...credentials, grant_type: 'fb_exchange_token', fb_exchange_token: short.token })
    const long = tokenIn(second)
    if (!long) return failed('Facebook gave no token that lasts', second, secrets)
    userToken = long.token
    secrets.push(long.token)
  }

  const get = (path: string, fields: Record<string, Json>) =>
    graph.call({ method: 'GET', path, fields, accessToken: userToken, app })
  const [who, permissions, inspected] = await Promise.all([
    get('me', { fields: 'id,name' }),
    get('me/permissions', {}),
    graph.call({
      method: 'GET',
      path: 'debug_token',
      fields: { input_token: userToken },
      accessToken: `${app.appId}|${app.appSecret}`,
      app,
    }),
  ])
  const granted = grantedIn(permissions)
  const listed = await listPages(get)
  if (!listed.ok) return failed('Facebook does not list your Pages', listed.answer, secrets)
  const senders = listed.pages.map(toSender)
  // Pages of a business may be granted without being listed (meta.md 5.5).
  for (const id of targetsIn(inspected)) {
    if (senders.some(({ address }) => address === id)) continue
    const page = bodyOf(await get(encodeURIComponent(id), { fields: 'id,name,access_token' }))
    if (page && asId(page.id) === id && asText(page.access_token) !== '') senders.push(toSender(page))
  }
  const userName = asText(bodyOf(who)?.name).slice(0, MAX_NAME_LENGTH).toWellFormed()
  const missing = granted ? SCOPES.filter((scope) => !granted.has(scope)) : []
  return { ok: true, userName, missing, senders: senders.map((sender) => withoutPermission(sender, missing)) }
}

type Get = (path: string, fields: Record<string, Json>) => Promise<GraphAnswer>

/** By cursor: the address of the next list that Meta gives holds the token, and lacks the proof. */
async function listPages(get: Get): Promise<{ ok: true; pages: JsonObject[] } | { ok: false; answer: GraphAnswer }> {
  const pages: JsonObject[] = []
  let after: string | undefined
  for (let nth = 0; nth < MAX_LISTS; nth += 1) {
    const answer = await get('me/accounts', {
      fields: 'id,name,access_token,tasks',
      limit: 100,
      ...(after !== undefined && { after }),
    })
    const body = bodyOf(answer)
    if (!body || !Array.isArray(body.data)) return { ok: false, answer }
    pages.push(...body.data.map(asObject).filter((each) => each !== undefined))
    const paging = asObject(body.paging)
    after = asId(asObject(paging?.cursors)?.after)
    if (asText(paging?.next) === '' || after === undefined) break
  }
  return { ok: true, pages: pages.filter(({ id }) => asId(id) !== undefined) }
}

function toSender(page: JsonObject): FoundSender {
  const address = asId(page.id) as string
  const name = asText(page.name).slice(0, MAX_NAME_LENGTH).toWellFormed() || address
  const accessToken = asText(page.access_token)
  const tasks = Array.isArray(page.tasks) ? page.tasks.map(asText).filter((task) => task !== '') : null
  return { address, name, accessToken, tasks, obstacle: obstacleOf(accessToken, tasks) }
}

function obstacleOf(accessToken: string, tasks: string[] | null): string | null {
  const missing = missingTasks(tasks)
  if (missing) return missing
  return accessToken === '' ? 'Facebook gave no token for this Page: your role on it does not allow it' : null
}

/** What the person lacks to let us answer for a Page (meta.md 1.1, 5.5), in words; null when nothing, or nobody knows. */
export function missingTasks(tasks: readonly string[] | null): string | null {
  if (tasks === null) return null
  const has = (...names: string[]) => names.some((name) => tasks.includes(name))
  const missing = [
    ...(has('MESSAGING') ? [] : ['MESSAGING (write messages)']),
    ...(has('MODERATE', 'MANAGE') ? [] : ['MODERATE or MANAGE (subscribe to messages)']),
  ]
  if (missing.length === 0) return null
  return `Your role on this Page lacks ${missing.join(' and ')}: somebody with full control of the Page can give it to you`
}

function withoutPermission(sender: FoundSender, missing: string[]): FoundSender {
  const lacking = missing.filter((scope) => NEEDED.includes(scope))
  if (sender.obstacle !== null || lacking.length === 0) return sender
  return { ...sender, obstacle: `You did not give the permission ${lacking.join(', ')}: log in again and allow it` }
}

/** Undefined when Meta does not say. */
function grantedIn(answer: GraphAnswer): Set<string> | undefined {
  const list = bodyOf(answer)?.data
  if (!Array.isArray(list)) return undefined
  const granted = list.flatMap((each) => {
    const { permission, status } = asObject(each) ?? {}
    return status === 'granted' ? [asText(permission)] : []
  })
  return new Set(granted)
}

/** The Pages for which `pages_messaging` was given, where that is limited to some. */
function targetsIn(answer: GraphAnswer): string[] {
  const scopes = asList(asObject(bodyOf(answer)?.data)?.granular_scopes)
  const messaging = scopes.map(asObject).find((scope) => scope?.scope === 'pages_messaging')
  return asList(messaging?.target_ids).flatMap((id) => asId(id) ?? [])
}

const bodyOf = (answer: GraphAnswer): JsonObject | undefined =>
  answer.kind === 'answered' && answer.status === 200 ? asObject(answer.json) : undefined

/** `expiresIn` in seconds; 0: it has no end. */
function tokenIn(answer: GraphAnswer): { token: string; expiresIn: number } | undefined {
  const body = bodyOf(answer)
  const token = asText(body?.access_token)
  const expiresIn = Number(asId(body?.expires_in) ?? 0)
  return token === '' ? undefined : { token, expiresIn: Number.isFinite(expiresIn) ? expiresIn : 0 }
}

/** What is wrong with the code or its redirect address, by Meta's code and subcode. */
function codeProblem(answer: GraphAnswer, redirectUrl: string, secrets: string[]): string {
  const { code, subcode, message } = detailOf(answer, secrets)
  if (answer.kind !== 'answered') return `Facebook could not be reached (${message}). Start the login again.`
  if (code === 100 && subcode === 36007) return 'You took longer than Facebook allows. Start the login again.'
  if (code === 100 && subcode === 36009) return 'This login has been used already. Start it again.'
  if (code === 191 || subcode === 36008) {
    return (
      `Facebook does not accept the address that it should send people back to: add ${redirectUrl} to the Valid OAuth ` +
      'Redirect URIs of the Meta app, under Facebook Login, Settings'
    )
  }
  if (code === 1 || code === 101) return 'Facebook does not accept the id or the secret of the Meta app'
  return `Facebook did not take the login: ${message}`
}

const refused = (reason: string, detail: ProviderDetail): LoginResult => ({ ok: false, reason, detail })

function failed(what: string, answer: GraphAnswer, secrets: string[]): LoginResult {
  const detail = detailOf(answer, secrets)
  return refused(`${what}: ${detail.message}`, detail)
}
