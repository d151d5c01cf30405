/** docs/TWILIO-COMPATIBILITY.md: what the run has shown, in numbers, and what `resources.ts` says about it, in words. */
import assert from 'node:assert/strict'
import type { ServedRoute } from '../../src/api/api.ts'
import type { Call } from './held-client.ts'
import { OWN_OPERATIONS } from './own.ts'
import { EVERYWHERE, PRODUCTS, RESOURCES, type Resource } from './resources.ts'
import { type DocumentName, OPERATIONS, type Operation, operationAt } from './twilio.ts'

const HEAD = `# Compatibility with Twilio

Written by \`npm run docs\`, from a run of \`test/conformance\` and what is said there; the tests check that it is current.

An operation counts as served if it was called with Twilio's official Node package, unmodified, and answered with
success. Every answer of that run, success or error, was held to Twilio's own OpenAPI documents
([test/twilio-oai](../test/twilio-oai/README.md)): types, null, enums, patterns, formats, no key missing and none more.
It was held to [our own](openapi.json) as well, which a running gateway shows at \`/docs\`. For other languages see
[Twilio's SDKs](twilio-sdks.md).
`

export function compatibilityPage(calls: readonly Call[], routes: readonly ServedRoute[]): string {
  const served = new Set<Operation>()
  for (const { method, path, status } of calls) {
    const operation = operationAt(method, path)
    if (operation && status < 400) served.add(operation)
  }
  return [
    HEAD,
    '## In numbers\n',
    numbers(served),
    '## Everywhere\n',
    `${EVERYWHERE.map((each) => `- ${each}`).join('\n')}\n`,
    ...(Object.keys(PRODUCTS) as DocumentName[]).map((document) => section(document, served)),
    '## Beyond Twilio\n',
    `What no public document of Twilio's describes. Objects and parameters are in [openapi.json](openapi.json).\n`,
    beyond(routes),
  ].join('\n')
}

function numbers(served: ReadonlySet<Operation>): string {
  const rows = (Object.keys(PRODUCTS) as DocumentName[]).map((document) => {
    const all = OPERATIONS.filter((each) => each.document === document)
    return `| ${PRODUCTS[document]} | ${countOf(served, all)} | ${all.length} |`
  })
  return `| product | operations served | described by Twilio |\n|---|---|---|\n${rows.join('\n')}\n`
}

const countOf = (served: ReadonlySet<Operation>, all: readonly Operation[]): number =>
  all.filter((each) => served.has(each)).length

function section(document: DocumentName, served: ReadonlySet<Operation>): string {
  const all = OPERATIONS.filter((each) => each.document === document)
  const resources = RESOURCES.filter((each) => each.document === document)
  const known = resources.flatMap(({ tags }) => tags)
  for (const { tag } of served) {
    assert.ok(
      RESOURCES.some(({ tags }) => tags.includes(tag)),
      `test/conformance/resources.ts tells nothing of ${tag}`,
    )
  }
  const rows = resources.map((resource) =>
    row(
      resource,
      served,
      all.filter(({ tag }) => resource.tags.includes(tag)),
    ),
  )
  const others = [...new Set(all.map(({ tag }) => tag))].filter((tag) => !known.includes(tag)).map(readable)
  return [
    `## ${PRODUCTS[document]}\n`,
    ...(rows.length > 0 ? [table(rows)] : []),
    ...(others.length > 0 ? [`Not served: ${others.join(', ')}.\n`] : []),
  ].join('\n')
}

const table = (rows: string[]): string =>
  `| resource | served | works | differs, and why |\n|---|---|---|---|\n${rows.join('\n')}\n`

const row = (resource: Resource, served: ReadonlySet<Operation>, all: readonly Operation[]): string =>
  `| ${resource.name} | ${countOf(served, all)} of ${all.length} | ${resource.works} | ${resource.differs.join('<br>')} |`

/** `MessagingV1BrandRegistrationOtp` is a brand registration otp. */
const readable = (tag: string): string =>
  tag
    .replace(/^(Api20100401|[A-Z][a-z]+[Vv]\d)/, '')
    .replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
    .trim()

function beyond(routes: readonly ServedRoute[]): string {
  const own = routes.filter(({ method, path }) => !operationAt(method, path))
  const rows = own.map(
    ({ method, path }) => `| \`${method} ${path}\` | ${OWN_OPERATIONS[`${method} ${path}`]?.summary} |`,
  )
  const told = RESOURCES.filter(({ document }) => document === null)
  const words = told.map(({ name, works, differs }) => `- **${name}**: ${works} ${differs.join(' ')}`)
  return `${words.join('\n')}\n\n| operation | does |\n|---|---|\n${rows.join('\n')}\n`
}
