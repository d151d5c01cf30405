/**
 * A doctor's look at one sender. Comes in: which one. Goes out: findings, kept as the newest ones; a sender whose token
 * or permission is gone is put offline with an alert, before a message fails of it. Must tell the customer's server
 * nothing: it is asked whether it is there, no more.
 */
import { resolveCallbackUrl } from '#core/callback-url.ts'
import type { Channel, Finding, FindingLevel } from '#core/channel.ts'
import { sharedClock } from '#core/clock.ts'
import { errorText } from '#core/error-codes.ts'
import { type Id, toSid } from '#core/ids.ts'
import { type Probed, probe } from '#customer/probe.ts'
import { findBin } from '#store/bins.ts'
import { type Activity, findActivity, findCheck, type SenderCheck, saveCheck } from '#store/sender-checks.ts'
import { findSender, type Sender } from '#store/senders.ts'
import type { MessagingService } from '#store/services.ts'
import { alertAbout } from './alert.ts'
import { binNameOf } from './bin-url.ts'
import { nextCheckInMs } from './check-interval.ts'
import { type Flow, mayReachPrivate } from './flow.ts'
import { CALLBACKS, type CallbackName, callbacksOf } from './sender-callbacks.ts'
import { webhookUrlOf } from './usable-app.ts'

const OFFLINE_CODE = 63001

/** Undefined when the sender is gone, or its account sends nothing now. */
export async function examineSender(flow: Flow, accountSid: string, id: Id): Promise<SenderCheck | undefined> {
  const sender = await findSender(flow.sql, flow.vault, accountSid, id)
  const account = sender && (await flow.directory.account(accountSid))
  const channel = sender && flow.channels.get(sender.channel)
  if (!sender || !account?.isActive || !channel) return undefined
  const service = (sender.serviceId && (await flow.directory.service(accountSid, sender.serviceId))) || null
  const activity = await findActivity(flow.sql, accountSid, id)
  const [provider, callbacks] = await Promise.all([
    askProvider(flow, channel, sender, hasSent(sender, activity)),
    askCustomer(flow, sender, service, account.authToken),
  ])
  const findings = [
    ...provider.findings,
    ...stateOf(sender, provider.dead),
    ...activityOf(activity),
    ...callbacks,
    ...provider.limits,
  ]
  const level = worstOf(findings)
  const before = await saveCheck(
    flow.sql,
    { accountSid, id, seenAt: sender.updatedAt },
    level,
    findings,
    nextCheckInMs(),
  )
  if (before) {
    await markDead(flow, sender, provider.dead)
    await tellNews(flow, sender, before, findings)
  }
  return await findCheck(flow.sql, accountSid, id)
}

const RANK: Record<FindingLevel, number> = { good: 0, info: 0, warning: 1, bad: 2 }

export const worstOf = (findings: readonly Finding[]): FindingLevel =>
  findings.reduce<FindingLevel>((worst, { level }) => (RANK[level] > RANK[worst] ? level : worst), 'good')

type Told = { findings: Finding[]; dead: string | null; limits: Finding[] }

/** With the settings, and so the token, that it has now. */
const hasSent = ({ updatedAt }: Sender, { lastOutboundAt, outboundStatus }: Activity): boolean =>
  lastOutboundAt !== null && lastOutboundAt > updatedAt && ['sent', 'delivered', 'read'].includes(outboundStatus ?? '')

async function askProvider(flow: Flow, channel: Channel, sender: Sender, sends: boolean): Promise<Told> {
  const app = await flow.app(sender.providerAppId)
  if (!app) {
    const text = `This installation has no secret for the Meta app ${sender.providerAppId}.`
    const advice = 'Add the app again under Meta apps, or remove this Page and connect it with another app.'
    return { findings: [{ check: 'app', level: 'bad', text, advice }], dead: null, limits: [] }
  }
  const webhookUrl = webhookUrlOf(flow, channel.name, app.appId)
  const { findings, dead, usage } = await channel.examine({ ...sender, sends }, app, webhookUrl)
  if (!usage) return { findings, dead, limits: [] }
  flow.pace.learn(sender.id, usage)
  const level = usage.percent >= 100 ? 'bad' : usage.percent >= 80 ? 'warning' : 'good'
  const text = `${Math.round(usage.percent)} % of what Meta allows in an hour is used.`
  const advice = level === 'good' ? null : 'Sending slows down by itself until there is room again.'
  return { findings, dead, limits: [{ check: 'limits', level, text, advice }] }
}

function stateOf(sender: Sender, dead: string | null): Finding[] {
  const found: Finding[] = []
  if (sender.status === 'OFFLINE' && dead === null) {
    found.push({
      check: 'state',
      level: 'bad',
      text: `Sending has stopped: ${sender.offlineReason ?? errorText(sender.offlineCode ?? OFFLINE_CODE)}`,
      advice: 'If the reason is gone, press Subscribe again: what waits goes out then. Else connect the Page again.',
    })
  }
  if (sender.pausedUntil && sender.pausedUntil > sharedClock.now()) {
    const text = 'Meta has asked this Page to be silent for a while.'
    const advice = 'Messages wait and go out by themselves. Look at the Page quality in Meta Business Suite.'
    found.push({ check: 'pause', level: 'warning', text, advice })
  }
  return found
}

function activityOf(activity: Activity): Finding[] {
  const { lastInboundAt, callStatus, callError, callMs, lastOutboundAt, outboundStatus, outboundCode } = activity
  const found: Finding[] = []
  if (lastInboundAt === null) {
    const advice = 'Send yourself a message: that shows whether everything works.'
    found.push({ check: 'last-event', level: 'info', text: 'Nobody has written to this Page lately.', advice })
  } else {
    found.push({ check: 'last-event', level: 'good', text: 'Somebody wrote.', advice: null, at: iso(lastInboundAt) })
  }
  if (callError !== null) {
    const advice = 'The message under Messages shows the request and the answer; it can be sent again from there.'
    const text = `Your server did not take the last message: ${callError}.`
    found.push({ check: 'last-call', level: 'warning', text, advice })
  } else if (callStatus !== null) {
    const text = `Your server answered the last message with ${callStatus} in ${callMs} ms.`
    found.push({ check: 'last-call', level: 'good', text, advice: null })
  }
  if (lastOutboundAt !== null) {
    const failed = outboundCode !== null
    const why = failed ? ` (${outboundCode}: ${errorText(outboundCode)})` : ''
    found.push({
      check: 'last-send',
      level: failed ? 'warning' : 'good',
      text: `The last message to a person: ${outboundStatus}${why}.`,
      advice: failed ? 'Its page under Messages says what to do.' : null,
      at: iso(lastOutboundAt),
    })
  }
  return found
}

const iso = (at: Date) => at.toISOString()

const TITLES: Record<CallbackName, string> = {
  callback: 'Callback URL',
  fallback: 'Fallback URL',
  statusCallback: 'Status Callback URL',
}

async function askCustomer(
  flow: Flow,
  sender: Sender,
  service: MessagingService | null,
  authToken: string,
): Promise<Finding[]> {
  const callbacks = callbacksOf(sender, service)
  const found = await Promise.all(
    CALLBACKS.map(async (name): Promise<Finding | undefined> => {
      const callback = callbacks[name]
      if (callback) return await reach(flow, name, resolveCallbackUrl(callback.url, flow.publicUrl), authToken)
      if (name !== 'callback') return undefined
      const text = 'There is no Callback URL: nobody answers what people write.'
      return {
        check: name,
        level: 'warning',
        text,
        advice: 'Set one below; /bins/welcome is a TwiML bin to begin with.',
      }
    }),
  )
  return found.filter((each) => each !== undefined)
}

async function reach(flow: Flow, name: CallbackName, url: string, authToken: string): Promise<Finding> {
  const bin = binNameOf(url, flow.publicUrl)
  if (bin !== undefined) {
    const exists = (await findBin(flow.sql, bin)) !== undefined
    return exists
      ? { check: name, level: 'good', text: `${TITLES[name]}: answered by the TwiML bin ${bin}.`, advice: null }
      : {
          check: name,
          level: 'bad',
          text: `${TITLES[name]}: there is no TwiML bin ${bin}.`,
          advice: 'Make the bin, or set another URL.',
        }
  }
  return judge(name, new URL(url).host, await probe(url, authToken, mayReachPrivate(flow, url)))
}

/** A server made for POST may well refuse a HEAD: that it answers is what counts. */
function judge(name: CallbackName, host: string, probed: Probed): Finding {
  const title = TITLES[name]
  if (!probed.ok) {
    const advice = 'Check that the server runs and is reachable from here. A test request shows the whole exchange.'
    return { check: name, level: 'bad', text: `${title}: ${probed.reason}.`, advice }
  }
  const { status, durationMs } = probed
  const text = `${title}: ${host} is there and answered a HEAD with ${status} in ${durationMs} ms.`
  if (status >= 500 && status !== 501) {
    return {
      check: name,
      level: 'warning',
      text,
      advice: 'Look into its log. A test request shows the whole exchange.',
    }
  }
  return { check: name, level: 'good', text, advice: null }
}

/** Only the first one to notice tells it. */
async function markDead(flow: Flow, sender: Sender, dead: string | null): Promise<void> {
  if (dead === null || sender.status === 'OFFLINE') return
  const reason = `Meta does not accept the Page access token any more: ${dead}. Connect the Page again.`
  const who = { accountSid: sender.accountSid, id: sender.id }
  const alert = alertAbout({ accountSid: sender.accountSid, resourceSid: toSid('XE', sender.id) }, OFFLINE_CODE, reason)
  const trouble = { ...who, kind: 'offline' as const, code: OFFLINE_CODE, reason, seenAt: sender.updatedAt, alert }
  await flow.commit({ troubles: [trouble] })
  flow.directory.forget()
}

/** What cuts off all that people write, and no failing message would tell. */
const SILENT = ['subscription', 'webhook']

async function tellNews(
  flow: Flow,
  sender: Sender,
  before: readonly Finding[],
  now: readonly Finding[],
): Promise<void> {
  const wasBad = new Set(before.flatMap(({ check, level }) => (level === 'bad' ? [check] : [])))
  const news = now.filter(({ check, level }) => level === 'bad' && SILENT.includes(check) && !wasBad.has(check))
  if (news.length === 0) return
  const about = { accountSid: sender.accountSid, resourceSid: toSid('XE', sender.id) }
  await flow.commit({ alerts: news.map(({ text }) => alertAbout(about, OFFLINE_CODE, text)) })
}
