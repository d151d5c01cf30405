/** Reads templates and quick replies (meta.md 2.3, 2.4; refusals 3.2). What is not named here is left out of the result. */
import type { QuickReply, TemplateButton, TemplatePayload } from '../contract.ts'
import { GraphError, invalid, required } from './error.ts'
import { isRecord, listOf, neededText, type Params, textOf } from './params.ts'

const MAX_URL = 2048

export function readTemplate(payload: Params): TemplatePayload {
  const kind = textOf(payload.template_type, 'message[attachment][payload][template_type]', 100)
  if (kind === undefined) throw required('message[attachment][payload][template_type]')
  if (kind === 'button') {
    const text = neededText(payload.text, 'name_placeholder[text]', 640)
    const buttons = readButtons(payload.buttons, 'name_placeholder[buttons]')
    if (buttons === undefined) throw required('name_placeholder[buttons]')
    return { template_type: 'button', text, buttons }
  }
  if (kind === 'generic') {
    const elements = listOf(payload.elements, 'name_placeholder[elements]')
    if (elements === undefined) throw required('name_placeholder[elements]')
    atLeastOne(elements, 'name_placeholder[elements]')
    atMost(elements, 10, 'name_placeholder[elements]')
    return { template_type: 'generic', elements: elements.map(readElement) }
  }
  throw invalid('Invalid template type')
}

type Element = Extract<TemplatePayload, { template_type: 'generic' }>['elements'][number]

function readElement(value: unknown, index: number): Element {
  const name = `name_placeholder[elements][${index}]`
  if (!isRecord(value)) throw invalid(`param ${name} must be a JSON object.`)
  const title = neededText(value.title, `${name}[title]`, 80)
  const subtitle = textOf(value.subtitle, `${name}[subtitle]`, 80)
  const imageUrl = value.image_url === undefined ? undefined : webUrl(value.image_url, `${name}[image_url]`)
  if (Array.isArray(value.buttons)) atLeastOne(value.buttons, `${name}[buttons]`)
  const buttons = readButtons(value.buttons, `${name}[buttons]`)
  if (title === '' || (!subtitle && !imageUrl && buttons === undefined)) {
    const what = 'title and at least one other field (image url, subtitle or buttons) is required with non-empty value'
    throw invalid(`Incomplete element data: ${what}`, 2018035)
  }
  return {
    title,
    ...(subtitle ? { subtitle } : {}),
    ...(imageUrl === undefined ? {} : { image_url: imageUrl }),
    ...(buttons === undefined ? {} : { buttons }),
  }
}

function readButtons(value: unknown, name: string): TemplateButton[] | undefined {
  const list = listOf(value, name)
  if (list === undefined) return undefined
  if (list.length === 0) throw invalid(`param ${name} must be non-empty.`)
  atMost(list, 3, name)
  return list.map((item, index) => readButton(item, `${name}[${index}]`))
}

/** Also reads the items of a persistent menu, whose titles may be longer. */
export function readButton(value: unknown, name: string, maxTitle = 20): TemplateButton {
  if (!isRecord(value)) throw invalid(`param ${name} must be a JSON object.`)
  const type = neededText(value.type, `${name}[type]`, 100)
  const title = textOf(value.title, `${name}[title]`, maxTitle)
  if (title === undefined) throw invalid(`Param ${name}[title] must be a non-empty UTF-8 encoded string`)
  if (title === '') throw invalid('Element button title cannot be empty.', 2018053)
  if (type === 'web_url') {
    if (!value.url) throw invalid('Web url cannot be empty for url type button', 2018041)
    return { type, title, url: webUrl(value.url, `${name}[url]`) }
  }
  if (type !== 'postback' && type !== 'phone_number') {
    throw invalid(`Param ${name}[type] must be one of {web_url, postback, phone_number}`)
  }
  const payload = textOf(value.payload, `${name}[payload]`, 1000)
  if (!payload) throw invalid('Payload cannot be empty for postback type button', 2018040)
  return { type, title, payload }
}

export function readQuickReplies(value: unknown): QuickReply[] {
  const name = 'message[quick_replies]'
  const list = listOf(value, name)
  if (list === undefined) return []
  atLeastOne(list, name)
  atMost(list, 13, name)
  return list.map((item, index) => readQuickReply(item, `${name}[${index}]`))
}

function readQuickReply(value: unknown, name: string): QuickReply {
  if (!isRecord(value)) throw invalid(`param ${name} must be a JSON object.`)
  const contentType = neededText(value.content_type, `${name}[content_type]`, 100)
  if (!['text', 'user_phone_number', 'user_email'].includes(contentType)) {
    throw invalid(`Param ${name}[content_type] must be one of {text, user_phone_number, user_email}`)
  }
  const title = textOf(value.title, `${name}[title]`, 20)
  const payload = textOf(value.payload, `${name}[payload]`, 1000)
  if (contentType === 'text' && !title) throw invalid('Title is required for this quick reply content type', 2018098)
  if (contentType === 'text' && !payload)
    throw invalid('Payload is required for this quick reply content type', 2018099)
  const imageUrl = value.image_url ? webUrl(value.image_url, `${name}[image_url]`) : undefined
  return {
    content_type: contentType,
    ...(title ? { title } : {}),
    ...(payload ? { payload } : {}),
    ...(imageUrl === undefined ? {} : { image_url: imageUrl }),
  }
}

/** An absolute http(s) URL, as it was written. */
export function webUrl(value: unknown, name: string): string {
  const text = neededText(value, name, MAX_URL)
  const url = URL.parse(text)
  if (url === null || !['http:', 'https:'].includes(url.protocol)) throw invalid(`${name} should represent a valid URL`)
  return text
}

function atLeastOne(list: unknown[], name: string): void {
  if (list.length === 0) throw new GraphError(194, `(#194) param ${name} has too few elements.`)
}

function atMost(list: unknown[], max: number, name: string): void {
  if (list.length > max) throw invalid(`param ${name} has too many elements.`)
}
