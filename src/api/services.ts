/** Messaging services of v1: create, list, fetch, update, delete (twilio.md 7.1). */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { fromSid, newId, toSid } from '#core/ids.ts'
import type { Flow } from '#messaging/flow.ts'
import {
  deleteService,
  findService,
  insertService,
  listServices,
  type MessagingService,
  updateService,
} from '#store/services.ts'
import { notFound } from './answers.ts'
import { accountOf } from './authenticate.ts'
import { iso8601 } from './dates.ts'
import { formOf } from './form.ts'
import { metaOf, readPage, toPage } from './paging.ts'
import { NEW_SERVICE, readServiceSettings } from './service-request.ts'

export const SERVICES = '/messaging/v1/Services'

export function serviceRoutes(scope: FastifyInstance, flow: Flow): void {
  scope.post(SERVICES, async (request, reply) => {
    const accountSid = accountOf(request)
    const settings = readServiceSettings(formOf(request), NEW_SERVICE)
    const id = newId()
    await insertService(flow.sql, accountSid, id, settings)
    const service = await findService(flow.sql, accountSid, id)
    if (!service) throw notFound(request)
    return reply.code(201).send(serviceJson(flow, service))
  })

  scope.get(SERVICES, async (request) => {
    const accountSid = accountOf(request)
    const page = readPage(request.url, ['MG'])
    const found = await listServices(flow.sql, accountSid, page.edge, page.size + 1)
    const { items, ...links } = toPage(flow.publicUrl + SERVICES, page, found, (service) => toSid('MG', service.id))
    return { services: items.map((service) => serviceJson(flow, service)), meta: metaOf('services', page, links) }
  })

  scope.get(`${SERVICES}/Usecases`, async () => ({ usecases: USECASES }))

  scope.get(`${SERVICES}/:serviceSid`, async (request) => serviceJson(flow, await serviceOf(flow, request)))

  scope.post(`${SERVICES}/:serviceSid`, async (request) => {
    const service = await serviceOf(flow, request)
    const { accountSid, id } = service
    await updateService(flow.sql, accountSid, id, readServiceSettings(formOf(request), service))
    flow.directory.forget()
    return serviceJson(flow, (await findService(flow.sql, accountSid, id)) ?? service)
  })

  scope.delete(`${SERVICES}/:serviceSid`, async (request, reply) => {
    const { accountSid, id } = await serviceOf(flow, request)
    if (!(await deleteService(flow.sql, accountSid, id))) throw notFound(request)
    flow.directory.forget()
    return reply.code(204).send()
  })
}

/** The service in the path, of the request's account; throws 404. */
export async function serviceOf(flow: Flow, request: FastifyRequest): Promise<MessagingService> {
  const id = fromSid((request.params as { serviceSid: string }).serviceSid, 'MG')
  const service = id && (await findService(flow.sql, accountOf(request), id))
  if (!service) throw notFound(request)
  return service
}

export const serviceUrl = (flow: Flow, { id }: Pick<MessagingService, 'id'>): string =>
  `${flow.publicUrl}${SERVICES}/${toSid('MG', id)}`

function serviceJson(flow: Flow, service: MessagingService) {
  const { switches } = service
  const url = serviceUrl(flow, service)
  return {
    account_sid: service.accountSid,
    sid: toSid('MG', service.id),
    date_created: iso8601(service.createdAt),
    date_updated: iso8601(service.updatedAt),
    friendly_name: service.friendlyName,
    inbound_request_url: service.inboundUrl,
    inbound_method: service.inboundMethod,
    fallback_url: service.fallbackUrl,
    fallback_method: service.fallbackMethod,
    status_callback: service.statusCallbackUrl,
    sticky_sender: switches.stickySender,
    smart_encoding: switches.smartEncoding,
    mms_converter: switches.mmsConverter,
    fallback_to_long_code: switches.fallbackToLongCode,
    scan_message_content: switches.scanMessageContent,
    area_code_geomatch: switches.areaCodeGeomatch,
    validity_period: service.validitySeconds,
    synchronous_validation: switches.synchronousValidation,
    usecase: switches.usecase,
    us_app_to_person_registered: false,
    use_inbound_webhook_on_number: service.senderDecidesInbound,
    links: {
      phone_numbers: `${url}/PhoneNumbers`,
      short_codes: `${url}/ShortCodes`,
      alpha_senders: `${url}/AlphaSenders`,
      messages: `${url}/Messages`,
      us_app_to_person: `${url}/Compliance/Usa2p`,
      us_app_to_person_usecases: `${url}/Compliance/Usa2p/Usecases`,
      channel_senders: `${url}/ChannelSenders`,
      destination_alpha_senders: `${url}/DestinationAlphaSenders`,
    },
    url,
  }
}

const USECASES = [
  ['notifications', 'Notify my users.', 'Orders, deliveries, reminders, changes of an account.'],
  ['marketing', 'Market my services.', 'Offers and news of products.'],
  ['verification', 'Verify users.', 'One-time codes and sign-ins.'],
  ['discussion', 'Engage in a discussion.', 'Conversations between people.'],
  ['poll', 'Poll my audience.', 'Questions and surveys.'],
  ['undeclared', 'Not declared.', 'Anything else.'],
].map(([usecase, purpose, description]) => ({ usecase, description, purpose }))
