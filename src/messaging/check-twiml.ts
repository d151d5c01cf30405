/** Reads a TwiML document as a reply would be read, for the person who writes it: what it does, and where it is wrong. */
import { readTwiml } from '#customer/twiml.ts'

/** Lines and columns count from 1, columns in UTF-16 units as text fields do. */
export type TwimlMistake = {
  level: 'error' | 'warning'
  code: number
  text: string
  line: number | null
  column: number | null
}

export type TwimlStep =
  | { verb: 'message'; body: string; mediaUrls: string[]; to: string | null }
  | { verb: 'redirect'; url: string; method: 'GET' | 'POST' }

/** An answer of a customer's server has this limit too; see `customer/answer-body.ts`. */
export const MAX_TWIML_BYTES = 64 * 1024

export function checkTwiml(document: string): { mistakes: TwimlMistake[]; steps: TwimlStep[] } {
  const error = (code: number, text: string, at?: number) => ({
    mistakes: [{ level: 'error' as const, code, text, ...placeOf(document, at) }],
    steps: [],
  })
  if (Buffer.byteLength(document) > MAX_TWIML_BYTES) {
    return error(11750, `The document is larger than ${MAX_TWIML_BYTES / 1024} kB`)
  }
  if (document.trim() === '') return error(12100, 'The document is empty. Without a reply it is <Response/>')
  const read = readTwiml({ status: 200, contentType: 'text/xml', body: document })
  // The reader speaks of an answer, and says itself where it stopped.
  if (!read.ok) {
    const reason = read.reason.replace(/^The answer/, 'The document').replace(/ \(line \d+, column \d+\)$/, '')
    return error(read.code, reason, read.at)
  }
  return {
    mistakes: read.warnings.map(({ code, text, at }) => ({ level: 'warning', code, text, ...placeOf(document, at) })),
    steps: read.verbs.map((verb) =>
      verb.verb === 'redirect'
        ? { verb: 'redirect', url: verb.url, method: verb.method }
        : { verb: 'message', body: verb.body, mediaUrls: verb.mediaUrls, to: verb.to },
    ),
  }
}

function placeOf(document: string, at: number | undefined): { line: number | null; column: number | null } {
  if (at === undefined) return { line: null, column: null }
  const before = document.slice(0, at + (document.startsWith('\ufeff') ? 1 : 0)).split('\n')
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 }
}
