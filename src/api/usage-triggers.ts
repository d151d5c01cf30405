/** Usage triggers of the 2010 API: a callback when usage reaches a value (twilio.md 6.6). */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { ApiError } from '#core/errors.ts'
import { fromSid, newId, toSid } from '#core/ids.ts'
import { usageCategories } from '#core/usage.ts'
import type { Flow } from '#messaging/flow.ts'
import { measureUsage } from '#messaging/measure-usage.ts'
import { findExchangesAbout, type NewExchange } from '#store/exchanges.ts'
import {
  deleteUsageTrigger,
  findUsageTrigger,
  insertUsageTrigger,
  listUsageTriggers,
  type Recurring,
  type TriggerBy,
  type UsageTrigger,
  updateUsageTrigger,
} from '#store/usage-triggers.ts'
import { notFound } from './answers.ts'
import { accountOf } from './authenticate.ts'
import { type Form, formOf, readQuery } from './form.ts'
import { readFriendlyName, readMethod, readOneOf, readUrl } from './form-values.ts'
import { rfc2822 } from './message-json.ts'
import { listJson, readPage, toPage } from './paging.ts'

const LIST = '/2010-04-01/Accounts/:accountSid/Usage/Triggers.json'
const ITEM = '/2010-04-01/Accounts/:accountSid/Usage/Triggers/:sid(^[A-Za-z0-9]+).json'
/** Beyond Twilio: the calls that a trigger has made. */
const CALLBACKS = '/2010-04-01/Accounts/:accountSid/Usage/Triggers/:sid(^[A-Za-z0-9]+)/Callbacks.json'
const MAX_CALLBACKS = 50
const RECURRING: readonly Recurring[] = ['daily', 'monthly', 'yearly', 'alltime']
const TRIGGER_BY: readonly TriggerBy[] = ['count', 'usage', 'price']

export function usageTriggerRoutes(scope: FastifyInstance, flow: Flow): void {
  const newMeter = () => measureUsage(flow.sql, flow.channels.keys())

  scope.post(LIST, async (request, reply) => {
    const accountSid = accountOf(request)
    const form = formOf(request)
    const callbackUrl = readUrl(form, 'CallbackUrl')
    if (!callbackUrl) throw new ApiError('parameter_invalid', 'CallbackUrl is required')
    const watched = {
      accountSid,
      usageCategory: readCategory(flow, form),
      triggerBy: readOneOf(form, 'TriggerBy', TRIGGER_BY) ?? 'usage',
      recurring: readOneOf(form, 'Recurring', RECURRING) ?? 'alltime',
    }
    const current = await newMeter()(watched)
    const trigger = await insertUsageTrigger(flow.sql, {
      ...watched,
      id: newId(),
      friendlyName: readFriendlyName(form) ?? null,
      triggerValue: readValue(form, current),
      callbackUrl,
      callbackMethod: readMethod(form, 'CallbackMethod') ?? 'POST',
    })
    return reply.code(201).send(triggerJson(trigger, current))
  })

  scope.get(LIST, async (request) => {
    const accountSid = accountOf(request)
    const page = readPage(request.url, ['UT'])
    const query = readQuery(request.url)
    const filter = {
      accountSid,
      recurring: readOneOf(query, 'Recurring', RECURRING) ?? null,
      triggerBy: readOneOf(query, 'TriggerBy', TRIGGER_BY) ?? null,
      usageCategory: query.one('UsageCategory')?.replaceAll('\0', '').toWellFormed() || null,
    }
    const found = await listUsageTriggers(flow.sql, filter, page.edge, page.size + 1)
    const path = `/2010-04-01/Accounts/${accountSid}/Usage/Triggers.json`
    const shown = toPage(path, page, found, sidOf)
    const values = await Promise.all(shown.items.map(newMeter()))
    return listJson('usage_triggers', page, shown, (trigger) =>
      triggerJson(trigger, values[shown.items.indexOf(trigger)] ?? 0),
    )
  })

  scope.get(ITEM, async (request) => {
    const trigger = await find(request)
    return triggerJson(trigger, await newMeter()(trigger))
  })

  scope.get(CALLBACKS, async (request) => {
    const trigger = await find(request)
    const calls = await findExchangesAbout(flow.sql, trigger.accountSid, sidOf(trigger), MAX_CALLBACKS)
    return {
      account_sid: trigger.accountSid,
      usage_trigger_sid: sidOf(trigger),
      callbacks: calls.map(callbackJson),
      uri: `/2010-04-01/Accounts/${trigger.accountSid}/Usage/Triggers/${sidOf(trigger)}/Callbacks.json`,
    }
  })

  scope.post(ITEM, async (request) => {
    const trigger = await find(request)
    const form = formOf(request)
    const changed = await updateUsageTrigger(flow.sql, trigger.accountSid, trigger.id, {
      friendlyName: readFriendlyName(form) ?? trigger.friendlyName,
      callbackUrl: readUrl(form, 'CallbackUrl') ?? trigger.callbackUrl,
      callbackMethod: readMethod(form, 'CallbackMethod') ?? trigger.callbackMethod,
    })
    if (!changed) throw notFound(request)
    return triggerJson(changed, await newMeter()(changed))
  })

  scope.delete(ITEM, async (request, reply) => {
    const { accountSid, id } = await find(request)
    if (!(await deleteUsageTrigger(flow.sql, accountSid, id))) throw notFound(request)
    return reply.code(204).send()
  })

  async function find(request: FastifyRequest): Promise<UsageTrigger> {
    const id = fromSid((request.params as { sid: string }).sid, 'UT')
    const trigger = id && (await findUsageTrigger(flow.sql, accountOf(request), id))
    if (!trigger) throw notFound(request)
    return trigger
  }
}

const sidOf = (trigger: UsageTrigger): string => toSid('UT', trigger.id)

function readCategory(flow: Flow, form: Form): string {
  const name = form.one('UsageCategory')
  if (!name) throw new ApiError('parameter_invalid', 'UsageCategory is required')
  // One that is misspelt would never fire.
  if (!usageCategories(flow.channels.keys()).some((category) => category.name === name)) {
    throw new ApiError('parameter_invalid', 'Invalid UsageCategory: not one of the usage categories')
  }
  return name
}

/** A positive decimal number; with `+` before it so much more than now. */
function readValue(form: Form, current: number): string {
  const text = form.one('TriggerValue')
  if (!text) throw new ApiError('parameter_invalid', 'TriggerValue is required')
  const [, sign, number] = /^([+ ]?)(\d{1,15}(?:\.\d{1,6})?)$/.exec(text) ?? []
  if (number === undefined || Number(number) <= 0) {
    throw new ApiError('parameter_invalid', 'Invalid TriggerValue: expected a positive number such as 100 or +30')
  }
  return sign ? String(current + Number(number)) : number
}

function triggerJson(trigger: UsageTrigger, current: number) {
  const sid = sidOf(trigger)
  const usage = `/2010-04-01/Accounts/${trigger.accountSid}/Usage`
  return {
    account_sid: trigger.accountSid,
    api_version: '2010-04-01',
    callback_method: trigger.callbackMethod,
    callback_url: trigger.callbackUrl,
    current_value: String(current),
    date_created: rfc2822(trigger.createdAt),
    date_fired: trigger.firedAt && rfc2822(trigger.firedAt),
    date_updated: rfc2822(trigger.updatedAt),
    friendly_name: trigger.friendlyName,
    recurring: trigger.recurring,
    sid,
    trigger_by: trigger.triggerBy,
    trigger_value: trigger.triggerValue,
    uri: `${usage}/Triggers/${sid}.json`,
    usage_category: trigger.usageCategory,
    usage_record_uri: `${usage}/Records.json?Category=${trigger.usageCategory}`,
  }
}

/** In the spelling of alerts, which tell of a call too. */
const callbackJson = (call: NewExchange) => ({
  date_created: rfc2822(call.startedAt),
  duration_ms: call.durationMs,
  error_code: call.errorCode,
  error_message: call.errorText,
  request_headers: call.requestHeaders,
  request_method: call.method,
  request_url: call.url,
  request_variables: call.requestParams,
  response_body: call.responseBody,
  response_headers: call.responseHeaders,
  response_status: call.status,
})
