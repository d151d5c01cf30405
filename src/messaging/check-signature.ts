/**
 * Says why a server did not accept the signature of a callback. Comes in: URL, parameters and signature as the server
 * had them. Goes out: what we would sign, and what differs: from our own call, when it is kept, else from what servers
 * behind a proxy usually get wrong. The token stays here.
 */
import { timingSafeEqual } from 'node:crypto'
import { type AccountSid, fromSid, type Id } from '#core/ids.ts'
import { sign, signatureOf, signedString } from '#customer/signature.ts'
import { findAccount } from '#store/accounts.ts'
import { type ExchangeRecord, findExchanges } from '#store/exchanges.ts'
import type { Flow } from './flow.ts'
import { differences, type Finding, paramDifferences, spellingsOf } from './signature-differences.ts'

export { signatureOf, signedString }

export type SignatureCheck = {
  valid: boolean
  signedString: string
  expected: string
  findings: Finding[]
  call: (ExchangeRecord & { signedString: string }) | undefined
}

type Given = { url: string; params: Record<string, string>; signature: string }

const MAX_EXCHANGES = 500

export async function checkSignature(flow: Flow, accountSid: AccountSid, given: Given): Promise<SignatureCheck> {
  const tokens = await tokensOf(flow, accountSid)
  const [primary] = tokens
  if (!primary) throw new Error(`there is no account ${accountSid}`)
  const text = signedString(given.url, given.params)
  const expected = signatureOf(text, primary.token)
  const answer = { signedString: text, expected }
  if (isSame(expected, given.signature)) return { ...answer, valid: true, findings: [], call: undefined }
  if (!/^[A-Za-z0-9+/]{27}=$/.test(given.signature)) {
    return { ...answer, valid: false, findings: [{ kind: 'format', detail: null }], call: undefined }
  }
  const call = await findCall(flow, accountSid, given)
  const findings = call ? ofCall(given, call, tokens) : ofSpellings(given, tokens)
  return {
    ...answer,
    valid: false,
    findings: findings.length > 0 ? findings : [{ kind: 'unknown', detail: null }],
    call,
  }
}

type Token = { token: string; kind: 'primary' | 'secondary' | 'otherAccount'; of: string }

/** The account's own first, then those that are mistaken for it: its parent's. */
async function tokensOf(flow: Flow, accountSid: AccountSid): Promise<Token[]> {
  const own = await findAccount(flow.sql, flow.vault, accountSid)
  const parent = own?.parentSid ? await findAccount(flow.sql, flow.vault, own.parentSid) : undefined
  return [own, parent].flatMap((account) => {
    if (!account) return []
    const isOwn = account === own
    return [account.authToken, account.secondaryAuthToken].flatMap((token, nth): Token[] =>
      token ? [{ token, kind: isOwn ? (nth === 0 ? 'primary' : 'secondary') : 'otherAccount', of: account.sid }] : [],
    )
  })
}

/** The call that carried this signature, of the message that the parameters name. */
async function findCall(flow: Flow, accountSid: string, { params, url, signature }: Given) {
  const query = URL.parse(url)?.searchParams
  const sid = params.MessageSid ?? params.SmsSid ?? query?.get('MessageSid') ?? ''
  const id: Id | undefined = fromSid(sid, 'SM', 'MM')
  if (!id) return undefined
  const calls = await findExchanges(flow.sql, accountSid, id, MAX_EXCHANGES)
  const call = calls.find(({ requestHeaders }) => isSame(requestHeaders['X-Twilio-Signature'] ?? '', signature))
  return call && { ...call, signedString: signedStringOf(call) }
}

/** What the signature of a recorded call is over. */
export const signedStringOf = ({ method, url, requestParams }: ExchangeRecord): string =>
  signedString(url, method === 'POST' ? requestParams : {})

function ofCall(given: Given, call: ExchangeRecord, tokens: readonly Token[]): Finding[] {
  const sent = call.method === 'POST' ? call.requestParams : {}
  const findings = [...differences(given.url, call.url)]
  if (call.method === 'GET' && Object.keys(given.params).length > 0) findings.push({ kind: 'get', detail: null })
  else findings.push(...paramDifferences(given.params, sent))
  const [primary] = tokens
  if (primary && !isSame(sign(call.url, sent, primary.token), given.signature)) {
    const used = tokens.find(({ token }) => isSame(sign(call.url, sent, token), given.signature))
    findings.push({ kind: used?.kind === 'secondary' ? 'secondary' : 'rotated', detail: null })
  }
  return findings
}

function ofSpellings(given: Given, tokens: readonly Token[]): Finding[] {
  for (const { token, kind, of } of tokens) {
    for (const url of [given.url, ...spellingsOf(given.url, given.params)]) {
      for (const params of [given.params, {}]) {
        if (!isSame(sign(url, params, token), given.signature)) continue
        const isGet = params !== given.params && Object.keys(given.params).length > 0
        return [
          ...differences(given.url, url),
          ...(isGet ? [{ kind: 'get' as const, detail: null }] : []),
          ...(kind === 'primary' ? [] : [{ kind, detail: kind === 'otherAccount' ? of : null }]),
        ]
      }
    }
  }
  return []
}

function isSame(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)]
  return left.length === right.length && timingSafeEqual(left, right)
}
