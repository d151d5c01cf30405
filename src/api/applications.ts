/** TwiML applications of the 2010 API. A message's `ApplicationSid` names one for its status callback (twilio.md 6.5). */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { ApiError } from '#core/errors.ts'
import { fromSid, newId, toSid } from '#core/ids.ts'
import type { Flow } from '#messaging/flow.ts'
import {
  type Application,
  type ApplicationSettings,
  countApplications,
  deleteApplication,
  findApplication,
  insertApplication,
  listApplications,
  updateApplication,
} from '#store/applications.ts'
import { notFound } from './answers.ts'
import { accountOf } from './authenticate.ts'
import { type Form, formOf, readQuery } from './form.ts'
import { readBoolean, readFriendlyName, readMethod, readOneOf, readUrl } from './form-values.ts'
import { rfc2822 } from './message-json.ts'
import { listJson, readPage, toPage } from './paging.ts'

const LIST = '/2010-04-01/Accounts/:accountSid/Applications.json'
const ITEM = '/2010-04-01/Accounts/:accountSid/Applications/:sid(^[A-Za-z0-9]+).json'
/** Twilio has a limit (code 21301) and does not tell it. */
const MAX_APPLICATIONS = 1000

const NEW_APPLICATION: ApplicationSettings = {
  friendlyName: null,
  apiVersion: '2010-04-01',
  voiceUrl: null,
  voiceMethod: 'POST',
  voiceFallbackUrl: null,
  voiceFallbackMethod: 'POST',
  voiceCallerIdLookup: false,
  statusCallback: null,
  statusCallbackMethod: 'POST',
  smsUrl: null,
  smsMethod: 'POST',
  smsFallbackUrl: null,
  smsFallbackMethod: 'POST',
  smsStatusCallback: null,
  messageStatusCallback: null,
  publicApplicationConnectEnabled: false,
}

export function applicationRoutes(scope: FastifyInstance, flow: Flow): void {
  scope.post(LIST, async (request, reply) => {
    const accountSid = accountOf(request)
    const settings = readSettings(formOf(request), NEW_APPLICATION)
    if ((await countApplications(flow.sql, accountSid)) >= MAX_APPLICATIONS) throw new ApiError('applications_full')
    const application = await insertApplication(flow.sql, accountSid, newId(), settings)
    return reply.code(201).send(applicationJson(application))
  })

  scope.get(LIST, async (request) => {
    const accountSid = accountOf(request)
    const page = readPage(request.url, ['AP'])
    const friendlyName = readQuery(request.url).one('FriendlyName')?.replaceAll('\0', '').toWellFormed() || null
    const found = await listApplications(flow.sql, { accountSid, friendlyName }, page.edge, page.size + 1)
    const path = `/2010-04-01/Accounts/${accountSid}/Applications.json`
    return listJson('applications', page, toPage(path, page, found, sidOf), applicationJson)
  })

  scope.get(ITEM, async (request) => applicationJson(await find(request)))

  scope.post(ITEM, async (request) => {
    const application = await find(request)
    const { accountSid, id } = application
    const changed = await updateApplication(flow.sql, accountSid, id, readSettings(formOf(request), application))
    flow.directory.forget()
    if (!changed) throw notFound(request)
    return applicationJson(changed)
  })

  scope.delete(ITEM, async (request, reply) => {
    const { accountSid, id } = await find(request)
    if (!(await deleteApplication(flow.sql, accountSid, id))) throw notFound(request)
    flow.directory.forget()
    return reply.code(204).send()
  })

  async function find(request: FastifyRequest): Promise<Application> {
    const id = fromSid((request.params as { sid: string }).sid, 'AP')
    const application = id && (await findApplication(flow.sql, accountOf(request), id))
    if (!application) throw notFound(request)
    return application
  }
}

const sidOf = (application: Application): string => toSid('AP', application.id)

/** What is not given stays as in `current`; an empty URL clears. */
function readSettings(form: Form, current: ApplicationSettings): ApplicationSettings {
  const url = (name: string, known: string | null) => {
    const text = readUrl(form, name)
    return text === undefined ? known : text
  }
  const method = (name: string, known: 'GET' | 'POST') => readMethod(form, name) ?? known
  const isOn = (name: string, known: boolean) => readBoolean(form, name) ?? known
  const settings: ApplicationSettings = {
    friendlyName: readFriendlyName(form) ?? current.friendlyName,
    apiVersion: readOneOf(form, 'ApiVersion', ['2010-04-01', '2008-08-01']) ?? current.apiVersion,
    voiceUrl: url('VoiceUrl', current.voiceUrl),
    voiceMethod: method('VoiceMethod', current.voiceMethod),
    voiceFallbackUrl: url('VoiceFallbackUrl', current.voiceFallbackUrl),
    voiceFallbackMethod: method('VoiceFallbackMethod', current.voiceFallbackMethod),
    voiceCallerIdLookup: isOn('VoiceCallerIdLookup', current.voiceCallerIdLookup),
    statusCallback: url('StatusCallback', current.statusCallback),
    statusCallbackMethod: method('StatusCallbackMethod', current.statusCallbackMethod),
    smsUrl: url('SmsUrl', current.smsUrl),
    smsMethod: method('SmsMethod', current.smsMethod),
    smsFallbackUrl: url('SmsFallbackUrl', current.smsFallbackUrl),
    smsFallbackMethod: method('SmsFallbackMethod', current.smsFallbackMethod),
    smsStatusCallback: url('SmsStatusCallback', current.smsStatusCallback),
    messageStatusCallback: url('MessageStatusCallback', current.messageStatusCallback),
    publicApplicationConnectEnabled: isOn('PublicApplicationConnectEnabled', current.publicApplicationConnectEnabled),
  }
  if (form.one('VoiceFallbackUrl') && !settings.voiceUrl) throw new ApiError('voice_fallback_alone')
  if (form.one('SmsFallbackUrl') && !settings.smsUrl) throw new ApiError('sms_fallback_alone')
  return settings
}

function applicationJson(application: Application) {
  const sid = sidOf(application)
  return {
    account_sid: application.accountSid,
    api_version: application.apiVersion,
    date_created: rfc2822(application.createdAt),
    date_updated: rfc2822(application.updatedAt),
    friendly_name: application.friendlyName,
    message_status_callback: application.messageStatusCallback,
    sid,
    sms_fallback_method: application.smsFallbackMethod,
    sms_fallback_url: application.smsFallbackUrl,
    sms_method: application.smsMethod,
    sms_status_callback: application.smsStatusCallback,
    sms_url: application.smsUrl,
    status_callback: application.statusCallback,
    status_callback_method: application.statusCallbackMethod,
    uri: `/2010-04-01/Accounts/${application.accountSid}/Applications/${sid}.json`,
    voice_caller_id_lookup: application.voiceCallerIdLookup,
    voice_fallback_method: application.voiceFallbackMethod,
    voice_fallback_url: application.voiceFallbackUrl,
    voice_method: application.voiceMethod,
    voice_url: application.voiceUrl,
    public_application_connect_enabled: application.publicApplicationConnectEnabled,
  }
}
