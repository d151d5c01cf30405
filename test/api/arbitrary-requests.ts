/** Requests as nobody would write them, near enough to right ones to get far. */
import fc from 'fast-check'
import type { ServedRoute } from '../../src/api/api.ts'
import { OPERATIONS } from '../conformance/twilio.ts'
import { basic } from '../raw-request.ts'
import { type OneOfEach, pathTo } from './one-of-each.ts'

export type Asked = { method: string; path: string; headers: Record<string, string>; body: string | undefined }

/** Parameters that mean something somewhere. */
const NAMES = [
  ...new Set(
    OPERATIONS.flatMap(({ request }) => [
      ...(request?.parameters ?? []).map(({ name }) => name),
      ...Object.keys(request?.body?.schema.properties ?? {}),
    ]),
  ),
  ...['Tags', 'Access', 'ExpiresIn', 'channel', 'messageId', 'keyword', 'keywordType', 'Expires', 'Signature'],
]
const WORDS =
  'active closed canceled fixed discard obfuscate messenger POST sms STOP.ALL true null [] {} {"a":1} 0 -1 1 1001 1e309 99999999999999999999 NaN'
const TIMES = '2026-01-01 0000-00-00 9999-12-31T23:59:59Z -30days +99999days 2026-02-30 -271821-04-20'
const URLS = 'http://x_y/ http://[::1 javascript:1 //x /in https://a:b@c.example:99999/ http://\u0000'
const NOBODYS = ['MG', 'AP', 'XE', 'AC', 'HX', 'SM', 'MM', 'UT'].map((prefix) => prefix + 'f'.repeat(32))

const text = fc.oneof(
  fc.string({ maxLength: 30 }),
  fc.string({ unit: 'binary', maxLength: 10 }),
  fc.constantFrom('', ' ', ...WORDS.split(' '), ...TIMES.split(' '), ...URLS.split(' '), ...NOBODYS),
  fc.string({ minLength: 1000, maxLength: 3000 }),
)
/** Also what no text is, encoded. */
const BYTES = ['%00', '%FF', '%ED%A0%80', '%', '%2', '+', '%0D%0A', '%F0%9F%8E%89', '%25', '%2F..%2F', 'a']
const encoded = fc.oneof(
  { weight: 4, arbitrary: text.map((each) => encodeURIComponent(each.toWellFormed())) },
  { weight: 1, arbitrary: fc.string({ unit: fc.constantFrom(...BYTES), minLength: 1, maxLength: 4 }) },
)
const headerText = fc.string({ maxLength: 40 }).map((each) => each.replace(/[^\x20-\x7e]/g, ''))

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'HEAD', 'OPTIONS', 'TRACE', 'PROPFIND']
const HEADERS = [
  ...['Accept', 'Accept-Encoding', 'Idempotency-Key', 'Range', 'If-None-Match', 'If-Modified-Since', 'If-Range'],
  ...['X-Forwarded-For', 'X-Twilio-Signature', 'Origin', 'Cookie', 'X-HTTP-Method-Override'],
]

const mostly = <T>(usual: fc.Arbitrary<T>, seldom: fc.Arbitrary<T>, weight = 6): fc.Arbitrary<T> =>
  fc.oneof({ weight, arbitrary: usual }, { weight: 1, arbitrary: seldom })

/** To what `owner` has. Nothing is deleted and no token replaced, so that later requests get as far as earlier ones. */
export function arbitraryRequests(routes: readonly ServedRoute[], owner: OneOfEach): fc.Arbitrary<Asked> {
  const { sids, pageId, psid, account } = owner
  const useful = fc.constantFrom(`messenger:${pageId}`, `messenger:${psid}`, ...Object.values(sids), 'a text', 'PA')
  const form = fc
    .array(fc.tuple(fc.constantFrom(...NAMES), fc.oneof(encoded, useful.map(encodeURIComponent))), { maxLength: 8 })
    .map((pairs) => pairs.map(([name, value]) => `${encodeURIComponent(name)}=${value}`).join('&'))
  const fields = {
    ...{ sender_id: useful, configuration: fc.dictionary(text, fc.jsonValue()), webhook: fc.jsonValue() },
    ...{ messagingServiceSid: useful, friendlyName: text, enabled: fc.jsonValue(), keyword: text, to: useful },
    ...{ keywordType: text, message: text, channel: fc.constant('messenger'), messageId: useful },
  }
  const json = fc.oneof(
    fc.json(),
    fc.record(fields, { requiredKeys: [] }).map((value) => JSON.stringify(value)),
    text,
  )

  /** Its last SID may be another, its suffix any. */
  const pathOf = (route: ServedRoute) =>
    fc
      .tuple(mostly(fc.constant(null), encoded, 3), fc.constantFrom('.json', '', '.xml', '.csv'), fc.option(form))
      .map(([other, suffix, query]) => {
        const right = pathTo(route, owner)
        const path =
          other === null ? right : right.replace(/(.*)[A-Z]{2}[0-9a-f]{32}/, (_all, before) => before + other)
        return path.replace(/\.json$/, suffix) + (query === null ? '' : `?${query}`)
      })
  const noPath = (route: ServedRoute) => encoded.map((each) => route.path.replace(/\{.*$/, '') + each)

  const requestTo = (route: ServedRoute) =>
    fc
      .record({
        method: mostly(fc.constant(route.method), fc.constantFrom(...METHODS)),
        path: mostly(pathOf(route), noPath(route), 9),
        authorization: mostly(fc.constant(basic(account.sid, account.authToken)), headerText, 12),
        type: mostly(
          fc.constant(route.body ? 'application/json' : 'application/x-www-form-urlencoded'),
          fc.oneof(headerText, fc.constantFrom('text/xml', 'multipart/form-data')),
        ),
        body: mostly(route.body ? json : form, fc.oneof(json, text)),
        more: fc.dictionary(fc.constantFrom(...HEADERS), headerText, { maxKeys: 3 }),
      })
      .map(({ method, path, authorization, type, body, more }) => ({
        method,
        path,
        headers: { ...more, Authorization: authorization, 'Content-Type': type },
        body: ['GET', 'HEAD', 'TRACE'].includes(method) ? undefined : body,
      }))
  const kept = routes.filter(({ method, path }) => method !== 'DELETE' && !path.startsWith('/accounts/v1/'))
  return fc.constantFrom(...kept).chain(requestTo)
}
