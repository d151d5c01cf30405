/**
 * Reads what the customer's server answered. In: status, Content-Type and body. Out: the verbs to execute, in order,
 * with warnings about what was left out, or the reason why the answer is no TwiML (twilio.md 3.4 and 4). It must never
 * throw, resolve an entity or follow a reference, whatever it is given. URLs and addresses stay as written.
 */
import { parseXml, XmlDocumentType, XmlError } from '@rgrove/parse-xml'
import { storable } from './answer-body.ts'
import { quoted, readPlainText, readVerbs, type Verbs } from './verbs.ts'

export type { MessageVerb, RedirectVerb, TwimlWarning } from './verbs.ts'

/** `at`: where in the document the mistake stands, where that is known. */
export type Twiml = ({ ok: true } & Verbs) | { ok: false; code: number; reason: string; at?: number }

const XML_TYPES = ['text/xml', 'application/xml', 'text/html']

/** Far above what a reply can use (10 messages of 10 media), far below what the parser's recursion can bear. */
const MAX_ELEMENTS = 1000

const refuse = (code: number, reason: string, at?: number): Twiml => ({
  ok: false,
  code,
  reason,
  ...(at !== undefined && { at }),
})

/** The parser counts code points. */
const offsetOf = (text: string, codePoints: number): number => [...text].slice(0, codePoints).join('').length

const looksLikeHtml = (text: string): boolean =>
  /^\s*(?:<!--.*?-->\s*)?<(?:!doctype\s+html|html)\b/is.test(text.slice(0, 1000))

function parseFailure(text: string, error: unknown): Twiml {
  if (looksLikeHtml(text)) return refuse(12100, 'The answer looks like an HTML page, not like TwiML')
  if (!(error instanceof XmlError)) return refuse(12100, 'The answer is not well-formed XML')
  const hint = /^\s+<\?xml/.test(text) ? ': nothing may come before <?xml' : ''
  const what = storable(error.message.split('\n', 1)[0] ?? '')
  return refuse(12100, `The answer is not well-formed XML${hint}. ${what}`, offsetOf(text, error.pos))
}

function readXml(body: string): Twiml {
  const text = body.replace(/^\ufeff/, '')
  const version = /^<\?xml\s+version\s*=\s*["']([^"']{0,20})/.exec(text)?.[1]
  if (version !== undefined && version !== '1.0') return refuse(12101, 'The XML version must be 1.0')
  // Every opening tag counts, so that this bounds the nesting as well.
  if ((text.match(/<[^!?/\s]/g)?.length ?? 0) > MAX_ELEMENTS) {
    return refuse(12100, `The document has more than ${MAX_ELEMENTS} elements`)
  }
  try {
    const { children, root } = parseXml(text, { preserveDocumentType: true, includeOffsets: true })
    if (looksLikeHtml(text))
      return refuse(12102, 'The root element must be Response; the answer looks like an HTML page')
    const documentType = children.find((node) => node instanceof XmlDocumentType)
    if (documentType) {
      return refuse(12100, 'A document type declaration (<!DOCTYPE>) is not allowed in TwiML', documentType.start)
    }
    if (root?.name !== 'Response') {
      return refuse(12102, `The root element must be Response, not ${quoted(root?.name ?? '')}`, root?.start)
    }
    return { ok: true, ...readVerbs(root) }
  } catch (error) {
    return parseFailure(text, error)
  }
}

/**
 * An empty body is no reply, of whatever type; `text/plain` is one message with the whole body. XML is read as UTF-8
 * text, which the declaration's encoding cannot change.
 */
export function readTwiml(answer: { status: number; contentType: string | null; body: string }): Twiml {
  const { contentType, body } = answer
  if (answer.status === 204 || body.trim() === '') return { ok: true, verbs: [], warnings: [] }
  const type = (contentType ?? '').split(/[;,]/, 1)[0]?.trim().toLowerCase() ?? ''
  if (type === 'text/plain') return { ok: true, ...readPlainText(body) }
  if (XML_TYPES.includes(type) || type.endsWith('+xml')) return readXml(body)
  const found = type === '' ? 'is missing' : `is ${quoted(type)}`
  return refuse(12300, `The Content-Type ${found}; expected text/xml, application/xml, text/html or text/plain`)
}
