/** Instances of a channel as the pages see them: never with a token. */

import { renderSVG } from 'uqr'
import type { Channel } from '#core/channel.ts'
import { toSid } from '#core/ids.ts'
import type { Flow } from '#messaging/flow.ts'
import { DEFAULT_KEYWORDS, DEFAULT_TEXTS } from '#messaging/opt-out.ts'
import { findProviderApp } from '#store/provider-apps.ts'
import type { SenderCheck } from '#store/sender-checks.ts'
import type { Sender } from '#store/senders.ts'
import { findService } from '#store/services.ts'
import type { Health, SenderRow, SenderView } from './contract/channels.ts'

export function healthOf(check: SenderCheck | undefined): Health {
  if (!check?.checkedAt || !check.level) return null
  return { checkedAt: check.checkedAt.toISOString(), level: check.level, findings: check.findings }
}

export function rowOf(sender: Sender, service: string | null, check: SenderCheck | undefined): SenderRow {
  return {
    sid: toSid('XE', sender.id),
    pageId: sender.address,
    name: sender.name,
    uniqueName: sender.uniqueName,
    status: sender.status,
    callbackUrl: sender.callbackUrl,
    service,
    health: healthOf(check),
  }
}

export async function viewOf(flow: Flow, sender: Sender, check: SenderCheck | undefined): Promise<SenderView> {
  const channel = flow.channels.get(sender.channel) as Channel
  const service = sender.serviceId && (await findService(flow.sql, sender.accountSid, sender.serviceId))
  const app = await findProviderApp(flow.sql, flow.vault, sender.providerAppId)
  const link = channel.link(sender.address)
  return {
    sid: toSid('XE', sender.id),
    pageId: sender.address,
    name: sender.name,
    address: `${sender.channel}:${sender.address}`,
    link,
    qrSvg: renderSVG(link, { border: 2 }),
    status: sender.status,
    offlineReason: sender.status === 'OFFLINE' ? sender.offlineReason : null,
    app: { id: sender.providerAppId, name: app?.name ?? null },
    service: service
      ? { sid: toSid('MG', service.id), name: service.friendlyName, decides: !service.senderDecidesInbound }
      : null,
    uniqueName: sender.uniqueName,
    callbackUrl: sender.callbackUrl,
    callbackMethod: sender.callbackMethod,
    fallbackUrl: sender.fallbackUrl,
    fallbackMethod: sender.fallbackMethod,
    statusCallbackUrl: sender.statusCallbackUrl,
    statusCallbackMethod: sender.statusCallbackMethod,
    outsideWindow: sender.outsideWindow,
    optOut: sender.optOut,
    optOutDefaults: {
      enabled: true,
      stopKeywords: [...DEFAULT_KEYWORDS.STOP],
      startKeywords: [...DEFAULT_KEYWORDS.START],
      helpKeywords: [...DEFAULT_KEYWORDS.HELP],
      stopText: DEFAULT_TEXTS.STOP(sender.name),
      startText: DEFAULT_TEXTS.START(sender.name),
      helpText: DEFAULT_TEXTS.HELP(sender.name),
    },
    health: healthOf(check),
    createdAt: sender.createdAt.toISOString(),
    updatedAt: sender.updatedAt.toISOString(),
  }
}
