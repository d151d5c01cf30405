/** Monitor v1 Alerts: what went wrong that the customer must know of (twilio.md 10). */
import type { FastifyInstance } from 'fastify'
import { ApiError, moreInfo } from '#core/errors.ts'
import { fromSid, toSid } from '#core/ids.ts'
import type { Flow } from '#messaging/flow.ts'
import { type Alert, findAlert, listAlerts } from '#store/alerts.ts'
import { notFound } from './answers.ts'
import { accountOf } from './authenticate.ts'
import { readMoment } from './date-filter.ts'
import { iso8601 } from './dates.ts'
import { readQuery } from './form.ts'
import { metaOf, readPage, toPage } from './paging.ts'

const PATH = '/monitor/v1/Alerts'
const LEVELS = ['error', 'warning', 'notice', 'debug']

export function alertRoutes(scope: FastifyInstance, flow: Flow): void {
  scope.get(PATH, async (request) => {
    const accountSid = accountOf(request)
    const page = readPage(request.url, ['NO'])
    const query = readQuery(request.url)
    const level = query.one('LogLevel')?.toLowerCase() || null
    if (level && !LEVELS.includes(level))
      throw new ApiError('parameter_invalid', `Invalid LogLevel: one of ${LEVELS.join(', ')}`)
    const from = readMoment(query.one('StartDate'), 'StartDate')?.from ?? null
    const before = readMoment(query.one('EndDate'), 'EndDate')?.before ?? null
    const found = await listAlerts(flow.sql, { accountSid, level, from, before }, page.edge, page.size + 1)
    const { items, ...links } = toPage(flow.publicUrl + PATH, page, found, (alert) => toSid('NO', alert.id))
    return { alerts: items.map((alert) => summary(flow, alert)), meta: metaOf('alerts', page, links) }
  })

  scope.get(`${PATH}/:sid`, async (request) => {
    const accountSid = accountOf(request)
    const id = fromSid((request.params as { sid: string }).sid, 'NO')
    const alert = id && (await findAlert(flow.sql, accountSid, id))
    if (!alert) throw notFound(request)
    return {
      ...summary(flow, alert),
      request_variables: alert.requestVariables,
      request_headers: alert.requestHeaders,
      response_headers: alert.responseHeaders,
      response_body: alert.responseBody,
    }
  })
}

function summary(flow: Flow, alert: Alert) {
  const sid = toSid('NO', alert.id)
  const createdAt = iso8601(alert.createdAt)
  return {
    account_sid: alert.accountSid,
    alert_text: alert.text,
    api_version: '2010-04-01',
    date_created: createdAt,
    date_generated: createdAt,
    date_updated: createdAt,
    error_code: String(alert.code),
    log_level: alert.level,
    more_info: moreInfo(alert.code),
    request_method: alert.requestMethod,
    request_url: alert.requestUrl,
    resource_sid: alert.resourceSid,
    service_sid: alert.serviceSid,
    sid,
    url: `${flow.publicUrl}${PATH}/${sid}`,
  }
}
