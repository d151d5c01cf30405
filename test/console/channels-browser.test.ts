import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { complaintsOfAxe } from '../axe.ts'
import { type CustomerServer, startCustomerServer } from '../customer-server.ts'
import { dialOf } from '../dial.ts'
import { eventually } from '../eventually.ts'
import { type Gateway, startGateway } from '../gateway.ts'
import { personAtPage, sandboxState } from '../people.ts'
import { openConsole } from './console-browser.ts'
import { addPage } from './facebook.ts'
import { WITH_ADMIN } from './visitor.ts'

let gateway: Gateway
let customer: CustomerServer
let browser: Browser
let context: BrowserContext
let page: Page
let home: string
let complaints: string[]

before(async () => {
  gateway = await startGateway(WITH_ADMIN)
  customer = await startCustomerServer()
  ;({ browser, context, page, home, complaints } = await openConsole(gateway))
})
after(async () => {
  await browser?.close()
  await gateway?.stop()
  await customer?.stop()
})

const button = (name: string | RegExp) => page.getByRole('button', { name })
const link = (name: string | RegExp) => page.getByRole('link', { name })

async function isAccessible(): Promise<void> {
  assert.deepEqual(await complaintsOfAxe(page), [], page.url())
}

/** How far things have moved that were seen already (Web Vitals, CLS): 0 when nothing has. */
const layoutShift = () =>
  page.evaluate(
    () =>
      new Promise<number>((resolve) => {
        let sum = 0
        new PerformanceObserver((list) => {
          for (const entry of list.getEntries()) sum += (entry as unknown as { value: number }).value
        }).observe({ type: 'layout-shift', buffered: true } as never)
        setTimeout(() => resolve(sum), 300)
      }),
  )

test('Messenger is found in the catalogue, and two Pages are connected by one Facebook Login', async () => {
  await addPage(gateway, 'Corner Bakery')
  await addPage(gateway, 'City Library')
  await link('Channels').click()
  await page.getByRole('heading', { name: 'WhatsApp' }).waitFor()
  await isAccessible()
  await link('Open Facebook Messenger').click()
  await page.getByText('1 / 25 Pages').waitFor()
  await isAccessible()

  await link('Add Another Instance').click()
  await page.getByLabel('Unique Name').fill('bakery')
  await page.getByRole('textbox', { name: 'Callback URL', exact: true }).fill('https://my_host.example/sms')
  await page.getByText('The host name my_host.example holds an underscore, which is not allowed').waitFor()
  await page.getByRole('textbox', { name: 'Callback URL', exact: true }).fill(`${customer.url}/sms`)
  await page.getByRole('textbox', { name: 'Status Callback URL' }).fill(`${customer.url}/status`)
  await page.getByText(/holds an underscore/).waitFor({ state: 'detached' })
  await isAccessible()

  await link('Log in with Facebook').click()
  await page.getByRole('heading', { name: 'Gateway wants to manage your Pages' }).waitFor()
  assert.match(page.url(), /\/sandbox\/v25\.0\/dialog\/oauth\?/)
  await isAccessible()
  await button('Continue as Ada Lindqvist').click()

  await page.getByText('Logged in as Ada Lindqvist: 3 Pages').waitFor()
  assert.equal(await page.getByLabel('Unique Name').inputValue(), 'bakery')
  await page.getByRole('combobox', { name: 'Select a Page' }).click()
  assert.equal(await page.getByRole('option', { name: /Owl Coffee/ }).getAttribute('data-combobox-disabled'), 'true')
  await page.getByRole('option', { name: /Corner Bakery/ }).click()
  await button('Save').click()
  await page.getByRole('heading', { name: 'Corner Bakery', level: 1 }).waitFor()

  await link('All instances').click()
  await link('Add Another Instance').click()
  assert.equal(await page.getByLabel('Unique Name').inputValue(), '')
  await page.getByRole('combobox', { name: 'Select a Page' }).click()
  await page.getByRole('option', { name: /City Library/ }).click()
  await page.getByRole('textbox', { name: 'Callback URL', exact: true }).fill('/bins/welcome')
  await page.reload()
  await page.getByText('Logged in as Ada Lindqvist: 3 Pages').waitFor()
  assert.equal(await page.getByRole('combobox', { name: 'Select a Page' }).inputValue(), 'City Library')
  await button('Save').click()
  await page.getByRole('heading', { name: 'City Library', level: 1 }).waitFor()
  await link('All instances').click()
  await page.getByText('3 / 25 Pages').waitFor()
})

test('from the instance to the first reply of one’s own server', async () => {
  customer.answer('/sms', { body: '<Response><Message>Fresh rolls until noon</Message></Response>' })
  await link(/Corner Bakery/).click()
  const { pages } = await sandboxState(gateway.url)
  const bakery = pages.find(({ name }) => name === 'Corner Bakery')
  await page.getByText(`messenger:${bakery?.id}`, { exact: true }).first().waitFor()
  await page.getByText(`https://m.me/${bakery?.id}`).waitFor()
  await page.getByRole('img', { name: 'QR code of the link to Corner Bakery' }).waitFor()
  await page.getByText('Meta takes the Page access token.').waitFor()
  await page.getByText(/Nobody has written to this Page lately/).waitFor()
  await isAccessible()

  const [chat] = await Promise.all([context.waitForEvent('page'), link('Open it in the built-in Messenger').click()])
  await chat.getByRole('button', { name: /Ada Lindqvist/ }).click()
  await chat.getByRole('textbox', { name: 'Message to Corner Bakery' }).fill('hi')
  await chat.keyboard.press('Enter')
  await chat.getByRole('list', { name: 'Messages with Corner Bakery' }).getByText('Fresh rolls until noon').waitFor()
  await chat.close()
  const call = await customer.next((request) => request.path === '/sms' && request.method === 'POST')
  assert.equal(call.params.To, `messenger:${bakery?.id}`)
  assert.ok(call.signatureIsValid(gateway.account.authToken))

  await button('Check now').click()
  await page.getByText(/Your server answered the last message with 200/).waitFor()
  await button('Send a test request…').click()
  await page.getByRole('dialog').getByRole('button', { name: 'Send it' }).click()
  await page.getByText('Your server took the request.').waitFor()
  await page.getByText(/It would have sent: Fresh rolls until noon/).waitFor()
  await page.getByText(/anybody could pretend to be Pagewire/).waitFor()
  await isAccessible()
  await page.keyboard.press('Escape')
})

test('settings are changed in place; what is typed is not lost by a change elsewhere', async () => {
  const sid = page.url().split('/').at(-1) ?? ''
  await page.getByLabel('Unique Name').fill('bakery-2')
  await page.getByRole('combobox', { name: 'Method of the Callback URL' }).selectOption('GET')
  await page.getByText('There are changes that are not saved.').waitFor()
  await gateway.call('POST', `/messaging/v2/Channels/Senders/${sid}`, {
    webhook: { fallback_url: `${customer.url}/fallback` },
  })
  await page.reload()
  assert.equal(await page.getByLabel('Unique Name').inputValue(), 'bakery-2')
  assert.equal(await page.getByRole('textbox', { name: 'Fallback URL' }).inputValue(), `${customer.url}/fallback`)
  await button('Save').click()
  await page.getByText('Saved').first().waitFor()
  await page.reload()
  assert.equal(await page.getByLabel('Unique Name').inputValue(), 'bakery-2')
  assert.equal(await page.getByRole('combobox', { name: 'Method of the Callback URL' }).inputValue(), 'GET')
})

test('a dead token is found, told on every page, and mended by another login', async () => {
  const { pages, people } = await sandboxState(gateway.url)
  const nth = pages.findIndex(({ name }) => name === 'Corner Bakery')
  const person = await personAtPage(gateway.url, 0, nth)
  await dialOf(gateway.url).setToken(person.pageId, 'password_changed')
  await button('Check now').click()
  await page.getByText(/Meta refuses the Page access token: .*changed their password/).waitFor()

  await link('Channels').click()
  const banner = page.getByRole('region', { name: 'Pages that need you' })
  await banner.getByText(/Corner Bakery: Meta does not accept the Page access token any more/).waitFor()
  await page.reload()
  await banner.waitFor()
  assert.ok((await layoutShift()) < 0.01, 'what stands below the banner does not jump')
  await isAccessible()
  await gateway.client.messages.create({
    from: `messenger:${person.pageId}`,
    to: `messenger:${person.psid}`,
    body: 'This one waited',
  })
  await banner.getByRole('link', { name: 'Look at Corner Bakery' }).click()
  await link('Log in with Facebook').click()
  await button(`Continue as ${people[0]?.name}`).click()
  await page.getByText('Facebook gave a new token for Corner Bakery.').waitFor()
  await isAccessible()
  await button('Connect Corner Bakery again').click()
  await page.getByText('Corner Bakery is connected again').waitFor()
  await banner.waitFor({ state: 'detached' })
  await person.hears('This one waited')
})

test('who cancels at Facebook is told so; a token can be pasted instead', async () => {
  const shop = await addPage(gateway, 'Flower Shop')
  await page.goto(`${home}/channels/messenger/new`)
  await link('Log in again').click()
  await button('Cancel').click()
  await page.getByText('Facebook Login was cancelled.').waitFor()
  await button('Paste a Page access token instead').click()
  await button('Save').click()
  await page.getByText('Paste the token of the Page').waitFor()
  await page.getByRole('textbox', { name: 'Page access token' }).fill(shop.accessToken)
  await button('Save').click()
  await page.getByRole('heading', { name: 'Flower Shop', level: 1 }).waitFor()
})

test('removing names what it does, and the Page is gone', async () => {
  await button('Remove…').click()
  await page.getByText(/what people write to Flower Shop does not arrive any more/).waitFor()
  await isAccessible()
  await button('Remove Flower Shop').click()
  await page.getByText('3 / 25 Pages').waitFor()
  const { pages } = await sandboxState(gateway.url)
  await eventually('the subscription to end', async () => {
    const state = await sandboxState(gateway.url)
    return pages.length > 0 && state.pages.find(({ name }) => name === 'Flower Shop')?.subscribed === false
  })
})

test('a Meta app of one’s own is added, and the login goes through it', async () => {
  const made = await fetch(`${gateway.url}/sandbox/api/apps`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ name: 'Agency app' }),
  })
  const app = (await made.json()) as { id: string; secret: string }
  await link('Meta apps').click()
  await button('Add a Meta app').click()
  await page.getByLabel('App ID').fill(app.id)
  await page.getByRole('textbox', { name: 'App secret' }).fill(app.secret)
  await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click()
  await page.getByText('Agency app is saved. Meta sends its events here.').waitFor()
  await button('Done').click()
  await button('Show the verify token').click()
  await page.getByText('Verify token', { exact: true }).waitFor()
  await isAccessible()

  await page.goto(`${home}/channels/messenger/new`)
  await page.getByRole('combobox', { name: 'Meta app' }).selectOption('Agency app')
  await link(/Log in/).click()
  await page.getByRole('heading', { name: 'Agency app wants to manage your Pages' }).waitFor()
})

test('the channel is uninstalled once its last Page is removed, and can be installed again', async () => {
  await page.goto(`${home}/channels/messenger`)
  await page.getByText('3 Pages are still connected. Remove each of them first').waitFor()
  assert.ok(await button('Uninstall…').isDisabled())
  for (const name of ['Owl Coffee', 'Corner Bakery', 'City Library']) {
    await link(new RegExp(`^${name}`)).click()
    await button('Remove…').click()
    await button(`Remove ${name}`).click()
    await page.waitForURL(/\/channels\/messenger$/)
  }
  await page.getByText('No Page is connected yet').waitFor()
  await isAccessible()
  await button('Uninstall…').click()
  await page.getByText(/nothing that works stops/).waitFor()
  await isAccessible()
  await button('Uninstall Facebook Messenger').click()
  await button('Install Facebook Messenger').click()
  await page.getByText('No Page is connected yet').waitFor()
})

test('the pages complained of nothing', () => {
  assert.deepEqual(complaints, [])
})
