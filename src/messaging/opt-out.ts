/** Keywords by which a person leaves a Page and comes back (contract.md, "Opt-out"). Whole message, any case. */
import type { OptOutSettings } from '#store/senders.ts'

const DEFAULT_KEYWORDS = {
  stop: ['STOP', 'STOPALL', 'UNSUBSCRIBE', 'CANCEL', 'END', 'QUIT'],
  start: ['START', 'YES', 'UNSTOP'],
  help: ['HELP', 'INFO'],
}

export type Keyword = { type: 'STOP' | 'START' | 'HELP'; answer: string }

/** The keyword that the text is, with what the person is answered; undefined for any other text. */
export function readKeyword(text: string, pageName: string, settings: OptOutSettings | null): Keyword | undefined {
  if (settings?.enabled === false) return undefined
  const word = text.trim().toUpperCase()
  const within = (own: string[] | undefined, defaults: string[]) =>
    (own ?? defaults).some((keyword) => keyword.toUpperCase() === word)
  if (within(settings?.stopKeywords, DEFAULT_KEYWORDS.stop)) {
    const answer =
      settings?.stopText ?? `You will get no more messages from ${pageName}. Write START to get them again.`
    return { type: 'STOP', answer }
  }
  if (within(settings?.startKeywords, DEFAULT_KEYWORDS.start)) {
    const answer = settings?.startText ?? `You will get messages from ${pageName} again. Write STOP to end them.`
    return { type: 'START', answer }
  }
  if (within(settings?.helpKeywords, DEFAULT_KEYWORDS.help)) {
    const answer =
      settings?.helpText ?? `This is ${pageName}. Write STOP to get no more messages, START to get them again.`
    return { type: 'HELP', answer }
  }
  return undefined
}
