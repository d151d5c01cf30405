/**
 * Cuts Twilio's documents down to what is needed here: `node test/twilio-oai/cut.ts <folder spec/json of twilio-oai>`.
 * Each file beside this one keeps the operations at the paths that its `responses` name (an empty object asks for one
 * more), and tells which others there are. Documents that are not in the folder stay as they are.
 */
import { existsSync } from 'node:fs'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

type Json = null | boolean | number | string | Json[] | { [key: string]: Json }
type Described = { [key: string]: Json }
type Parameter = { name: string; in: string; required?: boolean; schema: Described }
type Operation = {
  operationId: string
  tags: string[]
  summary?: string
  description?: string
  parameters?: (Parameter | { $ref: string })[]
  requestBody?: { content: Record<string, { schema: Described }> }
  responses: Record<string, { content?: Record<string, { schema: Described }> }>
}
type Full = {
  paths: Record<string, Record<string, Operation>>
  components: { schemas: Record<string, Described>; parameters?: Record<string, Parameter> }
}
type Cut = { responses: Record<string, unknown> }

const METHODS = ['get', 'post', 'put', 'patch', 'delete']
const LEFT_OUT = ['description', 'example', 'examples', 'default', 'title']

const [folder = ''] = process.argv.slice(2)
for (const name of await readdir(import.meta.dirname)) {
  if (!name.endsWith('.json') || !existsSync(join(folder, name))) continue
  const file = join(import.meta.dirname, name)
  const full: Full = JSON.parse(await readFile(join(folder, name), 'utf8'))
  const cut = cutDown(full, JSON.parse(await readFile(file, 'utf8')))
  await writeFile(file, `${JSON.stringify(cut, null, 2)}\n`)
}

function cutDown(full: Full, known: Cut) {
  const requests: Record<string, Described> = {}
  const responses: Record<string, Described> = {}
  for (const path of Object.keys(known.responses)) {
    for (const method of METHODS) {
      const operation = full.paths[path]?.[method]
      if (!operation) continue
      requests[path] = { ...requests[path], [method]: requestOf(full, operation) as unknown as Json }
      responses[path] = { ...responses[path], [method]: responsesOf(operation) }
    }
  }
  return {
    operations: operationsOf(full),
    requests,
    responses,
    components: { schemas: schemasOf(full, [requests, responses]) },
  }
}

/** All of them, by Twilio's name of the resource. */
function operationsOf(full: Full): Record<string, string[]> {
  const found: Record<string, string[]> = {}
  for (const [path, methods] of Object.entries(full.paths)) {
    for (const method of METHODS) {
      const tag = methods[method]?.tags[0]
      if (tag === undefined) continue
      found[tag] ??= []
      found[tag].push(`${method.toUpperCase()} ${path}`)
    }
  }
  return found
}

function requestOf(full: Full, { operationId, summary, description, parameters = [], requestBody }: Operation) {
  const [type, body] = Object.entries(requestBody?.content ?? {})[0] ?? []
  const resolved = parameters.map((each) =>
    '$ref' in each ? (full.components.parameters?.[each.$ref.split('/').at(-1) ?? ''] as Parameter) : each,
  )
  return {
    id: operationId,
    summary: summary ?? description ?? '',
    parameters: resolved.map(({ name, in: place, required = false, schema }) => ({
      name,
      in: place,
      required,
      schema: bare(schema),
    })),
    ...(type && body && { body: { type, schema: bare(body.schema) } }),
  }
}

function responsesOf({ responses }: Operation): Described {
  return Object.fromEntries(
    Object.entries(responses).map(([status, { content }]) => [
      status,
      bare(content?.['application/json']?.schema ?? {}),
    ]),
  )
}

/** Words, examples and extensions are left out; names of properties are no keywords. */
function bare(schema: Json, areNames = false): Json {
  if (Array.isArray(schema)) return schema.map((each) => bare(each))
  if (typeof schema !== 'object' || schema === null) return schema
  return Object.fromEntries(
    Object.entries(schema)
      .filter(([key]) => areNames || !(LEFT_OUT.includes(key) || key.startsWith('x-')))
      .map(([key, value]) => [key, bare(value, !areNames && key === 'properties')]),
  )
}

/** Those that are referred to, and those that they refer to. */
function schemasOf(full: Full, from: Json | Described[]): Described {
  const found: Described = {}
  const follow = (value: unknown): void => {
    for (const [, name = ''] of JSON.stringify(value).matchAll(/"#\/components\/schemas\/([^"]+)"/g)) {
      if (name in found) continue
      found[name] = bare(full.components.schemas[name] ?? {})
      follow(found[name])
    }
  }
  follow(from)
  return Object.fromEntries(Object.entries(found).sort(([a], [b]) => (a < b ? -1 : 1)))
}
