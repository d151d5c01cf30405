/**
 * What works and what differs, resource by resource, in words; the numbers beside them come from the run of the suite.
 * A difference says why. docs/TWILIO-COMPATIBILITY.md is made of this.
 */
import type { DocumentName } from './twilio.ts'

export type Resource = {
  name: string
  /** Where Twilio describes it; of what Twilio describes nowhere there is none. */
  document: DocumentName | null
  /** Twilio's names of it in that document. */
  tags: string[]
  works: string
  differs: string[]
}

export const RESOURCES: readonly Resource[] = [
  {
    name: 'Messages',
    document: 'twilio_api_v2010',
    tags: ['Api20100401Message'],
    works:
      'Create with every parameter, fetch, list with every spelling of the filters, redact, cancel, delete. Scheduling, `ValidityPeriod`, `ContentRetention`, `AddressRetention`, `ApplicationSid`.',
    differs: [
      '`ContentSid` is refused (21655): content templates are not there yet.',
      'Parameters that only telephone networks have a use for are accepted and have no effect: `MaxPrice`, `ProvideFeedback`, `Attempt`, `ForceDelivery`, `SmartEncoded`, `PersistentAction`, `TrafficType`, `ShortenUrls`, `SendAsMms`, `RiskCheck`, `FallbackFrom`.',
      '`Body` has at most 1,600 characters, as at Twilio, although Meta takes 2,000.',
      'Through a messaging service `from` is filled in the answer of the create, as the Page is chosen at once; 21703 and 21704 are answered there, too.',
      "`From` together with a service may be a Page in no pool; one in another service's pool is 21712.",
      'Scheduling works for Messenger, which at Twilio it does not: from 15 minutes to 35 days ahead.',
      'A service that is deleted before its message is due fails the message with 21701; Twilio does not say what happens.',
      "There is no filter by `Tags`, as Twilio's documents describe none.",
      '`price` is always null: nothing is charged.',
    ],
  },
  {
    name: 'Media',
    document: 'twilio_api_v2010',
    tags: ['Api20100401Media', 'Api20100401MediaInstance'],
    works:
      'List, fetch, delete; the file itself without suffix or with one such as `.jpg`, in ranges, with ETag. What people send is fetched from Meta at once, as its links expire.',
    differs: [
      'The file is answered here, not by a redirect to another host.',
      'Whether a file needs a password is a setting of the account (`MediaSettings`), as applications need both.',
    ],
  },
  {
    name: 'Feedback',
    document: 'twilio_api_v2010',
    tags: ['Api20100401Feedback'],
    works: 'Create. It is kept with the message.',
    differs: [
      "The status is 200, as in Twilio's OpenAPI document; its older pages say 201.",
      'Feedback on an inbound message is refused (20422): there is nothing to confirm.',
    ],
  },
  {
    name: 'Accounts',
    document: 'twilio_api_v2010',
    tags: ['Api20100401Account'],
    works: 'Create, list, fetch, rename, suspend, close; filters and codes as documented. At most 1,000 subaccounts.',
    differs: [
      'Only the parent changes `Status`, and only it may read a subaccount that is not active; other changes of such a one are 403.',
      '`subresource_uris` names what is served here, and no more.',
      'Closing disconnects the Pages at once. The data of a closed account is not removed after 30 days; it goes when its retention ends, as that of any account.',
      '`auth_token` is null when it is asked for with an API key: a key must not become more than a key.',
    ],
  },
  {
    name: 'Keys and signing keys',
    document: 'twilio_api_v2010',
    tags: ['Api20100401Key', 'Api20100401NewKey', 'Api20100401SigningKey', 'Api20100401NewSigningKey'],
    works: 'Create, list, fetch, rename, delete. The secret is shown once; of it only a hash is kept.',
    differs: [
      'A key of a parent also reaches its subaccounts, as the auth token does; at Twilio most do not.',
      'Standard keys are refused at Accounts and Keys with 401 (20003).',
    ],
  },
  {
    name: 'Applications',
    document: 'twilio_api_v2010',
    tags: ['Api20100401Application'],
    works:
      'Create, list, fetch, update, delete, with all fields. `ApplicationSid` of a message takes its status callback.',
    differs: [
      'The callback is taken when the message is made; a later change of the application does not move it.',
      'The fields for voice are kept and have no use here.',
      'The limit is 1,000 (21301); Twilio does not tell its own.',
    ],
  },
  {
    name: 'Balance',
    document: 'twilio_api_v2010',
    tags: ['Api20100401Balance'],
    works: 'Fetch.',
    differs: ['Always `"0"` USD, as nothing is charged; null for a subaccount, as at Twilio.'],
  },
  {
    name: 'Usage records',
    document: 'twilio_api_v2010',
    tags: [
      ...['Api20100401Record', 'Api20100401AllTime', 'Api20100401Daily', 'Api20100401Monthly', 'Api20100401Yearly'],
      ...['Api20100401Today', 'Api20100401Yesterday', 'Api20100401ThisMonth', 'Api20100401LastMonth'],
    ],
    works: 'All nine lists, with `Category`, `StartDate`, `EndDate`, `IncludeSubaccounts`.',
    differs: [
      'Messages count as `sms` (those without media), `mms` (those with media), and all again as `channels-messenger`: Twilio documents no category for Messenger.',
      'Any other category is answered with nothing used. `price` is 0.',
    ],
  },
  {
    name: 'Usage triggers',
    document: 'twilio_api_v2010',
    tags: ['Api20100401Trigger'],
    works:
      'Create, list, fetch, update, delete; fired once per period, with a signed callback that survives a restart.',
    differs: [
      'A category that is not one of ours is refused: it would never fire.',
      'A trigger by price never fires, as nothing is charged.',
      'Its calls, with their answers, can be looked at below `/Callbacks`.',
    ],
  },
  {
    name: 'Services',
    document: 'twilio_messaging_v1',
    tags: ['MessagingV1Service', 'MessagingV1Usecase'],
    works:
      'Create, list, fetch, update, delete, use cases; inbound routing through a service, its status callback and validity period.',
    differs: [
      'Sticky sender, geomatch and the switches for SMS are kept and have no effect: who speaks is the Page that the person knows.',
      'Without an inbound URL no message is kept, as Twilio says; the event stays with a note, the 24-hour window opens and opt-out keywords work.',
    ],
  },
  {
    name: 'Channel senders of a service',
    document: 'twilio_messaging_v1',
    tags: ['MessagingV1ChannelSender'],
    works: 'Add, list, fetch, remove Pages.',
    differs: ['`sender_type` is `Messenger`; `country_code` is null, as Pages have no country.'],
  },
  {
    name: 'Numbers and alpha senders of a service',
    document: 'twilio_messaging_v1',
    tags: [
      ...[
        'MessagingV1PhoneNumber',
        'MessagingV1ShortCode',
        'MessagingV1AlphaSender',
        'MessagingV1DestinationAlphaSender',
      ],
      'MessagingV1UsAppToPerson',
    ],
    works: 'The lists, which are empty. Everything else is answered with 404 (20404), an alpha sender with 21709.',
    differs: [
      'Messenger has no numbers, and none can be added.',
      'An update of `Usa2p` and its use cases are no paths here: 405 and 404.',
    ],
  },
  {
    name: 'Senders',
    document: 'twilio_messaging_v2',
    tags: ['MessagingV2ChannelsSender'],
    works: "Create, list, fetch, update, delete Pages, with Twilio's objects.",
    differs: [
      '`configuration` and `profile` are about Pages: Twilio describes this API for WhatsApp and RCS only.',
      "Callback methods are GET and POST, as of any message; Twilio's document says POST and PUT here.",
      '`m_me_url` is ours.',
    ],
  },
  {
    name: 'Typing indicators',
    document: 'twilio_messaging_v2',
    tags: ['MessagingV2TypingIndicator'],
    works: 'Create.',
    differs: ['`channel` is `messenger`, which Twilio does not have here.'],
  },
  {
    name: 'Typing indicators, version 3',
    document: 'twilio_messaging_v3',
    tags: ['MessagingV3TypingIndicator'],
    works: 'Create, with the message or with both addresses; `event` may end it.',
    differs: ['`channel` is `messenger`, in any case of letters.'],
  },
  {
    name: 'Opt-out settings',
    document: null,
    tags: [],
    works:
      'Keywords and texts per messaging service, over those of the sender and the defaults (`/messaging/v3/OptOuts`).',
    differs: [
      "Twilio's public document has the objects but no operations. Paths and objects are Twilio's; methods, `messagingServiceSid`, `enabled` and the envelope of the list are ours.",
      'The message type is always `ALL`: people on Messenger have no country.',
    ],
  },
  {
    name: 'Alerts',
    document: 'twilio_monitor_v1',
    tags: ['MonitorV1Alert'],
    works: 'List with every filter, fetch with the request and the answer of the failing exchange. Kept 30 days.',
    differs: ['`service_sid` is that of a messaging service, where one had to do with it.'],
  },
  {
    name: 'Events',
    document: 'twilio_monitor_v1',
    tags: ['MonitorV1Event'],
    works: 'List with every filter, fetch: who changed what, through the API or in the console.',
    differs: [
      "`actor_sid` is `US…` by Twilio's pattern, also when an account or a key acted: with the same 32 digits. `links.actor` leads to it.",
      "Types of events are our own names, such as `key.created`; Twilio's list is not public.",
    ],
  },
  {
    name: 'Debugger webhook',
    document: null,
    tags: [],
    works: "A URL that is told of every new alert, with Twilio's parameters.",
    differs: [
      'At Twilio it is set in its console only; here also at `/2010-04-01/Accounts/{AccountSid}/DebuggerWebhook.json`.',
    ],
  },
  {
    name: 'Auth tokens',
    document: 'twilio_accounts_v1',
    tags: ['AccountsV1SecondaryAuthToken', 'AccountsV1AuthTokenPromotion'],
    works: 'Create and delete the secondary token, promote it. Signatures use the primary one.',
    differs: ['A second secondary token is refused (409).'],
  },
  {
    name: 'API keys',
    document: 'twilio_iam_v1',
    tags: ['IamV1ApiKey', 'IamV1GetApiKeys', 'IamV1NewApiKey'],
    works: 'Create, list, fetch, rename, delete: the same keys as in the 2010 API.',
    differs: [
      'Restricted keys are refused (20422), as the permissions are described nowhere: a key that may do more than was asked for would be worse.',
      '`AccountSid` must be the account of the credentials, else 404.',
    ],
  },
]

export const PRODUCTS: Record<DocumentName, string> = {
  twilio_api_v2010: 'Core (`/2010-04-01`)',
  twilio_messaging_v1: 'Messaging v1 (`/messaging/v1`)',
  twilio_messaging_v2: 'Messaging v2 (`/messaging/v2`)',
  twilio_messaging_v3: 'Messaging v3 (`/messaging/v3`)',
  twilio_monitor_v1: 'Monitor v1 (`/monitor/v1`)',
  twilio_accounts_v1: 'Accounts v1 (`/accounts/v1`)',
  twilio_iam_v1: 'IAM v1, API keys (`/iam/v1`)',
  twilio_content_v1: 'Content v1 (`/content/v1`)',
  twilio_conversations_v1: 'Conversations v1 (`/conversations/v1`)',
}

/** What holds for all of it. */
export const EVERYWHERE: readonly string[] = [
  "**Codes** of errors are Twilio's, sentences are our own ([errors.md](errors.md)).",
  "**Credentials**: a parent's reach its subaccounts at the paths below `/2010-04-01/Accounts/{sid}`, elsewhere each account uses its own. What is another account's is not found (20404).",
  '**Representations** of the 2010 API: JSON with `.json`; XML with `.xml` or no suffix; CSV with `.csv`. `Tags` is JSON text in XML, as in the request. How CSV looks Twilio does not say: here it has the names of the XML for columns, no links, a header `Link` that leads to the next page, and every value as it is. A spreadsheet may take such a text for a formula; a program gets what was written.',
  '**Absolute URLs** lead to `PAGEWIRE_PUBLIC_URL` with the prefix of the product, so that the SDKs page through lists without a setting.',
  "**Headers**: `Twilio-Request-Id`, `Twilio-Request-Duration`, `Twilio-Concurrent-Requests` (of this account on this node), CORS for any origin and `OPTIONS` without credentials, as Twilio's.",
  '**Rates**: there is no limit of concurrent requests. 429 (20429) with `Retry-After` comes when more waits for the database than it can take.',
  '**`Idempotency-Key`** makes a create of a message repeatable, which at Twilio it does not.',
  '**The old path** `/SMS/Messages` answers 410 (20410), whatever the method, as at Twilio.',
]
