/** What the opt-out settings of a messaging service may say: Twilio's keys, types and languages (twilio.md 7.4). */
import { type Static, Type } from 'typebox'
import { ApiError } from '#core/errors.ts'
import { LABEL, SPOKEN } from '#core/text-patterns.ts'
import type { KeywordType } from '#store/opt-outs.ts'

export const LANGUAGES: readonly string[] = [
  ...[
    'ALL',
    'AFRIKAANS',
    'ARABIC',
    'BENGALI',
    'CHINESE',
    'CROATIAN',
    'CZECH',
    'DANISH',
    'DUTCH',
    'ENGLISH',
    'ESTONIAN',
  ],
  ...[
    'FINNISH',
    'FRENCH',
    'GERMAN',
    'GREEK',
    'HEBREW',
    'HINDI',
    'HUNGARIAN',
    'ITALIAN',
    'JAPANESE',
    'KOREAN',
    'LATVIAN',
  ],
  ...[
    'LITHUANIAN',
    'MALAY',
    'MALAYSIAN',
    'NORWEGIAN',
    'POLISH',
    'PORTUGUESE',
    'RUSSIAN',
    'SLOVAK',
    'SLOVENE',
    'SPANISH',
  ],
  ...['SOUTHERN_NDEBELE', 'SOUTHERN_SOTHO', 'SWATI', 'SWEDISH', 'TAMIL', 'TSWANA', 'TSONGA', 'VENDA', 'XHOSA', 'ZULU'],
]

const Name = Type.Optional(Type.Union([Type.String({ maxLength: 64, pattern: LABEL }), Type.Null()]))

export const OptOutCreate = Type.Object({
  messagingServiceSid: Type.String({ maxLength: 64 }),
  friendlyName: Name,
  enabled: Type.Optional(Type.Boolean()),
})

export const OptOutUpdate = Type.Object({ friendlyName: Name, enabled: Type.Optional(Type.Boolean()) })

const Place = {
  keywordType: Type.String({ maxLength: 64 }),
  messageType: Type.Optional(Type.String({ maxLength: 64 })),
}

export const KeywordAdd = Type.Object({
  ...Place,
  keyword: Type.String({ minLength: 1, maxLength: 34, pattern: '^(?!\\s)[^\\p{Cc}\\p{Cs}]+(?<!\\s)$' }),
})

export const TextSet = Type.Object({ ...Place, message: Type.String({ maxLength: 1600, pattern: SPOKEN }) })

const TYPES: readonly KeywordType[] = ['STOP', 'START', 'HELP']

/** `STOP.SPANISH` → its two halves. There is one kind of receiver here, so the message type can only be `ALL`. */
export function readPlace(place: Pick<Static<typeof KeywordAdd>, 'keywordType' | 'messageType'>): {
  type: KeywordType
  language: string
} {
  const [head, language = '', ...more] = place.keywordType.split('.')
  const type = TYPES.find((each) => each === head)
  if (!type || !LANGUAGES.includes(language) || more.length > 0) {
    throw new ApiError('parameter_invalid', 'Invalid keywordType: expected STOP, START or HELP, a dot and a language')
  }
  if ((place.messageType ?? 'ALL') !== 'ALL') {
    throw new ApiError('parameter_invalid', "Invalid messageType: people on Messenger have no country, so only 'ALL'")
  }
  return { type, language }
}
