import type { Address, Channel, ConnectResult, ProviderApp } from '#core/channel.ts'
import { detailOf } from '../meta/errors.ts'
import type { Graph, GraphAnswer } from '../meta/graph.ts'
import { asId, asObject, asText } from '../meta/json.ts'
import { SUBSCRIBED_FIELDS } from './fields.ts'

/** What a header can carry; every token of Meta's is far from its ends. */
const TOKEN = /^[\x21-\x7e]{1,4096}$/

export async function connect(
  graph: Graph,
  pageId: Address,
  accessToken: string,
  app: ProviderApp,
): Promise<ConnectResult> {
  if (!TOKEN.test(accessToken)) return refused('The Page access token is not a token', 'not a token')
  const path = encodeURIComponent(pageId)
  const secrets = [accessToken, app.appSecret]

  const page = await graph.call({ method: 'GET', path, fields: { fields: 'id,name' }, accessToken, app })
  const found = page.kind === 'answered' ? asObject(page.json) : undefined
  if (page.kind !== 'answered' || found?.id === undefined) return failed('Meta does not show the Page', page, secrets)
  if (asId(found.id) !== pageId) return refused('The Page access token is not for this Page', 'another id was answered')

  const subscription = await graph.call({
    method: 'POST',
    path: `${path}/subscribed_apps`,
    fields: { subscribed_fields: SUBSCRIBED_FIELDS.join(',') },
    accessToken,
    app,
  })
  const subscribed = subscription.kind === 'answered' && asObject(subscription.json)?.success === true
  if (!subscribed) return failed('Meta does not subscribe the app to the Page', subscription, secrets)
  return { ok: true, name: asText(found.name) || pageId }
}

export async function disconnect(graph: Graph, pageId: Address, accessToken: string, app: ProviderApp): Promise<void> {
  await graph.call({ method: 'DELETE', path: `${encodeURIComponent(pageId)}/subscribed_apps`, accessToken, app })
}

/** A Page's own token shows the Page as "me"; a person's shows the person, who has no such field. */
export async function identify(graph: Graph, accessToken: string, app: ProviderApp): ReturnType<Channel['identify']> {
  if (!TOKEN.test(accessToken)) return refused('This is not a token', 'not a token')
  const answer = await graph.call({
    method: 'GET',
    path: 'me',
    fields: { fields: 'id,name,category' },
    accessToken,
    app,
  })
  const page = answer.kind === 'answered' && answer.status === 200 ? asObject(answer.json) : undefined
  const address = asId(page?.id)
  if (page && address !== undefined) return { ok: true, address, name: asText(page.name) || address }
  const detail = detailOf(answer, [accessToken, app.appSecret])
  if (detail.code === 100) return { ok: false, reason: 'This is not the token of a Page, but of a person', detail }
  return failed('Meta does not take the token', answer, [accessToken, app.appSecret])
}

type Refused = Extract<ConnectResult, { ok: false }>

const refused = (reason: string, message: string): Refused => ({ ok: false, reason, detail: { message } })

function failed(what: string, answer: GraphAnswer, secrets: string[]): Refused {
  const detail = detailOf(answer, secrets)
  const why = answer.kind === 'answered' ? detail.message : `it could not be reached (${detail.message})`
  return { ok: false, reason: `${what}: ${why}`, detail }
}
