import type { Address, Profile, ProviderApp } from '#core/channel.ts'
import type { Graph } from '../meta/graph.ts'
import { asObject, asText } from '../meta/json.ts'

const MAX_NAME_LENGTH = 200

/** Many apps may not see names, and some people have none (meta.md 5.1): every failure is "no name now". */
export async function profile(
  graph: Graph,
  contactAddress: Address,
  accessToken: string,
  app: ProviderApp,
): Promise<Profile | undefined> {
  const answer = await graph.call({
    method: 'GET',
    path: encodeURIComponent(contactAddress),
    fields: { fields: 'name,first_name,last_name' },
    accessToken,
    app,
  })
  const person = answer.kind === 'answered' && answer.status === 200 ? asObject(answer.json) : undefined
  const name = (asText(person?.name) || `${asText(person?.first_name)} ${asText(person?.last_name)}`).trim()
  return name === '' ? undefined : { name: name.slice(0, MAX_NAME_LENGTH).toWellFormed() }
}
