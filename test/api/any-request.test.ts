/** Whatever is asked, the answer is one of Twilio's form with a documented code, and never a mistake of ours. */
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { after, before, test } from 'node:test'
import fc from 'fast-check'
import { representationOf } from '../../src/api/representation.ts'
import { accountWith } from '../accounts.ts'
import { type FileServer, PNG, startFileServer } from '../file-server.ts'
import type { Answer } from '../gateway.ts'
import { type MetaGateway, startMetaGateway } from '../meta-gateway.ts'
import { requestRaw } from '../raw-request.ts'
import { readTwilioError } from '../twilio-error.ts'
import { readTwilioXml } from '../twilio-xml.ts'
import { type Asked, arbitraryRequests } from './arbitrary-requests.ts'
import { makeOneOfEach, type OneOfEach } from './one-of-each.ts'

/** More than that finds more: 30,000 take two minutes. */
const RUNS = Number(process.env.PAGEWIRE_PROPERTY_RUNS ?? 600)

let gateway: MetaGateway
let files: FileServer
let owner: OneOfEach
let documented: Set<number>

before(async () => {
  gateway = await startMetaGateway()
  files = await startFileServer()
  const mediaUrl = files.serve('/owl.png', { type: 'image/png', body: PNG })
  owner = await makeOneOfEach(gateway, accountWith(gateway, gateway.account), mediaUrl)
  const page = await readFile(new URL('../../docs/errors.md', import.meta.url), 'utf8')
  documented = new Set([...page.matchAll(/^\| (\d{5}) \|/gm)].map(([, code]) => Number(code)))
})
after(async () => {
  await gateway?.stop()
  await files?.stop()
})

const TYPES = { json: 'application/json', xml: 'application/xml', csv: 'text/csv' }

function assertTwilios(asked: Asked, answer: Answer): void {
  const where = `${JSON.stringify(asked)}\n${answer.status} ${answer.text}`
  assert.ok(answer.status < 500, where)
  assert.match(answer.headers.get('twilio-request-id') ?? '', /^RQ[0-9a-f]{32}$/, where)
  const kind = representationOf(asked.path)
  if (/^application\/xml/.test(answer.headers.get('content-type') ?? '') && answer.text) readTwilioXml(answer.text)
  // A range of a file that is not there has no text.
  if (answer.status < 400 || answer.status === 416) return
  assert.equal(answer.headers.get('content-type')?.split(';')[0], TYPES[kind], where)
  if (asked.method === 'HEAD' || kind === 'csv') return
  const { code } = readTwilioError(answer)
  assert.ok(documented.has(code), `docs/errors.md does not tell of ${code}: ${where}`)
}

test("any form, header and path is answered in Twilio's form, with a documented code", async () => {
  const seen = new Set<number>()
  await fc.assert(
    fc.asyncProperty(arbitraryRequests(gateway.routes, owner), async (asked) => {
      const answer = await requestRaw(gateway.url, asked.method, asked.path, asked.headers, asked.body)
      seen.add(answer.status)
      assertTwilios(asked, answer)
    }),
    { numRuns: RUNS },
  )
  for (const status of [200, 201, 400, 404, 405, 415]) assert.ok(seen.has(status), `none was ${status}`)
})
