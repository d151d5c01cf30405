import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { Browser, Page } from 'playwright-core'
import { openBrowser } from '../browser.ts'
import { eventually } from '../eventually.ts'
import { newestMessage, type Scene, startScene } from './seeing.ts'

const AXE = fileURLToPath(new URL('../../node_modules/axe-core/axe.min.js', import.meta.url))

let scene: Scene
let browser: Browser
let page: Page
let account: string
const complaints: string[] = []

before(async () => {
  scene = await startScene()
  browser = await openBrowser()
  page = await newPage()
  account = `${scene.gateway.url}/${scene.gateway.account.sid}`
})
after(async () => {
  await browser?.close()
  await scene?.stop()
})

/** Signed in as the owner. `bypassCSP`: to put the accessibility checker into the page. */
async function newPage(options: { width?: number; bypassCSP?: boolean } = {}): Promise<Page> {
  const { width = 1280, bypassCSP = false } = options
  const context = await browser.newContext({ viewport: { width, height: 800 }, bypassCSP })
  context.setDefaultTimeout(10_000)
  const [name = '', value = ''] = scene.owner.cookie().split('=')
  await context.addCookies([{ name, value, url: scene.gateway.url }])
  const made = await context.newPage()
  made.on('pageerror', (error) => complaints.push(error.message))
  made.on('console', (line) => line.type() === 'error' && complaints.push(line.text()))
  return made
}

const log = () => page.getByRole('list', { name: 'Messages' })

test('a failing callback is found in the debugger, fixed and replayed', async () => {
  const { customer, ada } = scene
  customer.answer('/shop', { status: 500, type: 'text/plain', body: 'the shop is on fire' })
  await scene.pointPageAt({ callback_url: `${customer.url}/shop` })
  await ada.say('two coffees, please')
  await newestMessage(scene, 'text=two+coffees&code=11200')

  await page.goto(`${account}/debugger`)
  await page.getByRole('button', { name: /11200 HTTP retrieval failure.*1 alert/ }).click()
  await page.getByText('answered with status 500').click()
  await page.getByText('the shop is on fire').waitFor()
  await page.getByRole('link', { name: 'Show the messages' }).click()
  await log()
    .getByRole('link', { name: /two coffees/ })
    .click()
  await page.getByRole('button', { name: /Callback to your server 500 · 11200/ }).waitFor()

  customer.answer('/shop', { body: '<Response><Message>Two coffees are on their way</Message></Response>' })
  await page.getByRole('button', { name: 'Run the webhook again' }).click()
  await page.getByRole('button', { name: 'Run it again' }).click()

  await ada.hears('Two coffees are on their way')
  await page.getByText(/Replayed by/).waitFor()
  await page.getByRole('link', { name: /Caused by it.*Two coffees are on their way/ }).waitFor()
  const calls = page.getByRole('button', { name: /Callback to your server/ })
  await calls.nth(1).waitFor()
  assert.equal(await calls.count(), 2)
})

test('all messages of a filter are replayed from the log, and a reload does not lose sight of it', async () => {
  const { customer, ada } = scene
  customer.answer('/shop', { status: 503 })
  await ada.say('tea one')
  await ada.say('tea two')
  await newestMessage(scene, 'text=tea+two&code=11200')
  customer.answer('/shop', ({ params }) => ({ body: `<Response><Message>Now: ${params.Body}</Message></Response>` }))

  await page.goto(`${account}/messages?text=tea&code=11200`)
  await page.getByRole('button', { name: 'Replay…' }).click()
  await page.getByText('This is about 2 messages.').waitFor()
  await page.getByRole('button', { name: 'Replay 2 messages' }).click()
  await page.getByText(/2 of 2\. All done\./).waitFor()
  await page.reload()
  await page.getByText(/2 of 2\. All done\./).waitFor()
  await ada.hears('Now: tea two')
})

test('filters stand in the address and survive a reload; new messages come by themselves', async () => {
  const { ada } = scene
  await page.goto(`${account}/messages`)
  await page.getByRole('textbox', { name: 'Search in the text' }).fill('coffees')
  await page.getByRole('combobox', { name: 'Direction' }).selectOption('in')
  await page.waitForURL(/text=coffees.*direction=in|direction=in.*text=coffees/)
  await log().getByRole('listitem').nth(1).waitFor({ state: 'detached' })
  await page.reload()
  assert.equal(await page.getByRole('textbox', { name: 'Search in the text' }).inputValue(), 'coffees')
  assert.equal(await page.getByRole('combobox', { name: 'Direction' }).inputValue(), 'in')
  await log()
    .getByRole('link', { name: /two coffees/ })
    .waitFor()
  assert.equal(await log().getByRole('link').count(), 1)

  await ada.say('more coffees')
  await log()
    .getByRole('link', { name: /more coffees/ })
    .waitFor()
  assert.equal(await log().getByRole('link').count(), 2)
})

test('the keyboard alone leads through a log of thousands, of which a few rows exist at a time', async () => {
  const { gateway, senderSid } = scene
  await gateway.sql`
    insert into messages (account_sid, id, direction, channel, sender_id, sender_address, contact_address, body, status, created_at)
    select ${gateway.account.sid}, (lpad(to_hex((extract(epoch from now() - n * interval '1 second') * 1000)::bigint), 12, '0')
        || '7000' || '8000' || lpad(to_hex(n), 12, '0'))::uuid, 'inbound', 'messenger',
      ${senderSid.slice(2)}::uuid, '1', '777777', 'row ' || n, 'received', now() - n * interval '1 second'
    from generate_series(1, 3000) n`
  await page.goto(`${account}/messages?person=777777`)
  /** Until the text of what has the focus makes this true. */
  const focused = (condition: string) =>
    eventually(condition, () =>
      page.evaluate<boolean>(
        `(() => { const text = document.activeElement?.textContent ?? ''; return ${condition} })()`,
      ),
    )
  const row = String.raw`Number(/row (\d+)/.exec(text)?.[1])`
  await log()
    .getByRole('link', { name: /row 1\D/ })
    .focus()
  await page.keyboard.press('ArrowDown')
  await focused(`${row} === 2`)
  await page.keyboard.press('PageDown')
  await focused(`${row} > 10`)
  await page.keyboard.press('End')
  await focused(`${row} >= 100`)
  assert.ok((await log().getByRole('listitem').count()) < 80)
  await page.keyboard.press('Home')
  await focused(`${row} === 1`)
  await page.keyboard.press('Enter')
  await page.waitForURL(/\/messages\/SM[0-9a-f]{32}$/)
  await page.goBack()
  await page.waitForURL(/person=777777/)
})

test('while one reads further down nothing moves, and new messages wait for a word', async () => {
  const { ada } = scene
  await page.goto(`${account}/messages`)
  await log()
    .getByRole('link', { name: /row 1\D/ })
    .waitFor()
  const place = () =>
    page.evaluate<number[]>(`(() => {
      const row = [...document.querySelectorAll('li a')].find((each) => / ?row 60/.test(each.textContent))
      return row ? [Math.round(row.getBoundingClientRect().top)] : []
    })()`)
  await page.mouse.move(700, 500)
  await eventually('row 60 in view', async () => {
    await page.mouse.wheel(0, 400)
    return (await place()).some((top) => top > 250 && top < 700)
  })
  const before = await eventually('the list to stand still', async () => {
    const first = await place()
    await new Promise((resolve) => setTimeout(resolve, 150))
    return String(await place()) === String(first) && first
  })
  await ada.say('news from the shop')
  await page.getByRole('button', { name: 'New messages' }).waitFor()
  assert.deepEqual(await place(), before)
  await page.getByRole('button', { name: 'New messages' }).click()
  await log()
    .getByRole('link', { name: /news from the shop/ })
    .first()
    .waitFor()
})

test('the log of one person is found by name', async () => {
  const { ada, gateway } = scene
  // Names are fetched in the background.
  await eventually(
    'the name to be known',
    async () => (await gateway.sql`select from contacts where address = ${ada.psid} and name is not null`).length > 0,
  )
  await page.goto(`${account}/messages`)
  await page.getByRole('button', { name: 'More filters' }).click()
  await page.getByRole('combobox', { name: 'Person' }).fill('lindq')
  await page.getByRole('option', { name: /Ada Lindqvist/ }).click()
  await page.waitForURL(new RegExp(`person=${ada.psid}`))
  await log()
    .getByRole('link', { name: /two coffees/ })
    .first()
    .waitFor()
})

test('a person is answered from their conversation', async () => {
  const { ada } = scene
  await page.goto(`${account}/contacts`)
  await page.getByRole('link', { name: 'Ada Lindqvist' }).click()
  await page.getByText(/^Open for 23/).waitFor()
  await page.getByRole('textbox', { name: 'Your reply' }).fill('Anything else?')
  await page.keyboard.press('Enter')
  await ada.hears('Anything else?')
  await page.getByRole('region', { name: 'Conversation' }).getByText('Anything else?').waitFor()
  await ada.say('no, thanks')
  await page.getByRole('region', { name: 'Conversation' }).getByText('no, thanks', { exact: true }).waitFor()
})

test('the signature check names what a proxy has changed', async () => {
  const { customer } = scene
  const call = customer.requests.findLast(({ path }) => path === '/shop')
  assert.ok(call)
  await page.goto(`${account}/signature-check`)
  await page.getByRole('textbox', { name: 'URL' }).fill(`${customer.url}/shop`.replace('http:', 'https:'))
  await page.getByRole('textbox', { name: 'Parameters' }).fill(new URLSearchParams(call.params).toString())
  await page.getByRole('textbox', { name: 'X-Twilio-Signature' }).fill(String(call.headers['x-twilio-signature']))
  await page.getByRole('button', { name: 'Check' }).click()
  await page.getByText(/^Scheme: we called http/).waitFor()
  await page.getByRole('textbox', { name: 'URL' }).fill(`${customer.url}/shop`)
  await page.getByRole('button', { name: 'Check' }).click()
  await page.getByText('The signature is valid').waitFor()
})

test('every page is free of accessibility faults and of sideways scrolling, wide and narrow, light and dark', async () => {
  const { sid } = await newestMessage(scene, 'text=two+coffees')
  const paths = [
    '/overview',
    '/messages?code=11200',
    `/messages/${sid}`,
    '/debugger?code=11200',
    '/errors',
    '/events',
    '/contacts',
    `/contacts/${scene.senderSid}-${scene.ada.psid}`,
    '/signature-check',
  ]
  for (const [width, colorScheme] of [
    [1280, 'light'],
    [375, 'dark'],
  ] as const) {
    const checked = await newPage({ width, bypassCSP: true })
    await checked.emulateMedia({ colorScheme })
    for (const path of paths) {
      await checked.goto(account + path)
      await checked.getByRole('heading', { level: 1 }).waitFor()
      await checked.getByLabel('Loading…').waitFor({ state: 'detached' })
      await checked.addScriptTag({ path: AXE })
      const faults = await checked.evaluate(
        `axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] })
          .then(({ violations }) => violations.map(({ id }) => id))`,
      )
      assert.deepEqual(faults, [], `${path} at ${width}`)
      const sideways = await checked.evaluate(
        'document.documentElement.scrollWidth - document.documentElement.clientWidth',
      )
      assert.equal(sideways, 0, `${path} at ${width}`)
    }
    await checked.context().close()
  }
  assert.deepEqual(complaints, [])
})
