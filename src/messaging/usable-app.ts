/** Which of the provider's apps an account may use: the installation's own, its own, and its parent's. */
import type { ProviderApp } from '#core/channel.ts'
import type { Flow } from './flow.ts'

/** Undefined for an app that is not known here, and for another account's. */
export async function usableApp(flow: Flow, accountSid: string, appId: string): Promise<ProviderApp | undefined> {
  if (appId === flow.defaultAppId) return await flow.app(appId)
  const owned = await flow.directory.providerApp(appId)
  if (!owned || owned.accountSid === accountSid) return owned
  const account = await flow.directory.account(accountSid)
  return account?.parentSid === owned.accountSid ? owned : undefined
}

/** Where an app's events come in: an account's own app has a path of its own, as it signs with a secret of its own. */
export const webhookUrlOf = (flow: Flow, channel: string, appId: string): string =>
  `${flow.publicUrl}/webhooks/${channel}${appId === flow.defaultAppId ? '' : `/${appId}`}`
