/** Every fault that the dial knows, with what it is measured in. Pure. */
import type { ErrorName, FaultName, WebhookFaultName } from '../contract.ts'
import { GraphError } from '../graph/error.ts'

export type Unit = 'ms' | 'times' | 'percent' | 'size'
export type Measure = { unit: Unit; min: number; max: number; usual: number }

export const MEASURES: Partial<Record<FaultName, Measure>> = {
  slow: { unit: 'ms', min: 1, max: 120_000, usual: 3000 },
  usage: { unit: 'percent', min: 0, max: 1000, usual: 95 },
  duplicate: { unit: 'times', min: 1, max: 5, usual: 1 },
  late: { unit: 'ms', min: 1, max: 7 * 86_400_000, usual: 5000 },
  batch: { unit: 'size', min: 2, max: 50, usual: 10 },
}

type Refusal = { code: number; subcode?: number; message: string; transient?: true; status?: number }

/** contract.md "What Meta's errors become"; texts as captured in meta.md 3.2 where they were, else after 3.3. */
const REFUSALS: Record<ErrorName, Refusal> = {
  'error-1': { code: 1, message: 'An unknown error occurred' },
  'error-2': {
    code: 2,
    message: 'An unexpected error has occurred. Please retry your request later.',
    transient: true,
    status: 500,
  },
  'error-1200': { code: 1200, message: 'Temporary send message failure. Please try again later.' },
  'error-4': { code: 4, message: '(#4) Application request limit reached' },
  'error-17': { code: 17, message: '(#17) User request limit reached' },
  'error-32': { code: 32, message: '(#32) Page request limit reached' },
  'error-341': { code: 341, message: '(#341) Application limit reached' },
  'error-613': { code: 613, message: '(#613) Calls to this api have exceeded the rate limit.' },
  'error-80001': {
    code: 80001,
    message: 'There have been too many calls to this Page account. Wait a bit and try again.',
  },
  'error-80006': {
    code: 80006,
    message: 'There have been too many calls to this Messenger account. Wait a bit and try again.',
  },
  'error-10': { code: 10, message: '(#10) Application does not have permission for this action' },
  'error-102': { code: 102, message: 'Session key invalid or no longer valid' },
  'error-104': { code: 104, message: 'Incorrect signature' },
  'error-190': { code: 190, message: 'Invalid OAuth access token.' },
  'error-200': { code: 200, message: '(#200) Permissions error' },
  'error-230': { code: 230, message: '(#230) Requires pages_messaging permission to manage the object' },
  'error-100-2018001': { code: 100, subcode: 2018001, message: '(#100) No matching user found' },
  'error-551': { code: 551, message: "(#551) This person isn't available right now." },
  'error-200-1545041': { code: 200, subcode: 1545041, message: "(#551) This person isn't available right now." },
  'error-10-2018108': {
    code: 10,
    subcode: 2018108,
    message: "(#10) This Person Cannot Receive Messages: This person isn't receiving messages from you right now.",
  },
  'error-10-1893015': { code: 10, subcode: 1893015, message: '(#10) The user stopped notifications from this Page.' },
  'error-10-2018278': {
    code: 10,
    subcode: 2018278,
    message:
      '(#10) This message is sent outside of allowed window. Learn more about the new policy here: https://developers.facebook.com/docs/messenger-platform/policy-overview',
  },
  'error-10-2534022': { code: 10, subcode: 2534022, message: '(#10) This message is sent outside of allowed window.' },
  'error-10-2018065': {
    code: 10,
    subcode: 2018065,
    message:
      '(#10) This message is sent outside of allowed window. You need page_messaging_subscriptions permission to be able to do it.',
  },
  'error-100-1893061': { code: 100, subcode: 1893061, message: '(#100) Invalid parameter' },
  'error-368': {
    code: 368,
    message: '(#368) The action attempted has been deemed abusive or is otherwise disallowed',
  },
  'error-10-1893063': {
    code: 10,
    subcode: 1893063,
    message: '(#10) This Page is temporarily restricted from sending messages.',
  },
  'error-100-2018008': { code: 100, subcode: 2018008, message: '(#100) Failed to fetch the file from the url' },
  'error-100-2018294': { code: 100, subcode: 2018294, message: '(#100) Fetching or processing the video timed out.' },
  'error-100-2018109': { code: 100, subcode: 2018109, message: '(#100) Attachment size exceeds allowable limit' },
  'error-36000': { code: 36000, message: 'The image size is too large.' },
  'error-100-2018047': { code: 100, subcode: 2018047, message: '(#100) Upload attachment failure.' },
  'error-100-2018074': { code: 100, subcode: 2018074, message: '(#100) Invalid attachment id' },
  'error-100-2018320': { code: 100, subcode: 2018320, message: '(#100) Invalid product template' },
  'error-194': { code: 194, message: '(#194) param name_placeholder[elements] has too few elements.' },
  'error-100': { code: 100, message: '(#100) Invalid parameter' },
  'error-100-2534037': { code: 100, subcode: 2534037, message: '(#100) This app does not own the thread.' },
  'error-100-2018300': { code: 100, subcode: 2018300, message: '(#100) Another app is controlling this thread now.' },
  'error-100-2018321': {
    code: 100,
    subcode: 2018321,
    message: '(#100) An automated flow is controlling this thread now.',
  },
}

const WEBHOOK_FAULTS: readonly WebhookFaultName[] = [
  'duplicate',
  'late',
  'reorder',
  'batch',
  'echo-first',
  'no-echo',
  'no-mids',
  'seconds',
]

export const isWebhookFault = (name: FaultName): boolean => WEBHOOK_FAULTS.some((known) => known === name)

export const FAULT_NAMES: readonly FaultName[] = [
  ...(['slow', 'reset-before', 'html-500', 'reset-after', 'bad-answer', 'not-json', 'usage', 'limits'] as const),
  ...(Object.keys(REFUSALS) as ErrorName[]),
  ...WEBHOOK_FAULTS,
]

export const isErrorName = (name: FaultName): name is ErrorName => Object.hasOwn(REFUSALS, name)

export function refusalOf(name: ErrorName): GraphError {
  const { code, message, ...options } = REFUSALS[name]
  return new GraphError(code, message, options)
}
