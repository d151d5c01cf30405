import { XmlElement, type XmlNode, XmlText } from '@rgrove/parse-xml'
import { storable } from './answer-body.ts'

export type MessageVerb = {
  verb: 'message'
  to: string | null
  from: string | null
  body: string
  /** As written: relative ones resolve against the document's URL. */
  mediaUrls: string[]
  statusCallback: string | null
  action: string | null
  /** For `action`. */
  method: 'GET' | 'POST'
}

export type RedirectVerb = { verb: 'redirect'; url: string; method: 'GET' | 'POST' }

/** Something was left out or replaced; the rest runs. `code` is Twilio's. `at`: where in the document it stands. */
export type TwimlWarning = { code: number; text: string; at?: number }

export type Verbs = { verbs: (MessageVerb | RedirectVerb)[]; warnings: TwimlWarning[] }

const MAX_BODY_CHARACTERS = 1600
const MAX_MEDIA = 10
/** A document can be wrong in a thousand places; nobody reads more than a few of them. */
const MAX_WARNINGS = 20

type Warn = (code: number, text: string, node?: XmlNode) => void

/** Names come from outside and go into logs. */
export const quoted = (name: string): string => `"${storable(name.slice(0, 50))}"`

/** Editors and schema-aware writers add these; they mean nothing to TwiML. */
const isForeign = (name: string): boolean => /^(?:xmlns|xml|xsi)(?::|$)/.test(name)

function checkAttributes(element: XmlElement, known: string[], warn: Warn): void {
  for (const name of Object.keys(element.attributes)) {
    if (known.includes(name) || isForeign(name)) continue
    warn(12200, `Attribute ${quoted(name)} is not allowed on ${quoted(element.name)}`, element)
  }
}

const attribute = (element: XmlElement, name: string): string | null => element.attributes[name]?.trim() || null

function methodOf(element: XmlElement, warn: Warn): 'GET' | 'POST' {
  const method = attribute(element, 'method')?.toUpperCase() ?? 'POST'
  if (method === 'GET' || method === 'POST') return method
  warn(14104, `method on ${quoted(element.name)} must be GET or POST; POST is used`, element)
  return 'POST'
}

function warnOfChild(child: XmlElement, parent: XmlElement, warn: Warn): void {
  warn(12200, `${quoted(child.name)} is not allowed inside ${quoted(parent.name)}`, child)
}

/** The text of an element that should hold nothing else; that of a nested element still counts. */
function textOf(element: XmlElement, warn: Warn): string {
  checkAttributes(element, element.name === 'Redirect' ? ['method'] : [], warn)
  for (const child of element.children) {
    if (child instanceof XmlElement) warnOfChild(child, element, warn)
  }
  return element.text
}

/** A message that cannot be sent as written is left out, with Twilio's warning 14103. */
function isSendable({ body, mediaUrls }: MessageVerb, warn: Warn, element?: XmlElement): boolean {
  if ([...body].length > MAX_BODY_CHARACTERS) {
    warn(14103, `A message body is longer than ${MAX_BODY_CHARACTERS} characters; the message was not sent`, element)
    return false
  }
  if (body === '' && mediaUrls.length === 0) {
    warn(14103, 'A message has neither body nor media; it was not sent', element)
    return false
  }
  return true
}

/** Text and every `<Body>` are joined as they come; white space around the whole, and between elements, is layout. */
function readMessage(element: XmlElement, warn: Warn): MessageVerb | undefined {
  checkAttributes(element, ['to', 'from', 'action', 'method', 'statusCallback'], warn)
  const texts: string[] = []
  const mediaUrls: string[] = []
  const hasElements = element.children.some((child) => child instanceof XmlElement)
  for (const child of element.children) {
    if (child instanceof XmlText) {
      if (!hasElements || child.text.trim() !== '') texts.push(child.text)
    } else if (child instanceof XmlElement && child.name === 'Body') {
      texts.push(textOf(child, warn))
    } else if (child instanceof XmlElement && child.name === 'Media') {
      const url = textOf(child, warn).trim()
      if (url) mediaUrls.push(url)
      else warn(12200, '"Media" holds no URL', child)
    } else if (child instanceof XmlElement) {
      warnOfChild(child, element, warn)
    }
  }
  if (mediaUrls.length > MAX_MEDIA) {
    warn(12200, `A message has more than ${MAX_MEDIA} media; the first ones are used`, element)
  }
  const message: MessageVerb = {
    verb: 'message',
    to: attribute(element, 'to'),
    from: attribute(element, 'from'),
    body: texts.join('').trim(),
    mediaUrls: mediaUrls.slice(0, MAX_MEDIA),
    statusCallback: attribute(element, 'statusCallback'),
    action: attribute(element, 'action'),
    method: methodOf(element, warn),
  }
  return isSendable(message, warn, element) ? message : undefined
}

/** An empty one would ask for the same document again and again, so it is passed over. */
function readRedirect(element: XmlElement, warn: Warn): RedirectVerb | undefined {
  const url = textOf(element, warn).trim()
  const method = methodOf(element, warn)
  if (url) return { verb: 'redirect', url, method }
  warn(11100, '"Redirect" holds no URL; it was ignored', element)
  return undefined
}

function collecting(): { warnings: TwimlWarning[]; warn: Warn } {
  const warnings: TwimlWarning[] = []
  const warn: Warn = (code, text, node) => {
    if (warnings.length < MAX_WARNINGS) warnings.push({ code, text, ...(node && { at: node.start }) })
  }
  return { warnings, warn }
}

/** The verbs of a `<Response>`, up to and including the first `<Redirect>`: what follows it is unreachable. */
export function readVerbs(response: XmlElement): Verbs {
  const { warnings, warn } = collecting()
  const verbs: Verbs['verbs'] = []
  checkAttributes(response, [], warn)
  for (const child of response.children) {
    if (child instanceof XmlText && child.text.trim() !== '') {
      warn(12200, 'Text outside of a verb was ignored', child)
    } else if (child instanceof XmlElement) {
      const isMessage = child.name === 'Message' || child.name === 'Sms'
      if (!isMessage && child.name !== 'Redirect') {
        warn(14110, `${quoted(child.name)} is no verb for a message reply; it was ignored`, child)
        continue
      }
      const verb = isMessage ? readMessage(child, warn) : readRedirect(child, warn)
      if (verb) verbs.push(verb)
      if (verb?.verb === 'redirect') break
    }
  }
  return { verbs, warnings }
}

/** A text/plain answer: one message with the body as it came. */
export function readPlainText(text: string): Verbs {
  const { warnings, warn } = collecting()
  const blank = { to: null, from: null, mediaUrls: [], statusCallback: null, action: null, method: 'POST' as const }
  const message: MessageVerb = { verb: 'message', ...blank, body: storable(text) }
  return { verbs: isSendable(message, warn) ? [message] : [], warnings }
}
