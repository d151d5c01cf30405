/**
 * Opt-out settings of messaging services: keywords and the texts that answer them, in place of the senders' and the
 * defaults. Twilio describes the objects of its v3 preview, but neither its methods nor how a service gets one
 * (twilio.md 7.4): `messagingServiceSid`, `enabled` and the way of writing are ours.
 */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Static } from 'typebox'
import { ApiError } from '#core/errors.ts'
import { fromSid, newId, toSid } from '#core/ids.ts'
import type { Flow } from '#messaging/flow.ts'
import { DEFAULT_KEYWORDS, DEFAULT_TEXTS } from '#messaging/opt-out.ts'
import {
  deleteOptOut,
  findOptOut,
  insertOptOut,
  type KeywordRule,
  type KeywordType,
  listOptOuts,
  lockOptOut,
  type OptOut,
  updateOptOut,
} from '#store/opt-outs.ts'
import { findService } from '#store/services.ts'
import { notFound } from './answers.ts'
import { accountOf } from './authenticate.ts'
import { iso8601 } from './dates.ts'
import { readQuery } from './form.ts'
import { KeywordAdd, LANGUAGES, OptOutCreate, OptOutUpdate, readPlace, TextSet } from './opt-out-request.ts'
import { metaOf, readPage, toPage } from './paging.ts'

const LIST = '/messaging/v3/OptOuts'
const ITEM = `${LIST}/:sid`
const MAX_KEYWORDS = 100

const TYPES = Object.keys(DEFAULT_KEYWORDS) as KeywordType[]
const MESSAGE_TYPES = [{ key: 'ALL', friendly_name: 'Global Default Settings' }]

export function optOutRoutes(scope: FastifyInstance, flow: Flow): void {
  scope.get(`${LIST}/DefaultKeywordsMessages`, async () => ({
    defaultKeywords: defaultRules().map(({ type, keyword }) => ({
      keyword,
      messageType: 'ALL',
      language: 'en',
      message: DEFAULT_TEXTS[type]('{{page}}'),
    })),
  }))
  scope.get(`${LIST}/Configurations/Languages`, async () => ({
    languages: LANGUAGES.map((key) => ({ key, friendly_name: readable(key) })),
  }))
  scope.get(`${LIST}/Configurations/MessageTypes`, async () => ({ message_types: MESSAGE_TYPES }))

  scope.post<{ Body: Static<typeof OptOutCreate> }>(
    LIST,
    { schema: { body: OptOutCreate } },
    async (request, reply) => {
      const accountSid = accountOf(request)
      const { messagingServiceSid, friendlyName, enabled = true } = request.body
      const serviceId = fromSid(messagingServiceSid, 'MG')
      if (!serviceId || !(await findService(flow.sql, accountSid, serviceId))) throw new ApiError('service_unknown')
      const id = newId()
      const made = await insertOptOut(flow.sql, {
        accountSid,
        id,
        serviceId,
        friendlyName: friendlyName || null,
        enabled,
        keywords: defaultRules(),
        texts: [],
      })
      if (!made) throw new ApiError('conflict', 'This Messaging Service has opt-out settings already')
      flow.directory.forget()
      return reply.code(201).send(optOutJson(flow, (await findOptOut(flow.sql, accountSid, id)) as OptOut))
    },
  )

  scope.get(LIST, async (request) => {
    const page = readPage(request.url, ['OO'])
    const found = await listOptOuts(flow.sql, accountOf(request), page.edge, page.size + 1)
    const { items, ...links } = toPage(flow.publicUrl + LIST, page, found, (each) => toSid('OO', each.id))
    return { opt_outs: items.map((each) => optOutJson(flow, each)), meta: metaOf('opt_outs', page, links) }
  })

  scope.get(ITEM, async (request) => optOutJson(flow, await find(request)))
  scope.get(`${ITEM}/Keywords`, async (request) => keywordsJson(await find(request)))
  scope.get(`${ITEM}/Messages`, async (request) => textsJson(await find(request)))
  scope.get(`${ITEM}/MessageTypes`, async (request) => ({
    ...sidsOf(await find(request)),
    message_types: MESSAGE_TYPES,
  }))

  scope.post<{ Body: Static<typeof OptOutUpdate> }>(ITEM, { schema: { body: OptOutUpdate } }, async (request) => {
    const { friendlyName, enabled } = request.body
    const changed = await change(request, (optOut) => ({
      ...optOut,
      friendlyName: friendlyName === undefined ? optOut.friendlyName : friendlyName || null,
      enabled: enabled ?? optOut.enabled,
    }))
    return optOutJson(flow, changed)
  })

  scope.delete(ITEM, async (request, reply) => {
    const { accountSid, id } = await find(request)
    if (!(await deleteOptOut(flow.sql, accountSid, id))) throw notFound(request)
    flow.directory.forget()
    return reply.code(204).send()
  })

  scope.post<{ Body: Static<typeof KeywordAdd> }>(
    `${ITEM}/Keywords`,
    { schema: { body: KeywordAdd } },
    async (request, reply) => {
      const rule: KeywordRule = { ...readPlace(request.body), keyword: request.body.keyword.toUpperCase() }
      const changed = await change(request, (optOut) => {
        const known = optOut.keywords.find(({ keyword }) => keyword === rule.keyword)
        if (known) throw new ApiError('conflict', `${rule.keyword} is a keyword of ${known.type} already`)
        if (optOut.keywords.length >= MAX_KEYWORDS) throw new ApiError('parameter_invalid', 'At most 100 keywords')
        return { ...optOut, keywords: [...optOut.keywords, rule] }
      })
      return reply.code(201).send(keywordsJson(changed))
    },
  )

  scope.delete(`${ITEM}/Keywords`, async (request, reply) => {
    const given = (readQuery(request.url).one('keyword') ?? '').toUpperCase()
    if (isReserved(given)) throw new ApiError('parameter_invalid', 'STOP, START and HELP are always keywords')
    await change(request, (optOut) => {
      const keywords = optOut.keywords.filter(({ keyword }) => keyword !== given)
      if (keywords.length === optOut.keywords.length) throw notFound(request)
      return { ...optOut, keywords }
    })
    return reply.code(204).send()
  })

  scope.post<{ Body: Static<typeof TextSet> }>(
    `${ITEM}/Messages`,
    { schema: { body: TextSet } },
    async (request, reply) => {
      const place = readPlace(request.body)
      const changed = await change(request, (optOut) => ({
        ...optOut,
        texts: [...optOut.texts.filter((text) => !isAt(place)(text)), { ...place, text: request.body.message }],
      }))
      return reply.code(201).send(textsJson(changed))
    },
  )

  scope.delete(`${ITEM}/Messages`, async (request, reply) => {
    const place = readPlace({ keywordType: readQuery(request.url).one('keywordType') ?? '' })
    await change(request, (optOut) => {
      const texts = optOut.texts.filter((text) => !isAt(place)(text))
      if (texts.length === optOut.texts.length) throw notFound(request)
      return { ...optOut, texts }
    })
    return reply.code(204).send()
  })

  const sidOf = (request: FastifyRequest) => fromSid((request.params as { sid: string }).sid, 'OO')

  async function find(request: FastifyRequest): Promise<OptOut> {
    const id = sidOf(request)
    const optOut = id && (await findOptOut(flow.sql, accountOf(request), id))
    if (!optOut) throw notFound(request)
    return optOut
  }

  /** Two changes at once follow each other. */
  async function change(request: FastifyRequest, decide: (optOut: OptOut) => OptOut): Promise<OptOut> {
    const id = sidOf(request)
    const changed = await flow.sql.begin(async (tx) => {
      const optOut = id && (await lockOptOut(tx, accountOf(request), id))
      if (!optOut) throw notFound(request)
      await updateOptOut(tx, decide(optOut))
      return await findOptOut(tx, optOut.accountSid, optOut.id)
    })
    flow.directory.forget()
    return changed as OptOut
  }
}

const defaultRules = (): KeywordRule[] =>
  TYPES.flatMap((type) => DEFAULT_KEYWORDS[type].map((keyword) => ({ type, language: 'ALL', keyword })))

const isReserved = (keyword: string) => (TYPES as string[]).includes(keyword)

const isAt = (place: { type: KeywordType; language: string }) => (each: { type: KeywordType; language: string }) =>
  each.type === place.type && each.language === place.language

const readable = (key: string) =>
  key.toLowerCase().replace(/(^|_)([a-z])/g, (_all, gap: string, letter: string) => (gap && ' ') + letter.toUpperCase())

const sidsOf = ({ accountSid, id }: OptOut) => ({ account_sid: accountSid, opt_out_sid: toSid('OO', id) })

function optOutJson(flow: Flow, optOut: OptOut) {
  return {
    ...sidsOf(optOut),
    messaging_service_sid: toSid('MG', optOut.serviceId),
    friendly_name: optOut.friendlyName,
    enabled: optOut.enabled,
    date_created: iso8601(optOut.createdAt),
    date_updated: iso8601(optOut.updatedAt),
    url: `${flow.publicUrl}${LIST}/${toSid('OO', optOut.id)}`,
  }
}

function keywordsJson(optOut: OptOut) {
  const places = new Map<string, string[]>()
  for (const { type, language, keyword } of optOut.keywords) {
    const place = `${type}.${language}`
    places.set(place, [...(places.get(place) ?? []), keyword])
  }
  const config = [...places].map(([place, keywords]) => ({ keyword_type: place, message_type: 'ALL', keywords }))
  return { ...sidsOf(optOut), config }
}

const textsJson = (optOut: OptOut) => ({
  ...sidsOf(optOut),
  config: optOut.texts.map(({ type, language, text }) => ({
    keyword_type: `${type}.${language}`,
    message_type: 'ALL',
    message: text,
  })),
})
