import type { Channel, ProviderApp } from '#core/channel.ts'
import { detailOf } from '../meta/errors.ts'
import type { Graph } from '../meta/graph.ts'
import { asId, asObject, asText } from '../meta/json.ts'
import { SUBSCRIBED_FIELDS } from './fields.ts'

const tokenOf = ({ appId, appSecret }: ProviderApp): string => `${appId}|${appSecret}`

export async function identifyApp(graph: Graph, app: ProviderApp): ReturnType<Channel['identifyApp']> {
  const path = encodeURIComponent(app.appId)
  const answer = await graph.call({
    method: 'GET',
    path,
    fields: { fields: 'id,name' },
    accessToken: tokenOf(app),
    app,
  })
  const found = answer.kind === 'answered' && answer.status === 200 ? asObject(answer.json) : undefined
  if (found && asId(found.id) === app.appId) return { ok: true, name: asText(found.name) || app.appId }
  return { ok: false, reason: detailOf(answer, [app.appSecret]).message }
}

/** What a developer would else type into Meta's dashboard (meta.md 5.7). Meta asks the URL for the challenge at once. */
export async function subscribeApp(
  graph: Graph,
  app: ProviderApp,
  webhookUrl: string,
): ReturnType<Channel['subscribeApp']> {
  const answer = await graph.call({
    method: 'POST',
    path: `${encodeURIComponent(app.appId)}/subscriptions`,
    fields: {
      object: 'page',
      callback_url: webhookUrl,
      verify_token: app.verifyToken,
      fields: SUBSCRIBED_FIELDS.join(','),
      include_values: true,
    },
    accessToken: tokenOf(app),
    app,
  })
  const done = answer.kind === 'answered' && asObject(answer.json)?.success === true
  if (done) return { ok: true }
  const { message } = detailOf(answer, [app.appSecret, app.verifyToken])
  return { ok: false, reason: message }
}
