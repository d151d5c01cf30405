import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { complaintsOfAxe } from '../axe.ts'
import { type Gateway, startGateway } from '../gateway.ts'
import { openConsole } from './console-browser.ts'
import { signIn, WITH_ADMIN } from './visitor.ts'

let gateway: Gateway
let browser: Browser
let page: Page
let home: string
let complaints: string[]

before(async () => {
  gateway = await startGateway(WITH_ADMIN)
  ;({ browser, page, home, complaints } = await openConsole(gateway))
})
after(async () => {
  await browser?.close()
  await gateway?.stop()
})

const button = (name: string | RegExp) => page.getByRole('button', { name })
const editor = () => page.getByRole('textbox', { name: 'TwiML document' })

async function isAccessible(): Promise<void> {
  assert.deepEqual(await complaintsOfAxe(page), [], page.url())
}

test('a bin is made and written, and mistakes are shown where they stand as one types', async () => {
  await page.getByRole('link', { name: 'TwiML bins' }).click()
  await page.getByText(/Welcome! Pagewire got your message/).waitFor()
  await isAccessible()
  await button('New bin').click()
  await page.getByLabel('Name').fill('Not a name!')
  await button('Make it and write its text').click()
  await page.getByText(/letters, digits and hyphens, 64 at most/).waitFor()
  await page.getByLabel('Name').fill('opening-hours')
  await button('Make it and write its text').click()
  await page.getByRole('heading', { name: 'opening-hours', level: 1 }).waitFor()
  await page.getByText('This document is in order.').waitFor()

  await editor().fill('<Response>\n  <Message>9 to 5</Mesage>\n</Response>')
  await page.getByText('Missing end tag for element Message').waitFor()
  assert.ok(await button('Save').isDisabled())
  await isAccessible()
  await button('Line 2, column 18').click()
  const behindCaret = await editor().evaluate((field) => {
    const { value, selectionStart } = field as unknown as { value: string; selectionStart: number }
    return value.slice(selectionStart)
  })
  assert.equal(behindCaret, '</Mesage>\n</Response>')

  await editor().fill('<Response>\n  <Message>9 to 5</Message>\n</Response>')
  await page.getByText('This document is in order.').waitFor()
  await page.getByRole('listitem').filter({ hasText: 'Sends' }).getByText('9 to 5').waitFor()
  await page.keyboard.press('Control+s')
  await page.getByText('Saved as version 2').waitFor()
  const served = await fetch(`${gateway.url}/bins/opening-hours`)
  assert.match(await served.text(), /9 to 5/)
})

test('an older version is looked at and restored; a reload shows the same', async () => {
  await button('Look at version 1').click()
  await button('Restore this version').waitFor()
  await page.reload()
  await button('Restore this version').click()
  await page.getByText('Saved as version 3').waitFor()
  assert.match(await editor().inputValue(), /This is the answer of opening-hours/)
})

test('what somebody else saved meanwhile is not overwritten', async () => {
  await editor().fill('<Response><Message>mine</Message></Response>')
  const other = await signIn(gateway)
  const path = `/accounts/${gateway.account.sid}/bins/opening-hours`
  await other.call('PUT', path, { twiml: '<Response><Message>theirs</Message></Response>', version: 3 })
  await button('Save').click()
  await page.getByText(/Somebody saved another version meanwhile/).waitFor()
  assert.match(await editor().inputValue(), /mine/)
})

test('what uses a bin is shown, and deleting names what it does', async () => {
  await page.goto(`${home}/bins/welcome`)
  await page.getByRole('link', { name: 'Owl Coffee' }).waitFor()
  await isAccessible()
  await button('Delete…').click()
  await page.getByText(/It is used once: what is answered from there fails then/).waitFor()
  await page.keyboard.press('Escape')
  await page.goto(`${home}/bins/opening-hours`)
  await button('Delete…').click()
  await isAccessible()
  await button('Delete opening-hours').click()
  await page.getByText('opening-hours is deleted').waitFor()
  assert.equal((await fetch(`${gateway.url}/bins/opening-hours`)).status, 404)
})

test('the pages complained of nothing', () => {
  assert.deepEqual(complaints, [])
})
