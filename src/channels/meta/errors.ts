/**
 * What an answer of the Graph API means for a send: contract.md "What Meta's errors become", meta.md 3.3. The body
 * decides, never the text (localised, its number may differ from `code`) and the status only where no code speaks.
 */
import type { ActionOutcome, Json, ProviderDetail, SendOutcome } from '#core/channel.ts'
import type { GraphAnswer } from './graph.ts'
import { asId, asObject, asText, cleanText } from './json.ts'
import {
  CONTENT,
  type Refusal,
  refusalByCode,
  SLOW,
  TRANSIENT,
  UNCLASSIFIED,
  UNKNOWN_RESULT,
  UNREACHED,
} from './refusals.ts'

type Failed = Extract<SendOutcome, { ok: false }>

const MAX_MESSAGE_LENGTH = 500

/** `secrets` are removed from whatever Meta's text may repeat of the call. */
export function outcomeOf(answer: GraphAnswer, secrets: string[]): SendOutcome {
  const usage = answer.kind === 'answered' ? answer.usage : undefined
  return { ...judge(answer, secrets), ...(usage && { usage }) }
}

/** Of a call that makes no message: whatever is no refusal is a success. */
export function actionOutcomeOf(answer: GraphAnswer, secrets: string[]): ActionOutcome {
  const outcome = judge(answer, secrets)
  if (outcome.ok) return { ok: true }
  if (answer.kind === 'answered' && answer.status < 300 && !errorIn(answer.json)) return { ok: true }
  const { code, reason, detail } = outcome
  return { ok: false, code, reason, detail }
}

function judge(answer: GraphAnswer, secrets: string[]): SendOutcome {
  const detail = detailOf(answer, secrets)
  if (answer.kind === 'unsent') return failed(UNREACHED, detail)
  if (answer.kind === 'unknown') return failed(UNKNOWN_RESULT, detail)
  if (errorIn(answer.json)) return failed(refusalOf(answer.status, answer.json), detail)
  const channelMessageId = asId(asObject(answer.json)?.message_id)
  if (channelMessageId !== undefined) return { ok: true, channelMessageId }
  if (answer.status < 300) return failed(UNKNOWN_RESULT, detail)
  // No Graph error at all: a front end of Meta's in trouble, or a proxy in between. Refused, in any case.
  return failed(answer.status === 429 ? SLOW : TRANSIENT, detail)
}

const failed = (refusal: Refusal, detail: ProviderDetail): Failed => ({ ok: false, ...refusal, detail })

function refusalOf(status: number, json: Json | undefined): Refusal {
  const error = errorIn(json)
  const code = asCode(error?.code) ?? 0
  const known = refusalByCode(code, asCode(error?.error_subcode))
  const passing = error?.is_transient === true
  // Meta's own word that it will pass outweighs a final row; a row that waits anyway knows better how long.
  if (known && !(passing && (known.retry === 'never' || known.effect === 'sender_offline'))) return known
  if (passing || status >= 500) return TRANSIENT
  if (status === 429) return SLOW
  return isAboutContent(code) ? CONTENT : UNCLASSIFIED
}

/** Parameter errors: 100 with any other subcode, 194, and the subcodes that Meta also sends as codes. */
const isAboutContent = (code: number): boolean =>
  code === 100 || code === 194 || (code >= 2_018_000 && code < 2_019_000) || (code >= 2_534_000 && code < 2_535_000)

export function detailOf(answer: GraphAnswer, secrets: string[]): ProviderDetail {
  if (answer.kind !== 'answered') return { message: answer.cause }
  const error = errorIn(answer.json)
  if (!error) return { httpStatus: answer.status, message: `HTTP ${answer.status} without a Graph answer` }
  const code = asCode(error.code)
  const subcode = asCode(error.error_subcode)
  const traceId = asId(error.fbtrace_id)
  return {
    httpStatus: answer.status,
    ...(code !== undefined && { code }),
    ...(subcode !== undefined && { subcode }),
    message: scrub(asText(error.message), secrets) || 'no message',
    ...(traceId !== undefined && { traceId: scrub(traceId, secrets) }),
  }
}

const errorIn = (json: Json | undefined) => asObject(asObject(json)?.error)

function asCode(value: Json | undefined): number | undefined {
  const text = asId(value)
  return text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : undefined
}

/** Takes the given secrets, and anything that looks like a token of Meta's, out of a text. */
export function scrub(text: string, secrets: string[]): string {
  const known = secrets.filter((secret) => secret !== '').reduce((left, s) => left.replaceAll(s, '[secret]'), text)
  return cleanText(known.replace(/EAA[\w-]{10,}/g, '[token]').slice(0, MAX_MESSAGE_LENGTH))
}
