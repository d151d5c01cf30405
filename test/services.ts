/** Messaging services and what belongs to them, made for a test; with `credentials`, another account's. */
import assert from 'node:assert/strict'
import type { Gateway } from './gateway.ts'

type Made = { sid: string; path: string }
type Caller = Pick<Gateway, 'call'>

const SERVICES = '/messaging/v1/Services'
const OPT_OUTS = '/messaging/v3/OptOuts'

export async function newService(
  { call }: Caller,
  parameters: Record<string, string> = {},
  credentials?: string,
): Promise<Made> {
  const form = new URLSearchParams({ FriendlyName: 'a service', ...parameters })
  const created = await call('POST', SERVICES, form, credentials)
  assert.equal(created.status, 201, created.text)
  const sid = created.json().sid as string
  return { sid, path: `${SERVICES}/${sid}` }
}

/** `senderSid`: of a Page that is in no service. */
export async function newChannelSender(
  { call }: Caller,
  service: Made,
  senderSid: string,
  credentials?: string,
): Promise<Made> {
  const pool = `${service.path}/ChannelSenders`
  const joined = await call('POST', pool, new URLSearchParams({ Sid: senderSid }), credentials)
  assert.equal(joined.status, 201, joined.text)
  return { sid: senderSid, path: `${pool}/${senderSid}` }
}

/** `service`: one that has no opt-out settings yet. */
export async function newOptOut(
  { call }: Caller,
  service: Made,
  settings: object = {},
  credentials?: string,
): Promise<Made> {
  const created = await call('POST', OPT_OUTS, { messagingServiceSid: service.sid, ...settings }, credentials)
  assert.equal(created.status, 201, created.text)
  const sid = created.json().opt_out_sid as string
  return { sid, path: `${OPT_OUTS}/${sid}` }
}
