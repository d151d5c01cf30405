import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { type CustomerServer, startCustomerServer } from '../customer-server.ts'
import { eventually } from '../eventually.ts'
import { type PersonAtPage, personAtPage } from '../people.ts'
import { type Installation, isAlive, makeInstallation, ROOT } from './gateway-process.ts'

let customer: CustomerServer
const made: Installation[] = []

before(async () => {
  customer = await startCustomerServer()
})
after(async () => {
  await Promise.all(made.map((each) => each.remove()))
  await customer?.stop()
})

async function install(): Promise<{ installation: Installation; ada: PersonAtPage; gateway: GatewayProcess }> {
  const installation = await makeInstallation()
  made.push(installation)
  const gateway = await installation.start()
  const { senders } = (await (
    await installation.call('GET', '/messaging/v2/Channels/Senders?Channel=messenger')
  ).json()) as { senders: { sid: string }[] }
  const path = `/messaging/v2/Channels/Senders/${senders[0]?.sid}`
  const changed = await installation.call('POST', path, { webhook: { callback_url: `${customer.url}/sms` } })
  assert.equal(changed.status, 202)
  return { installation, gateway, ada: await personAtPage(installation.url) }
}

type GatewayProcess = Awaited<ReturnType<Installation['start']>>

const reply = (text: string) => `<Response><Message>${text}</Message></Response>`

test('a callback in hand is finished before the gateway stops, whoever watches the chat page', async () => {
  const { installation, gateway, ada } = await install()
  customer.answer('/sms', { body: reply('slow but sure'), delayMs: 2000 })
  const watching = await fetch(`${installation.url}/sandbox/api/stream`)
  await ada.say('take your time')
  await customer.next(({ params }) => params.Body === 'take your time')
  const postgres = (await installation.postgresPid()) as number

  const { code, afterMs, stderr } = await gateway.ended('SIGTERM')

  assert.deepEqual([code, stderr], [0, ''])
  assert.ok(afterMs > 1500 && afterMs < 10_000, `it took ${afterMs} ms`)
  assert.equal(isAlive(postgres), false)
  assert.equal(await installation.postgresPid(), undefined)
  await watching.body?.cancel().catch(() => {})

  const again = await installation.start()
  await ada.hears('slow but sure')
  assert.equal(customer.requests.filter(({ params }) => params.Body === 'take your time').length, 1)
  assert.equal((await again.ended('SIGTERM')).code, 0)
})

test('a callback that hangs is handed back, and the next start makes it', async () => {
  const { installation, gateway, ada } = await install()
  customer.answer('/sms', { body: reply('too late'), delayMs: 15_000 })
  await ada.say('are you there?')
  const hanging = await customer.next(({ params }) => params.Body === 'are you there?')

  const { code, afterMs } = await gateway.ended('SIGTERM')
  assert.equal(code, 0)
  assert.ok(afterMs < 10_000, `it took ${afterMs} ms`)
  assert.equal(await installation.postgresPid(), undefined)

  customer.answer('/sms', { body: reply('here I am') })
  const again = await installation.start()
  await ada.hears('here I am')
  const repeated = await customer.next(({ params }) => params.Body === 'are you there?')
  assert.equal(repeated.params.MessageSid, hanging.params.MessageSid)
  const { messages } = await ada.thread()
  assert.deepEqual(
    messages.filter(({ from }) => from === 'page').map(({ text }) => text),
    ['here I am'],
  )
  assert.equal((await again.ended('SIGTERM')).code, 0)
})

test('npm start passes a SIGTERM on, and takes the gateway with it when it is killed', async () => {
  const installation = await makeInstallation()
  made.push(installation)
  const commands: [command: string[], signal: NodeJS.Signals][] = [
    [['npm', 'start', '--prefix', ROOT], 'SIGTERM'],
    [['npm', 'start', '--prefix', ROOT], 'SIGKILL'],
    [[process.execPath, join(ROOT, 'scripts', 'start.mjs')], 'SIGKILL'],
  ]
  for (const [command, signal] of commands) {
    const starter = await installation.start({}, command)
    const postgres = (await installation.postgresPid()) as number

    // Its output ends with the last process that writes to it.
    const { code, afterMs } = await starter.ended(signal)

    assert.equal(code, signal === 'SIGTERM' ? 0 : null)
    assert.ok(afterMs < 10_000, `it took ${afterMs} ms`)
    await eventually('PostgreSQL to be gone', () => !isAlive(postgres))
    await assert.rejects(fetch(`${installation.url}/healthz`))
  }
})
