/** What a create or update of a messaging service may say (twilio.md 7.1). */
import { isCallbackUrl, isHttpMethod } from '#core/callback-url.ts'
import { ApiError } from '#core/errors.ts'
import type { ServiceSettings } from '#store/services.ts'
import type { Form } from './form.ts'

const USECASES = ['notifications', 'marketing', 'verification', 'discussion', 'poll', 'undeclared']
const SCANS = ['inherit', 'enable', 'disable'] as const
const MAX_VALIDITY_SECONDS = 36_000

/** What Twilio's documentation and samples show of a service of which nothing else was said. */
export const NEW_SERVICE: ServiceSettings = {
  friendlyName: '',
  inboundUrl: null,
  inboundMethod: 'POST',
  fallbackUrl: null,
  fallbackMethod: 'POST',
  statusCallbackUrl: null,
  senderDecidesInbound: false,
  validitySeconds: MAX_VALIDITY_SECONDS,
  switches: {
    stickySender: true,
    mmsConverter: true,
    smartEncoding: true,
    fallbackToLongCode: true,
    areaCodeGeomatch: true,
    synchronousValidation: false,
    scanMessageContent: 'inherit',
    usecase: 'undeclared',
  },
}

/** What is not given stays as in `current`; an empty URL clears. */
export function readServiceSettings(form: Form, current: ServiceSettings): ServiceSettings {
  const { switches } = current
  const isOn = (name: string, known: boolean) => readSwitch(name, form.one(name), known)
  return {
    friendlyName: readName(form.one('FriendlyName') ?? current.friendlyName),
    inboundUrl: readUrl('InboundRequestUrl', form.one('InboundRequestUrl'), current.inboundUrl),
    inboundMethod: readMethod('InboundMethod', form.one('InboundMethod'), current.inboundMethod),
    fallbackUrl: readUrl('FallbackUrl', form.one('FallbackUrl'), current.fallbackUrl),
    fallbackMethod: readMethod('FallbackMethod', form.one('FallbackMethod'), current.fallbackMethod),
    statusCallbackUrl: readUrl('StatusCallback', form.one('StatusCallback'), current.statusCallbackUrl),
    senderDecidesInbound: isOn('UseInboundWebhookOnNumber', current.senderDecidesInbound),
    validitySeconds: readValidity(form.one('ValidityPeriod'), current.validitySeconds),
    switches: {
      stickySender: isOn('StickySender', switches.stickySender),
      mmsConverter: isOn('MmsConverter', switches.mmsConverter),
      smartEncoding: isOn('SmartEncoding', switches.smartEncoding),
      fallbackToLongCode: isOn('FallbackToLongCode', switches.fallbackToLongCode),
      areaCodeGeomatch: isOn('AreaCodeGeomatch', switches.areaCodeGeomatch),
      synchronousValidation: isOn('SynchronousValidation', switches.synchronousValidation),
      scanMessageContent: readScan(form.one('ScanMessageContent'), switches.scanMessageContent),
      usecase: readUsecase(form.one('Usecase'), switches.usecase),
    },
  }
}

function readName(text: string): string {
  if (text.trim() === '' || [...text].length > 64 || /[\p{Cc}\p{Cs}]/u.test(text)) {
    throw new ApiError('friendly_name_invalid')
  }
  return text
}

function readUrl(name: string, text: string | null, current: string | null): string | null {
  if (text === null) return current
  if (text === '') return null
  if (isCallbackUrl(text)) return text
  throw new ApiError(
    'url_invalid',
    `Invalid ${name}: expected an http(s) URL with a valid host name (no underscore), or a path starting with /`,
  )
}

function readMethod(name: string, text: string | null, current: 'GET' | 'POST'): 'GET' | 'POST' {
  if (!text) return current
  const method = text.toUpperCase()
  if (isHttpMethod(method)) return method
  throw new ApiError('method_invalid', `Invalid ${name}: expected GET or POST`)
}

function readSwitch(name: string, text: string | null, current: boolean): boolean {
  if (!text) return current
  const lower = text.toLowerCase()
  if (lower === 'true' || lower === 'false') return lower === 'true'
  throw new ApiError('parameter_invalid', `Invalid ${name}: expected true or false`)
}

function readValidity(text: string | null, current: number): number {
  if (!text) return current
  const seconds = /^\d{1,5}$/.test(text) ? Number(text) : 0
  if (seconds < 1 || seconds > MAX_VALIDITY_SECONDS) throw new ApiError('validity_invalid')
  return seconds
}

function readScan(text: string | null, current: (typeof SCANS)[number]): (typeof SCANS)[number] {
  if (!text) return current
  const scan = SCANS.find((each) => each === text)
  if (!scan) throw new ApiError('parameter_invalid', `Invalid ScanMessageContent: one of ${SCANS.join(', ')}`)
  return scan
}

function readUsecase(text: string | null, current: string): string {
  if (!text) return current
  if (!USECASES.includes(text)) throw new ApiError('usecase_invalid', `Invalid Usecase: one of ${USECASES.join(', ')}`)
  return text
}
