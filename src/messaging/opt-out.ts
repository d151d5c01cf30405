/** Keywords by which a person leaves a Page and comes back (contract.md, "Opt-out"). Whole message, any case. */
import type { KeywordType } from '#store/opt-outs.ts'
import type { OptOutSettings, Sender } from '#store/senders.ts'
import type { MessagingService } from '#store/services.ts'

export const DEFAULT_KEYWORDS: Record<KeywordType, readonly string[]> = {
  STOP: ['STOP', 'STOPALL', 'UNSUBSCRIBE', 'CANCEL', 'END', 'QUIT'],
  START: ['START', 'YES', 'UNSTOP'],
  HELP: ['HELP', 'INFO'],
}

export const DEFAULT_TEXTS: Record<KeywordType, (pageName: string) => string> = {
  STOP: (pageName) => `You will get no more messages from ${pageName}. Write START to get them again.`,
  START: (pageName) => `You will get messages from ${pageName} again. Write STOP to end them.`,
  HELP: (pageName) => `This is ${pageName}. Write STOP to get no more messages, START to get them again.`,
}

export type Keyword = { type: KeywordType; answer: string }

type Speaker = Pick<Sender, 'name' | 'optOut'>

/**
 * The keyword that the text is, with what the person is answered; undefined for any other text. The keywords are those of
 * the messaging service, else of the sender, else the defaults; so are the texts, each for itself.
 */
export function readKeyword(
  text: string,
  sender: Speaker,
  service: Pick<MessagingService, 'optOut'> | null,
): Keyword | undefined {
  const word = text.trim().toUpperCase()
  const rules = service?.optOut
  if (!rules) return readOwnKeyword(word, sender)
  const rule = rules.enabled && rules.keywords.find(({ keyword }) => keyword.toUpperCase() === word)
  if (!rule) return undefined
  const texts = rules.texts.filter(({ type }) => type === rule.type)
  const own =
    texts.find(({ language }) => language === rule.language) ?? texts.find(({ language }) => language === 'ALL')
  return { type: rule.type, answer: own?.text ?? answerOf(rule.type, sender) }
}

function readOwnKeyword(word: string, sender: Speaker): Keyword | undefined {
  const { optOut } = sender
  if (optOut?.enabled === false) return undefined
  const type = (['STOP', 'START', 'HELP'] as const).find((each) => {
    const keywords = optOut?.[OWN_KEYWORDS[each]] ?? DEFAULT_KEYWORDS[each]
    return keywords.some((keyword) => keyword.toUpperCase() === word)
  })
  return type && { type, answer: answerOf(type, sender) }
}

const answerOf = (type: KeywordType, { name, optOut }: Speaker): string =>
  optOut?.[OWN_TEXTS[type]] ?? DEFAULT_TEXTS[type](name)

const OWN_KEYWORDS = { STOP: 'stopKeywords', START: 'startKeywords', HELP: 'helpKeywords' } as const
const OWN_TEXTS = { STOP: 'stopText', START: 'startText', HELP: 'helpText' } as const satisfies Record<
  KeywordType,
  keyof OptOutSettings
>
