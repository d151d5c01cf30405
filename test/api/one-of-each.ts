/** An account with one of each resource, and the paths that lead to them. */
import assert from 'node:assert/strict'
import type { ServedRoute } from '../../src/api/api.ts'
import { connectPageOf, type TestAccount } from '../accounts.ts'
import { eventually } from '../eventually.ts'
import type { MetaGateway } from '../meta-gateway.ts'
import { newChannelSender, newOptOut, newService } from '../services.ts'

/** SIDs by the segment of a path that comes before them. */
export type OneOfEach = { account: TestAccount; psid: string; pageId: string; sids: Record<string, string> }

/** What no account has, as Messenger has none: a SID of the right form. */
const NOWHERE: Record<string, string> = {
  PhoneNumbers: `PN${'0'.repeat(32)}`,
  ShortCodes: `SC${'0'.repeat(32)}`,
  AlphaSenders: `AI${'0'.repeat(32)}`,
  DestinationAlphaSenders: `AI${'0'.repeat(32)}`,
  Usa2p: `QE${'0'.repeat(32)}`,
}

/** `mediaUrl`: of a picture that can be fetched. */
export async function makeOneOfEach(gateway: MetaGateway, account: TestAccount, mediaUrl: string): Promise<OneOfEach> {
  const create = async (path: string, parameters: Record<string, string>): Promise<string> => {
    const answer = await account.call('POST', account.path + path, new URLSearchParams(parameters))
    assert.equal(answer.status, 201, answer.text)
    return answer.json().sid as string
  }
  const first = async (path: string, key: string): Promise<string> =>
    await eventually(`something in ${path}`, async () => {
      const [found] = (await account.call('GET', path)).json()[key] as { sid: string }[]
      return found?.sid
    })

  // Nobody listens there: the callback fails, which leaves an alert.
  const page = await connectPageOf(gateway, account, { callback_url: 'http://127.0.0.1:1/in#rc=0' })
  const psid = gateway.newPerson()
  await gateway.says(psid, page.pageId, 'hello')
  const form = { From: `messenger:${page.pageId}`, To: `messenger:${psid}`, Body: 'look', MediaUrl: mediaUrl }
  const message = await create('/Messages.json', form)
  const key = await create('/Keys.json', { FriendlyName: 'a key' })
  const trigger = { UsageCategory: 'sms', TriggerValue: '1000', CallbackUrl: 'http://127.0.0.1:1/usage' }
  const service = await newService(account)
  await newChannelSender(account, service, page.sid)
  return {
    account,
    psid,
    pageId: page.pageId,
    sids: {
      Accounts: account.sid,
      Messages: message,
      Media: await first(`${account.path}/Messages/${message}/Media.json`, 'media_list'),
      Keys: key,
      SigningKeys: key,
      Applications: await create('/Applications.json', { FriendlyName: 'an application' }),
      Triggers: await create('/Usage/Triggers.json', trigger),
      Services: service.sid,
      ChannelSenders: page.sid,
      Senders: page.sid,
      OptOuts: (await newOptOut(account, service)).sid,
      Alerts: await first('/monitor/v1/Alerts', 'alerts'),
      Events: await first('/monitor/v1/Events', 'events'),
      ...NOWHERE,
    },
  }
}

/** The path of a route, to what this account has. A resource that is not known here is a mistake of the test. */
export function pathTo(route: ServedRoute, { sids }: OneOfEach, accountSid = sids.Accounts): string {
  return route.path.replace(/([^/]+)\/\{(\w+)\}/g, (_all, before: string) => {
    const sid = before === 'Accounts' ? accountSid : sids[before]
    assert.ok(sid, `test/api/one-of-each.ts makes nothing for ${route.method} ${route.path}: teach it to`)
    return `${before}/${sid}`
  })
}

/** Whether there is something at this path for its account to find. */
export const leadsSomewhere = (route: ServedRoute): boolean =>
  !Object.keys(NOWHERE).some((name) => route.path.includes(`/${name}/{`))

/** Whether the path names a resource besides the account. */
export const namesResource = (route: ServedRoute): boolean =>
  [...route.path.matchAll(/([^/]+)\/\{/g)].some(([, before]) => before !== 'Accounts')

export const namesAccount = (route: ServedRoute): boolean => route.path.includes('/Accounts/{')

/** What a route that takes JSON needs to look any further. */
const NEEDED: Record<string, object> = {
  '/messaging/v3/OptOuts/{sid}/Keywords': { keywordType: 'STOP.ALL', messageType: 'ALL', keyword: 'ENOUGH' },
  '/messaging/v3/OptOuts/{sid}/Messages': { keywordType: 'STOP.ALL', messageType: 'ALL', message: 'Bye' },
}

/** The same for what is deleted by its name. */
const NAMED: Record<string, string> = {
  '/messaging/v3/OptOuts/{sid}/Keywords': '?keyword=ENOUGH',
  '/messaging/v3/OptOuts/{sid}/Messages': '?keywordType=STOP.ALL',
}

export const queryOf = (route: ServedRoute): string => (route.method === 'DELETE' && NAMED[route.path]) || ''

/** The least that the route takes, in its own format. */
export const bodyOf = (route: ServedRoute): object | undefined => {
  if (route.method !== 'POST') return undefined
  return route.body ? (NEEDED[route.path] ?? {}) : new URLSearchParams()
}
