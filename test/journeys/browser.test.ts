import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { openBrowser } from '../browser.ts'
import { ADMIN, WITH_ADMIN } from '../console/visitor.ts'
import { type CustomerServer, startCustomerServer } from '../customer-server.ts'
import { type Gateway, startGateway } from '../gateway.ts'
import { sandboxState } from '../people.ts'

let gateway: Gateway
let customer: CustomerServer
let browser: Browser
let page: Page
const complaints: string[] = []

before(async () => {
  gateway = await startGateway(WITH_ADMIN)
  customer = await startCustomerServer()
  browser = await openBrowser()
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } })
  context.setDefaultTimeout(10_000)
  page = await context.newPage()
  page.on('pageerror', (error) => complaints.push(error.message))
  // That nobody is signed in yet is an answer of 401, which the browser writes down as an error.
  const isSignIn = (url: string) => url.endsWith('/console/api/session')
  page.on('console', (line) => {
    if (line.type() === 'error' && !isSignIn(line.location().url)) complaints.push(line.text())
  })
})
after(async () => {
  await browser?.close()
  await gateway?.stop()
  await customer?.stop()
})

const bubble = (text: string | RegExp) => page.getByRole('list', { name: 'Messages with Owl Coffee' }).getByText(text)
const composer = () => page.getByRole('textbox', { name: 'Message to Owl Coffee' })

test('a newcomer signs in, opens the Messenger from the overview, writes "hi" and is answered', async () => {
  await page.goto(gateway.url)
  await page.getByLabel('E-mail address').fill(ADMIN.email)
  await page.locator('input[type=password]').fill(ADMIN.password)
  await page.keyboard.press('Enter')
  await page.getByRole('link', { name: 'Write “hi” in the built-in Messenger' }).click()

  await composer().fill('hi')
  await page.keyboard.press('Enter')

  await bubble(/^hi$/).waitFor()
  await bubble(/^Welcome! Pagewire got your message/).waitFor()
})

test('a message sent with the Twilio SDK appears in the open chat and is read by looking at it', async () => {
  const { pages } = await sandboxState(gateway.url)
  const address = new URL(page.url()).searchParams
  const thread = await fetch(`${gateway.url}/sandbox/api/threads/${address.get('page')}/${address.get('person')}`)
  const { psid } = (await thread.json()) as { psid: string }

  const sent = await gateway.client.messages.create({
    body: 'Would you like to play a game?',
    from: `messenger:${pages[0]?.id}`,
    to: `messenger:${psid}`,
    statusCallback: `${customer.url}/status`,
  })

  await bubble('Would you like to play a game?').waitFor()
  const statuses = []
  for (let count = 0; count < 3; count += 1) statuses.push((await customer.next()).params.MessageStatus)
  assert.deepEqual(statuses, ['sent', 'delivered', 'read'])
  assert.equal((await gateway.client.messages(sent.sid).fetch()).status, 'read')
})

test('m.me opens a chat with the Page, as another person, and the ref reaches the customer', async () => {
  const { pages, people } = await sandboxState(gateway.url)
  const { senders } = (await gateway.call('GET', '/messaging/v2/Channels/Senders?Channel=messenger')).json() as {
    senders: { sid: string }[]
  }
  await gateway.call('POST', `/messaging/v2/Channels/Senders/${senders[0]?.sid}`, {
    webhook: { callback_url: `${customer.url}/sms` },
  })
  customer.answer('/sms', { type: 'text/plain', body: 'Nice to meet you' })

  await page.goto(`${gateway.url}/sandbox/m/${pages[0]?.id}?ref=flyer-7&person=${people[1]?.id}`)
  await composer().fill('hello')
  await page.getByRole('button', { name: 'Send' }).click()

  await bubble('Nice to meet you').first().waitFor()
  const call = await customer.next(
    (request) => request.params.ReferralRef !== undefined || request.params.Body === 'hello',
  )
  assert.ok(call.signatureIsValid(gateway.account.authToken))
})

test('a reload shows the same conversation', async () => {
  const before = page.url()
  await page.reload()
  await bubble('hello').waitFor()
  assert.equal(page.url(), before)
})

test('the pages complained of nothing', () => {
  assert.deepEqual(complaints, [])
})
