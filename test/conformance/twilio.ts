/** Twilio's operations, as its own documents describe them (`test/twilio-oai`), and which of our routes each one is. */
import { readFileSync } from 'node:fs'

export type Schema = {
  $ref?: string
  type?: string | string[]
  nullable?: boolean
  format?: string
  enum?: unknown[]
  properties?: Record<string, Schema>
  required?: string[]
  items?: Schema
  anyOf?: Schema[]
  [keyword: string]: unknown
}
export type Parameter = { name: string; in: string; required: boolean; schema: Schema }
type Request = { id: string; summary: string; parameters: Parameter[]; body?: { type: string; schema: Schema } }
export type CutDocument = {
  operations: Record<string, string[]>
  requests: Record<string, Record<string, Request>>
  responses: Record<string, Record<string, Record<string, Schema>>>
  components: { schemas: Record<string, Schema> }
}

/** Where each document's paths begin here (contract.md, "HTTP surface"). */
export const DOCUMENTS = {
  twilio_api_v2010: '',
  twilio_messaging_v1: '/messaging',
  twilio_messaging_v2: '/messaging',
  twilio_messaging_v3: '/messaging',
  twilio_monitor_v1: '/monitor',
  twilio_accounts_v1: '/accounts',
  twilio_iam_v1: '/iam',
  twilio_content_v1: '/content',
  twilio_conversations_v1: '/conversations',
} as const
export type DocumentName = keyof typeof DOCUMENTS

/** `path` is Twilio's; `request` and `responses` are there for what was cut out of the document. */
export type Operation = {
  document: DocumentName
  tag: string
  method: string
  path: string
  request: Request | undefined
  responses: Record<string, Schema>
}

const files = new Map<DocumentName, CutDocument>()

export function documentOf(name: DocumentName): CutDocument {
  const known = files.get(name)
  if (known) return known
  const url = new URL(`../twilio-oai/${name}.json`, import.meta.url)
  const document: CutDocument = JSON.parse(readFileSync(url, 'utf8'))
  files.set(name, document)
  return document
}

export const OPERATIONS: readonly Operation[] = (Object.keys(DOCUMENTS) as DocumentName[]).flatMap((document) => {
  const { operations, requests, responses } = documentOf(document)
  return Object.entries(operations).flatMap(([tag, all]) =>
    all.map((each) => {
      const [method = '', path = ''] = each.split(' ')
      const [request, answers = {}] = [requests, responses].map((from) => from[path]?.[method.toLowerCase()])
      return {
        document,
        tag,
        method,
        path,
        request: request as Request | undefined,
        responses: answers as Operation['responses'],
      }
    }),
  )
})

/** What its parameters are called is of no meaning. */
const shapeOf = (method: string, path: string) => `${method} ${path.replace(/\{\w+\}/g, '{}')}`

const byShape = new Map(OPERATIONS.map((each) => [shapeOf(each.method, DOCUMENTS[each.document] + each.path), each]))

/** Twilio's operation that a route of ours is. */
export const operationAt = (method: string, path: string): Operation | undefined => byShape.get(shapeOf(method, path))

/** Its path, below our prefix. */
export const ownPathOf = (operation: Operation): string => DOCUMENTS[operation.document] + operation.path
