/** A doctor's look at a Page: its token, permissions and subscriptions (meta.md 1.1, 5.6, 5.7). Changes nothing. */
import type { Channel, Examination, Finding, FindingLevel, ProviderApp, Usage } from '#core/channel.ts'
import { detailOf, scrub } from '../meta/errors.ts'
import type { Graph, GraphAnswer } from '../meta/graph.ts'
import { asId, asList, asObject, asText, type JsonObject } from '../meta/json.ts'
import { missingTasks } from '../meta/login.ts'
import { NEEDED_FIELDS, SUBSCRIBED_FIELDS } from './fields.ts'

type Sender = Parameters<Channel['examine']>[0]

const RECONNECT = 'Connect the Page again: by Facebook Login, or with a new token.'
const DAY_SECONDS = 86_400
const SOON_DAYS = 14

export async function examine(
  graph: Graph,
  sender: Sender,
  app: ProviderApp,
  webhookUrl: string,
  now: Date,
): Promise<Examination> {
  const appToken = `${app.appId}|${app.appSecret}`
  const pagePath = `${encodeURIComponent(sender.address)}/subscribed_apps`
  const get = (path: string, accessToken: string, fields = {}) =>
    graph.call({ method: 'GET', path, accessToken, fields, app })
  const [token, page, webhook] = await Promise.all([
    get('debug_token', appToken, { input_token: sender.accessToken }),
    get(pagePath, sender.accessToken),
    get(`${encodeURIComponent(app.appId)}/subscriptions`, appToken),
  ])
  const secrets = [sender.accessToken, app.appSecret]
  const about = (answer: GraphAnswer) => detailOf(answer, secrets).message
  const findings: Finding[] = []
  const add = (check: string, level: FindingLevel, text: string, advice: string | null = null) =>
    findings.push({ check, level, text, advice })

  const seen = asObject(bodyOf(token)?.data)
  let dead: string | null = null
  if (!seen) {
    add('token', 'warning', `Meta did not say whether it takes the token: ${about(token)}`, LATER)
  } else if (seen.is_valid !== true) {
    dead = refusalIn(seen, secrets)
    add('token', 'bad', `Meta refuses the Page access token: ${dead}`, RECONNECT)
  } else {
    const { level, text, advice } = lifeOf(seen, now)
    add('token', level, text, advice)
    const missing = missingPermissions(seen, sender.address)
    if (missing === undefined) add('permissions', 'info', 'Meta does not say which permissions the token has.')
    else if (missing.length === 0) add('permissions', 'good', 'The token may receive and send messages for this Page.')
    else {
      dead = `the permission ${missing.join(', ')} is missing`
      add('permissions', 'bad', `The token lacks ${missing.join(' and ')}.`, `${RECONNECT} Allow it this time.`)
    }
    examineTasks(add, sender, subscriptionIn(page, app) !== undefined)
    examinePage(add, page, app, about(page))
  }
  examineApp(add, webhook, webhookUrl, about(webhook))
  return { findings, dead, ...usageOf(page, webhook, token) }
}

const LATER = 'It is asked again with the next check. If this stays, look whether this machine reaches Meta.'

type Add = (check: string, level: FindingLevel, text: string, advice?: string | null) => void

const bodyOf = (answer: GraphAnswer): JsonObject | undefined =>
  answer.kind === 'answered' && answer.status === 200 ? asObject(answer.json) : undefined

function refusalIn(seen: JsonObject, secrets: string[]): string {
  const error = asObject(seen.error)
  const code = [asId(error?.code), asId(error?.subcode)].filter((each) => each !== undefined && each !== '0').join('/')
  const message = scrub(asText(error?.message), secrets).slice(0, 300).toWellFormed() || 'it is not valid'
  return code === '' ? message : `${message} (${code})`
}

/** Whether and when the token, or what it may read, comes to its end. Times are seconds since 1970; 0: never. */
function lifeOf(seen: JsonObject, now: Date): Omit<Finding, 'check'> {
  const nowSeconds = now.getTime() / 1000
  const endsAt = Number(asId(seen.expires_at) ?? 0)
  const dataEndsAt = Number(asId(seen.data_access_expires_at) ?? 0)
  const day = (at: number) => new Date(at * 1000).toISOString().slice(0, 10)
  const isSoon = (at: number) => at > 0 && at < nowSeconds + SOON_DAYS * DAY_SECONDS
  if (isSoon(endsAt)) {
    return {
      level: 'warning',
      text: `The token ends on ${day(endsAt)}.`,
      advice: `${RECONNECT} Do it before that day.`,
    }
  }
  if (isSoon(dataEndsAt)) {
    const text = `Meta's 90 days of access to the Page's data end on ${day(dataEndsAt)}.`
    return { level: 'warning', text, advice: 'Log in with Facebook again: that begins another 90 days.' }
  }
  const end = endsAt > 0 ? `It ends on ${day(endsAt)}.` : 'It has no end date.'
  return { level: 'good', text: `Meta takes the Page access token. ${end}`, advice: null }
}

/**
 * Meta tells a person's tasks on a Page with the list of that person's Pages (meta.md 5.5), which the Page's own token does
 * not open. Of a token that was pasted only what works is known: a subscription takes MODERATE (meta.md 1.1), a message
 * MESSAGING.
 */
function examineTasks(add: Add, { tasks, sends }: Sender, isSubscribed: boolean): void {
  const lacking = missingTasks(tasks)
  const moderates = isSubscribed ? ' MODERATE or MANAGE is there: Meta let the Page be subscribed.' : ''
  if (lacking) add('tasks', 'bad', `${lacking}.`, RECONNECT)
  else if (tasks) add('tasks', 'good', 'The person who connected the Page may write and moderate there.')
  else if (sends) add('tasks', 'good', `MESSAGING is there: messages go out.${moderates}`)
  else {
    const unknown = 'Meta tells the tasks of a person on a Page by Facebook Login only; this token was pasted.'
    const advice =
      'Send yourself a message: the answer shows it. Or connect the Page again by Facebook Login, which tells.'
    add('tasks', 'info', `${unknown}${moderates} Whether MESSAGING is there is not known yet.`, advice)
  }
}

/** Undefined when Meta does not say which there are. */
function missingPermissions(seen: JsonObject, pageId: string): string[] | undefined {
  if (!Array.isArray(seen.scopes)) return undefined
  const scopes = asList(seen.scopes).map(asText)
  const granular = asList(seen.granular_scopes).map(asObject)
  return ['pages_messaging', 'pages_manage_metadata'].filter((name) => {
    if (!scopes.includes(name)) return true
    const targets = asList(granular.find((each) => each?.scope === name)?.target_ids).map(asId)
    return targets.length > 0 && !targets.includes(pageId)
  })
}

const subscriptionIn = (answer: GraphAnswer, app: ProviderApp): JsonObject | undefined =>
  asList(bodyOf(answer)?.data)
    .map(asObject)
    .find((each) => asId(each?.id) === app.appId)

function examinePage(add: Add, answer: GraphAnswer, app: ProviderApp, problem: string): void {
  const list = bodyOf(answer)?.data
  if (!Array.isArray(list)) {
    add('subscription', 'warning', `Meta does not show which apps the Page sends its events to: ${problem}`, LATER)
    return
  }
  const own = subscriptionIn(answer, app)
  const missing = missingFields(asList(own?.subscribed_fields).map(asText))
  const advice = 'Press Subscribe again below.'
  if (!own)
    add('subscription', 'bad', 'The Page sends no events to this app: nothing that people write arrives.', advice)
  else if (missing.length > 0) add('subscription', 'warning', `The Page does not send ${say(missing)}.`, advice)
  else add('subscription', 'good', 'The Page sends its events to this app.')
}

function examineApp(add: Add, answer: GraphAnswer, webhookUrl: string, problem: string): void {
  const list = bodyOf(answer)?.data
  if (!Array.isArray(list)) {
    add('webhook', 'warning', `Meta does not show where the app's events go: ${problem}`, LATER)
    return
  }
  const own = list.map(asObject).find((each) => each?.object === 'page')
  const url = asText(own?.callback_url)
  const fields = asList(own?.fields).map((field) => asText(field) || asText(asObject(field)?.name))
  const missing = missingFields(fields)
  const set = `In the Meta app, under Webhooks, object Page, set the callback URL ${webhookUrl} and subscribe the fields ${SUBSCRIBED_FIELDS.join(', ')}.`
  if (!own || own.active === false) add('webhook', 'bad', 'The Meta app sends its events nowhere.', set)
  else if (!isSamePlace(url, webhookUrl)) add('webhook', 'bad', `The Meta app sends its events to ${url}.`, set)
  else if (missing.length > 0)
    add('webhook', missing.includes('messages') ? 'bad' : 'warning', `The Meta app does not send ${say(missing)}.`, set)
  else add('webhook', 'good', 'The Meta app sends its events here.')
}

const missingFields = (fields: string[]) => Object.keys(NEEDED_FIELDS).filter((name) => !fields.includes(name))

const say = (fields: string[]): string => fields.map((name) => `${name} (${NEEDED_FIELDS[name]})`).join(', ')

const LOOPBACK = /^(localhost|127\.0\.0\.1|\[::1\])$/

/** On one machine, such as with the built-in Messenger, there are several names for the same place. */
function isSamePlace(given: string, expected: string): boolean {
  const [a, b] = [URL.parse(given), URL.parse(expected)]
  if (!a || !b) return false
  const isLocal = LOOPBACK.test(a.hostname) && LOOPBACK.test(b.hostname)
  return a.pathname === b.pathname && (isLocal || a.origin === b.origin)
}

function usageOf(...answers: GraphAnswer[]): { usage?: Usage } {
  const told = answers.flatMap((answer) => (answer.kind === 'answered' && answer.usage ? [answer.usage] : []))
  if (told.length === 0) return {}
  return { usage: told.reduce((most, each) => (each.percent > most.percent ? each : most)) }
}
