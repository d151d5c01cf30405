/** Subaccounts of a gateway's main account, each with a client of its own. */
import assert from 'node:assert/strict'
import twilio from 'twilio'
import type { Answer, Gateway } from './gateway.ts'
import type { MetaGateway } from './meta-gateway.ts'

export type TestAccount = {
  sid: string
  authToken: string
  /** `/2010-04-01/Accounts/AC…` */
  path: string
  client: ReturnType<typeof twilio>
  call: (method: string, path: string, body?: URLSearchParams | object) => Promise<Answer>
}

/** The official client with any credentials, pointed at the gateway. */
export function clientWith(gateway: Gateway, user: string, password: string, accountSid: string) {
  const client = twilio(user, password, { accountSid })
  client.api.baseUrl = gateway.url
  client.messaging.baseUrl = `${gateway.url}/messaging`
  client.monitor.baseUrl = `${gateway.url}/monitor`
  client.accounts.baseUrl = `${gateway.url}/accounts`
  client.iam.baseUrl = `${gateway.url}/iam`
  return client
}

export function accountWith(gateway: Gateway, { sid, authToken }: { sid: string; authToken: string }): TestAccount {
  return {
    sid,
    authToken,
    path: `/2010-04-01/Accounts/${sid}`,
    client: clientWith(gateway, sid, authToken, sid),
    call: (method, path, body) => gateway.call(method, path, body, `${sid}:${authToken}`),
  }
}

export async function createSubaccount(gateway: Gateway, friendlyName = 'A subaccount'): Promise<TestAccount> {
  return accountWith(gateway, await gateway.client.api.v2010.accounts.create({ friendlyName }))
}

/** A Page that Meta knows, as a sender of the account. */
export async function connectPageOf(
  gateway: MetaGateway,
  account: TestAccount,
  webhook?: object,
): Promise<{ pageId: string; sid: string; token: string }> {
  const pageId = gateway.newPerson()
  const token = gateway.meta.addPage(pageId, 'A Page')
  const connected = await account.call('POST', '/messaging/v2/Channels/Senders', {
    sender_id: `messenger:${pageId}`,
    configuration: { page_access_token: token },
    ...(webhook && { webhook }),
  })
  assert.equal(connected.status, 202, connected.text)
  return { pageId, sid: connected.json().sid as string, token }
}
