import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import type { Fault } from '../../src/sandbox/contract.ts'
import { openBrowser } from '../browser.ts'
import { eventually } from '../eventually.ts'
import { type Gateway, startGateway } from '../gateway.ts'
import { sandboxState } from '../people.ts'

let gateway: Gateway
let browser: Browser
let page: Page

before(async () => {
  gateway = await startGateway()
  browser = await openBrowser()
  const context = await browser.newContext({ viewport: { width: 375, height: 720 } })
  context.setDefaultTimeout(10_000)
  page = await context.newPage()
  const { pages } = await sandboxState(gateway.url)
  await page.goto(`${gateway.url}/sandbox/?page=${pages[0]?.id}`)
})
after(async () => {
  await browser?.close()
  await gateway?.stop()
})

const faults = async () => (await (await fetch(`${gateway.url}/sandbox/api/faults`)).json()) as Fault[]
const settings = async () =>
  (await faults()).map(({ name, probability, count, ms }) => ({ name, probability, count, ms }))

test('faults are set with the keyboard alone, and the header of the chat says so', async () => {
  const dial = page.getByRole('button', { name: 'Dial: faults and time' })
  await dial.focus()
  await page.keyboard.press('Enter')
  await page.getByRole('switch', { name: 'Slow answer' }).focus()
  await page.keyboard.press('Space')
  await page.getByRole('textbox', { name: 'Milliseconds' }).fill('250')
  await page.keyboard.press('Enter')
  await page.getByRole('textbox', { name: 'How many times' }).fill('3')
  await page.keyboard.press('Enter')
  await page.getByRole('slider', { name: 'Probability: Slow answer' }).focus()
  await page.keyboard.press('ArrowLeft')
  await eventually('the fault to be set', async () => (await faults())[0]?.probability === 0.95)
  assert.deepEqual(await settings(), [{ name: 'slow', probability: 0.95, count: 3, ms: 250 }])

  await page.getByLabel('Add an error').selectOption({ label: '613 – too many sends' })
  await page.getByRole('switch', { name: '613 – too many sends' }).waitFor()
  await page.keyboard.press('Escape')
  await page.getByText('2 faults active').waitFor()
})

test('the time moves on, and the pretend time is shown above the chat', async () => {
  await page.getByRole('button', { name: 'Change' }).click()
  await page.getByText('It is the real time.').waitFor()
  await page.getByRole('button', { name: 'Move 24 hours forward' }).click()
  await page.getByText('1 day ahead of the real time.').waitFor()
  await page.getByRole('button', { name: 'Reset everything' }).click()
  await eventually('no fault to be left', async () => (await faults()).length === 0)
  await page.keyboard.press('Escape')
  await page.getByText('Pretend time: ').waitFor()
  await page.getByText('faults active').waitFor({ state: 'detached' })
})
