import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { openBrowser } from '../browser.ts'
import { ADMIN, WITH_ADMIN } from '../console/visitor.ts'
import { type CustomerServer, startCustomerServer } from '../customer-server.ts'
import { eventually } from '../eventually.ts'
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
  // That nobody is signed in yet is an answer of 401, which the browser writes down as an error; so is what a test
  // here leaves out or cuts off.
  const isExpected = (url: string, text: string) =>
    url.endsWith('/console/api/session') || url === missingPicture() || text.includes('ERR_INTERNET_DISCONNECTED')
  page.on('console', (line) => {
    if (line.type() === 'error' && !isExpected(line.location().url, line.text())) complaints.push(line.text())
  })
})
after(async () => {
  await browser?.close()
  await gateway?.stop()
  await customer?.stop()
})

const bubble = (text: string | RegExp) => page.getByRole('list', { name: 'Messages with Owl Coffee' }).getByText(text)
const missingPicture = () => `${gateway.url}/sandbox/cdn/none/none.png`
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

test('a text that is written from right to left runs so', async () => {
  await composer().fill('שלום עולם!')
  await page.keyboard.press('Enter')
  await bubble('שלום עולם!').waitFor()

  // The mark that ends the sentence stands at its left.
  const [first, last] = await page.evaluate<[number, number]>(`(() => {
    const line = [...document.querySelectorAll('main li p')].find(({ textContent }) => textContent === 'שלום עולם!')
    return [0, line.textContent.length - 1].map((at) => {
      const range = document.createRange()
      range.setStart(line.firstChild, at)
      range.setEnd(line.firstChild, at + 1)
      return range.getBoundingClientRect().left
    })
  })()`)
  assert.ok(first > last, `${first} is not right of ${last}`)
})

test('many messages in a row arrive in their order, and the newest stays in view', async () => {
  customer.answer('/sms', { type: 'text/plain', body: 'An answer of more than a line. '.repeat(8) })
  const inARow = Array.from({ length: 20 }, (_, index) => `in a row ${index + 1}`)
  for (const text of inARow) {
    await composer().fill(text)
    await page.keyboard.press('Enter')
  }

  await page.getByRole('listitem').filter({ hasText: 'in a row' }).nth(19).waitFor()
  await eventually('all are told', async () => (await page.getByText('Sending…').count()) === 0)
  assert.deepEqual(await bubble(/^in a row \d+$/).allTextContents(), inARow)
  assert.equal(await page.getByRole('button', { name: /^New/ }).count(), 0)
  // Fifteen answers within half a minute are the limit: why no more come is said here, and among the alerts.
  await page.getByText(/^No answer\? After 15 replies .* \(alert 14107\)/).waitFor()
})

test('a card whose picture is missing leaves the newest message in view', async () => {
  const { pages } = await sandboxState(gateway.url)
  const { page: pageId, person } = Object.fromEntries(new URL(page.url()).searchParams)
  const thread = await fetch(`${gateway.url}/sandbox/api/threads/${pageId}/${person}`)
  const { psid } = (await thread.json()) as { psid: string }
  const send = async (message: object) => {
    const answer = await fetch(`${gateway.url}/sandbox/graph/me/messages`, {
      method: 'POST',
      headers: { authorization: `Bearer ${pages[0]?.accessToken}`, 'content-type': 'application/json' },
      body: JSON.stringify({ recipient: { id: psid }, message }),
    })
    assert.equal(answer.status, 200, await answer.text())
  }
  const button = { type: 'postback', title: 'Order', payload: 'ORDER' }
  const elements = [
    { title: 'Latte', subtitle: 'Hot', image_url: missingPicture() },
    // The higher one, so that the row keeps its height without the picture.
    { title: 'A mocha with a name that takes several lines of the card', buttons: [button, button, button] },
  ]
  await send({ attachment: { type: 'template', payload: { template_type: 'generic', elements } } })
  for (const text of ['Choose one', 'or another', 'the last word']) await send({ text })
  // So that the card is cut by the upper edge: what is seen below the picture must not be held in its place.
  await page.setViewportSize({ width: 1280, height: 420 })
  const lost = page.waitForResponse(missingPicture())

  await page.reload()

  await lost
  await bubble('the last word').waitFor()
  await page.evaluate('new Promise((done) => setTimeout(() => requestAnimationFrame(done), 200))')
  assert.equal(await page.getByRole('button', { name: /^New/ }).count(), 0)
  await page.setViewportSize({ width: 1280, height: 800 })
})

test('what is written without a network goes by itself when it is back, once', async () => {
  await page.context().setOffline(true)
  await composer().fill('from the tunnel')
  await page.keyboard.press('Enter')
  await page.getByText('Not sent.').waitFor()
  await page.context().setOffline(false)

  await page.getByText('Not sent.').waitFor({ state: 'detached' })
  await page.reload()
  await bubble('from the tunnel').waitFor()
  assert.equal(await bubble('from the tunnel').count(), 1)
})

test('the pages complained of nothing', () => {
  assert.deepEqual(complaints, [])
})
