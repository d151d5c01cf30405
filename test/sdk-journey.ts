/**
 * The core journey from another language, as its page in `docs/sdks` shows it: send, list, fetch, check a callback's
 * signature. The other program is a child process; what it says is one line of JSON.
 */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { startCustomerServer } from './customer-server.ts'
import { type MetaGateway, startMetaGateway } from './meta-gateway.ts'

export type OtherLanguage = {
  /** What the program says: the SIDs `made`, `newest` (a list) and `fetched`, and `body` and `status` of `fetched`. */
  send: Program
  /** Its arguments end with a callback as JSON: `url`, `params`, `signature`. Says whether it is ours. */
  check: (callback: string) => Program
}
type Program = { command: string; args: string[]; environment?: Record<string, string> }
type Said = { made: string; newest: string[]; fetched: string; body: string; status: string }

const run = promisify(execFile)

export async function walkThrough({ send, check }: OtherLanguage, body: string): Promise<void> {
  const gateway = await startMetaGateway()
  const customer = await startCustomerServer()
  try {
    await walk(gateway)
  } finally {
    await gateway.stop()
    await customer.stop()
  }

  async function walk({ url, account, connectPage, newPerson, says }: MetaGateway) {
    const page = await connectPage()
    const person = newPerson()
    await says(person, page.pageId, 'Anybody there?')
    const environment = {
      PAGEWIRE_URL: url,
      TWILIO_ACCOUNT_SID: account.sid,
      TWILIO_AUTH_TOKEN: account.authToken,
      PAGE: page.pageId,
      PERSON: person,
      STATUS_CALLBACK: `${customer.url}/status?customer=M%C3%BCller`,
    }
    const ask = async <T>(program: Program): Promise<T> => {
      const env = { ...process.env, ...environment, ...program.environment }
      return JSON.parse((await run(program.command, program.args, { env, timeout: 30_000 })).stdout)
    }

    const said = await ask<Said>(send)
    assert.match(said.made, /^SM[0-9a-f]{32}$/)
    assert.equal(said.fetched, said.made)
    assert.ok(said.newest.includes(said.made))
    assert.equal(said.body, body)
    assert.match(said.status, /^(queued|sending|sent)$/)

    const callback = await customer.next(({ params }) => params.MessageSid === said.made)
    const told = {
      url: customer.url + callback.path,
      params: callback.params,
      signature: callback.headers['x-twilio-signature'],
    }
    assert.equal(await ask(check(JSON.stringify(told))), true)
    assert.equal(
      await ask(check(JSON.stringify({ ...told, params: { ...told.params, MessageStatus: 'read' } }))),
      false,
    )
  }
}
