import type { SendOutcome } from '#core/channel.ts'

/** A row of contract.md "What Meta's errors become". */
export type Refusal = Omit<Extract<SendOutcome, { ok: false }>, 'ok' | 'detail'>

const final = (code: number, reason: string): Refusal => ({ retry: 'never', code, reason })
const later = (afterMs: number, code: number, reason: string): Refusal => ({ retry: { afterMs }, code, reason })

export const TRANSIENT = later(2_000, 63012, 'Meta had a temporary failure')
export const UNREACHED = later(2_000, 63012, 'Meta could not be reached')
export const UNKNOWN_RESULT: Refusal = {
  retry: 'unknown',
  code: 63012,
  reason: 'Meta gave no usable answer; the message may have been sent',
}
export const SLOW: Refusal = { ...later(5_000, 63018, 'Meta limits the rate of this Page'), effect: 'sender_slow' }
export const CONTENT = final(63005, 'Meta did not accept the content')
/** Refused with a code that no row names: repeating it blindly is no better, and 63012 would blame Meta's servers. */
export const UNCLASSIFIED = final(63010, 'Meta refused the message with an error that is not known here')

const OFFLINE: Refusal = {
  ...later(60_000, 63001, 'Meta does not accept the Page access token; connect the Page again'),
  effect: 'sender_offline',
}
const UNREACHABLE: Refusal = {
  ...final(63014, 'The person blocked the Page or cannot receive messages'),
  effect: 'contact_unreachable',
}
const PAUSED: Refusal = {
  ...later(15 * 60_000, 63013, 'Meta restricts this Page for a time because of its policies'),
  effect: 'sender_paused',
}
const NO_SUCH_PERSON = final(63003, 'The Page knows no such person')
const WINDOW_CLOSED = final(63016, 'The person has not written within the time in which the Page may answer')
const TAG_RETIRED = final(
  63016,
  "Outside the 24-hour window, and Meta retired the message tag ACCOUNT_UPDATE on 2026-04-27: set the sender's outside_window to human_agent or refuse",
)
const MEDIA_NOT_FETCHED: Refusal = {
  retry: { afterMs: 5_000, limit: 1 },
  code: 63019,
  reason: 'Meta could not fetch the media from its URL',
}
const MEDIA_TOO_LARGE = final(63034, 'Meta finds the media too large')
const NO_THREAD_CONTROL = later(30_000, 63013, 'Another app controls the conversation')
const NOT_PERMITTED = final(63013, "Meta's policies or the Page's settings do not permit this message")

/** By code and subcode; both sides of an entry that Meta sends either way are in `BY_CODE` too. */
const BY_SUBCODE = new Map<string, Refusal>([
  ['1/1357046', UNKNOWN_RESULT],
  ['100/2018001', NO_SUCH_PERSON],
  ['200/1545041', UNREACHABLE],
  ['10/2018108', UNREACHABLE],
  ['10/1893015', UNREACHABLE],
  ['10/2018278', WINDOW_CLOSED],
  ['10/2534022', WINDOW_CLOSED],
  ['10/2018065', WINDOW_CLOSED],
  ['100/1893061', TAG_RETIRED],
  ['10/1893063', PAUSED],
  ['100/2018008', MEDIA_NOT_FETCHED],
  ['100/2018294', MEDIA_NOT_FETCHED],
  ['100/2018109', MEDIA_TOO_LARGE],
  ['100/36000', MEDIA_TOO_LARGE],
  ['100/2534037', NO_THREAD_CONTROL],
  ['100/2018300', NO_THREAD_CONTROL],
  ['100/2018321', NO_THREAD_CONTROL],
  // Known as limits on the message or the app, not as a dead token (meta.md 3.3): the Page stays online.
  ['10/2018336', NOT_PERMITTED],
  ['10/2534077', NOT_PERMITTED],
  ['10/1404170', NOT_PERMITTED],
  ['200/2534041', NOT_PERMITTED],
  ['200/2018021', NOT_PERMITTED],
  ['200/2018027', NOT_PERMITTED],
  ['200/2018028', final(63013, "The Meta app may only message people with a role in it until Meta's review")],
])

const BY_CODE = new Map<number, Refusal>([
  ...[10, 102, 104, 190, 200, 230].map((code) => [code, OFFLINE] as const),
  ...[1, 2, 1200].map((code) => [code, TRANSIENT] as const),
  // 613 counts seconds and passes quickly. The limits of the app, the user and the Page count an hour or a day, but it may
  // be near its end; the back-off comes to minutes by itself.
  [613, SLOW],
  ...[4, 17, 32, 341, 80001, 80006].map((code) => [code, { ...SLOW, retry: { afterMs: 10_000 } }] as const),
  [368, PAUSED],
  [551, UNREACHABLE],
  [36000, MEDIA_TOO_LARGE],
  [2018008, MEDIA_NOT_FETCHED],
  [2018294, MEDIA_NOT_FETCHED],
  [2018109, MEDIA_TOO_LARGE],
  [2534037, NO_THREAD_CONTROL],
  [2018300, NO_THREAD_CONTROL],
  [2018321, NO_THREAD_CONTROL],
])

export const refusalByCode = (code: number, subcode: number | undefined): Refusal | undefined =>
  BY_SUBCODE.get(`${code}/${subcode}`) ?? BY_CODE.get(code)
