/** What Pagewire adds to Twilio's operations and objects, or means differently; all that Twilio's documents cannot say. */
import type { Parameter, Schema } from './twilio.ts'

const text: Schema = { type: 'string' }
const nullableText: Schema = { type: 'string', nullable: true }
const url: Schema = { type: 'string', format: 'uri' }
const path: Schema = { type: 'string', format: 'uri', description: 'Relative, without the host.' }
const sid = (prefix: string): Schema => ({ type: 'string', pattern: `^${prefix}[0-9a-fA-F]{32}$` })
const dateTime: Schema = { type: 'string', format: 'date-time' }
const object = (properties: Record<string, Schema>, optional: string[] = []): Schema => ({
  type: 'object',
  properties,
  required: Object.keys(properties).filter((name) => !optional.includes(name)),
})
const listOf = (items: Schema): Schema => ({ type: 'array', items })
const ref = (name: string): Schema => ({ $ref: `#/components/schemas/${name}` })
const oneOf = (...values: string[]): Schema => ({ type: 'string', enum: values })
const method = oneOf('GET', 'POST')
const query = (name: string, schema: Schema, required = false): Parameter => ({ name, in: 'query', required, schema })

/** Properties of Twilio's objects that are ours, or not in its documents. */
export const ADDED: Record<string, Record<string, Schema>> = {
  'api.v2010.account.message': {
    tags: {
      type: 'object',
      additionalProperties: { type: 'string' },
      description: 'There when the message was made with `Tags`.',
    },
  },
  'messaging.v2.channels_sender_response': {
    m_me_url: { ...url, nullable: true, description: "The Page's m.me link." },
  },
}

/** Properties that need not be there. All others of Twilio's always are, null when there is nothing. */
export const OPTIONAL: Record<string, string[]> = { 'api.v2010.account.message': ['tags'] }

const keywords: Schema = { ...listOf(text), nullable: true }

/** Objects that are about other channels in Twilio's documents. */
export const REPLACED: Record<string, Schema> = {
  'messaging.v2.channels_sender.configuration': object(
    {
      meta_app_id: nullableText,
      unique_name: nullableText,
      outside_window: oneOf('account_update', 'human_agent', 'refuse'),
      opt_out: object(
        {
          enabled: { type: 'boolean' },
          stop_keywords: keywords,
          start_keywords: keywords,
          help_keywords: keywords,
          stop_text: nullableText,
          start_text: nullableText,
          help_text: nullableText,
        },
        ['stop_keywords', 'start_keywords', 'help_keywords', 'stop_text', 'start_text', 'help_text'],
      ),
    },
    ['opt_out'],
  ),
  'messaging.v2.channels_sender.webhook': object({
    callback_url: nullableText,
    callback_method: method,
    fallback_url: nullableText,
    fallback_method: method,
    status_callback_url: nullableText,
    status_callback_method: method,
  }),
  'messaging.v2.channels_sender.profile_generic_response': object({ name: nullableText }),
}

/** Objects that are ours alone. */
export const OBJECTS: Record<string, Schema> = {
  error: {
    ...object(
      {
        code: { type: 'integer', description: 'See docs/errors.md.' },
        detail: text,
        message: text,
        more_info: url,
        status: { type: 'integer' },
      },
      ['detail'],
    ),
    description: 'What went wrong. `detail` is there with 401 alone.',
  },
  opt_out: object({
    account_sid: sid('AC'),
    opt_out_sid: sid('OO'),
    messaging_service_sid: sid('MG'),
    friendly_name: nullableText,
    enabled: { type: 'boolean' },
    date_created: dateTime,
    date_updated: dateTime,
    url,
  }),
  media_settings: object({ account_sid: sid('AC'), access: oneOf('public', 'auth', 'signed'), uri: path }),
  usage_trigger_callbacks: object({
    account_sid: sid('AC'),
    usage_trigger_sid: sid('UT'),
    callbacks: listOf(
      object({
        date_created: { type: 'string', format: 'date-time-rfc-2822' },
        duration_ms: { type: 'integer' },
        error_code: { type: 'integer', nullable: true },
        error_message: nullableText,
        request_headers: { type: 'object', additionalProperties: text },
        request_method: method,
        request_url: url,
        request_variables: { type: 'object', additionalProperties: text },
        response_body: text,
        response_headers: { type: 'object', additionalProperties: text },
        response_status: { type: 'integer', nullable: true },
      }),
    ),
    uri: path,
  }),
  debugger_webhook: object({ account_sid: sid('AC'), callback_url: nullableText, uri: path }),
  signed_media_url: object({ account_sid: sid('AC'), media_sid: sid('ME'), expires_in: { type: 'integer' }, url }),
  meta: object({
    page: { type: 'integer' },
    page_size: { type: 'integer' },
    first_page_url: url,
    previous_page_url: { ...url, nullable: true },
    url,
    next_page_url: { ...url, nullable: true },
    key: text,
  }),
}

export type OwnOperation = {
  resource: string
  summary: string
  parameters?: Parameter[]
  /** Of a form. What takes JSON says so itself. */
  form?: Schema
  /** By status; null is an answer without a body, `file` one that is whatever the file is. */
  answers: Record<string, Schema | null | 'file'>
}

const ACCOUNT = '/2010-04-01/Accounts/{accountSid}'
const FILE = `${ACCOUNT}/Messages/{messageSid}/Media/{mediaSid}`
const OPT_OUTS = '/messaging/v3/OptOuts'
const optOuts = (
  summary: string,
  status: string,
  answer: Schema | null,
  more: Partial<OwnOperation> = {},
): OwnOperation => ({
  resource: 'Opt-out settings',
  summary,
  answers: { [status]: answer },
  ...more,
})
const PAGES = [
  query('PageSize', { type: 'integer', minimum: 1, maximum: 1000 }),
  query('Page', { type: 'integer', minimum: 0 }),
  query('PageToken', text),
]

/** Operations that no document of Twilio's describes. */
export const OWN_OPERATIONS: Record<string, OwnOperation> = {
  [`GET ${ACCOUNT}/MediaSettings.json`]: {
    resource: 'Media',
    summary: 'Read who may load the files of messages',
    answers: { 200: ref('media_settings') },
  },
  [`POST ${ACCOUNT}/MediaSettings.json`]: {
    resource: 'Media',
    summary: 'Change who may load the files of messages',
    form: object({ Access: oneOf('public', 'auth', 'signed') }),
    answers: { 200: ref('media_settings') },
  },
  [`POST ${FILE}/SignedUrl.json`]: {
    resource: 'Media',
    summary: 'Make a URL of a file that needs no password and expires',
    form: object({ ExpiresIn: { type: 'integer', minimum: 1, maximum: 604_800 } }, ['ExpiresIn']),
    answers: { 201: ref('signed_media_url') },
  },
  [`GET ${FILE}`]: {
    resource: 'Media',
    summary: 'Load the file itself',
    answers: { 200: 'file', 206: 'file', 304: null, 416: null },
  },
  [`DELETE ${FILE}`]: { resource: 'Media', summary: 'Delete the file', answers: { 204: null } },
  [`GET ${ACCOUNT}/Usage/Triggers/{sid}/Callbacks.json`]: {
    resource: 'Usage triggers',
    summary: 'List the newest 50 calls that a trigger has made, with their answers',
    answers: { 200: ref('usage_trigger_callbacks') },
  },
  [`GET ${ACCOUNT}/DebuggerWebhook.json`]: {
    resource: 'Debugger webhook',
    summary: 'Read the URL that is told of every alert',
    answers: { 200: ref('debugger_webhook') },
  },
  [`POST ${ACCOUNT}/DebuggerWebhook.json`]: {
    resource: 'Debugger webhook',
    summary: 'Set the URL that is told of every alert; an empty one clears it',
    form: object({ CallbackUrl: text }),
    answers: { 200: ref('debugger_webhook') },
  },
  [`GET ${OPT_OUTS}/DefaultKeywordsMessages`]: optOuts(
    'List the keywords and texts that hold where nothing else was set',
    '200',
    ref('OptOutDefaultKeywordMessageResponse'),
  ),
  [`GET ${OPT_OUTS}/Configurations/Languages`]: optOuts('List the languages', '200', ref('LocaleResponse')),
  [`GET ${OPT_OUTS}/Configurations/MessageTypes`]: optOuts(
    'List the message types',
    '200',
    ref('SupportedMessageTypes'),
  ),
  [`POST ${OPT_OUTS}`]: optOuts('Give a messaging service settings of its own', '201', ref('opt_out')),
  [`GET ${OPT_OUTS}`]: optOuts(
    'List the settings',
    '200',
    object({ opt_outs: listOf(ref('opt_out')), meta: ref('meta') }),
    {
      parameters: PAGES,
    },
  ),
  [`GET ${OPT_OUTS}/{sid}`]: optOuts('Fetch settings', '200', ref('opt_out')),
  [`POST ${OPT_OUTS}/{sid}`]: optOuts('Rename settings, switch them on or off', '200', ref('opt_out')),
  [`DELETE ${OPT_OUTS}/{sid}`]: optOuts('Delete settings', '204', null),
  [`GET ${OPT_OUTS}/{sid}/MessageTypes`]: optOuts(
    'List the message types of settings',
    '200',
    ref('MessageTypesResponse'),
  ),
  [`GET ${OPT_OUTS}/{sid}/Keywords`]: optOuts('List keywords', '200', ref('KeywordsResponse')),
  [`POST ${OPT_OUTS}/{sid}/Keywords`]: optOuts('Add a keyword', '201', ref('KeywordsResponse')),
  [`DELETE ${OPT_OUTS}/{sid}/Keywords`]: optOuts('Remove a keyword', '204', null, {
    parameters: [query('keyword', text, true)],
  }),
  [`GET ${OPT_OUTS}/{sid}/Messages`]: optOuts('List texts', '200', ref('MessagesResponse')),
  [`POST ${OPT_OUTS}/{sid}/Messages`]: optOuts('Set a text', '201', ref('MessagesResponse')),
  [`DELETE ${OPT_OUTS}/{sid}/Messages`]: optOuts('Remove a text', '204', null, {
    parameters: [query('keywordType', text, true)],
  }),
}

/** What a form of Twilio's may also say here, or must say differently. */
export const FORM_CHANGES: Record<string, Record<string, Schema>> = {
  'POST /2010-04-01/Accounts/{AccountSid}/Messages.json': {
    Tags: { type: 'string', description: 'A JSON object of at most 10 pairs, each part at most 128 characters.' },
  },
  'POST /messaging/v2/Indicators/Typing.json': { channel: oneOf('messenger') },
}

/** Accepted, as Messenger has nothing of the kind, and without effect (twilio.md 1.2). */
export const WITHOUT_EFFECT: Record<string, string[]> = {
  'POST /2010-04-01/Accounts/{AccountSid}/Messages.json': [
    ...['MaxPrice', 'ProvideFeedback', 'Attempt', 'ForceDelivery', 'SmartEncoded', 'PersistentAction', 'TrafficType'],
    ...['ShortenUrls', 'SendAsMms', 'RiskCheck', 'FallbackFrom'],
  ],
}

export const MORE_PARAMETERS: Record<string, Parameter[]> = {
  'POST /2010-04-01/Accounts/{AccountSid}/Messages.json': [
    {
      name: 'Idempotency-Key',
      in: 'header',
      required: false,
      schema: {
        type: 'string',
        maxLength: 255,
        description: 'The same key within 24 h answers the same message; other parameters with it are a 409.',
      },
    },
  ],
}

/** Twilio's operations that can only be answered with an error, as Messenger has nothing of the kind. */
export const REFUSED: readonly string[] = [
  'PhoneNumbers',
  'ShortCodes',
  'AlphaSenders',
  'DestinationAlphaSenders',
  'Usa2p',
].flatMap((pool) => {
  const list = `/messaging/v1/Services/{serviceSid}/${pool === 'Usa2p' ? 'Compliance/Usa2p' : pool}`
  return [`POST ${list}`, `GET ${list}/{sid}`, `DELETE ${list}/{sid}`]
})
