import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import * as OTPAuth from 'otpauth'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { type Id, newId } from '../../src/core/ids.ts'
import { insertLink } from '../../src/store/sessions.ts'
import { complaintsOfAxe } from '../axe.ts'
import { type Gateway, startGateway } from '../gateway.ts'
import { openConsole } from './console-browser.ts'
import { addPage, atPublicUrl } from './facebook.ts'
import { ADMIN, WITH_ADMIN } from './visitor.ts'

let gateway: Gateway
let browser: Browser
let page: Page
let home: string
let url: string
let complaints: string[]

before(async () => {
  gateway = await startGateway(WITH_ADMIN)
  ;({ url } = atPublicUrl(gateway))
  ;({ browser, page, home, complaints } = await openConsole(gateway))
})
after(async () => {
  await browser?.close()
  await gateway?.stop()
})

const isAccessible = async (at: Page) => assert.deepEqual(await complaintsOfAxe(at), [], at.url())

async function someoneElse(): Promise<{ context: BrowserContext; other: Page }> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, bypassCSP: true })
  context.setDefaultTimeout(15_000)
  return { context, other: await context.newPage() }
}

/** Invites in the dialog of the page that is open, and joins by the link in a browser of their own. */
async function invite(role: string): Promise<{ context: BrowserContext; other: Page }> {
  const email = `${role.toLowerCase()}@example.com`
  await page.goto(`${home}/settings/people`)
  await page.getByRole('button', { name: 'Invite somebody' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('E-mail address').fill(email)
  await dialog.getByRole('radio', { name: role, exact: true }).check()
  await dialog.getByRole('button', { name: 'Make the invitation link' }).click()
  const link = (await dialog.getByText(/\/join\//).textContent()) ?? ''
  assert.equal(await dialog.getByRole('button', { name: 'Done' }).evaluate((done) => done.matches(':focus')), true)
  await page.keyboard.press('Enter')
  await page.getByText(email).waitFor()
  const joining = await someoneElse()
  await joining.other.goto(link)
  await joining.other.getByLabel('Your name').fill(`${role} Person`)
  await joining.other.getByRole('textbox', { name: 'New password' }).fill(`password of ${role}`)
  await isAccessible(joining.other)
  await joining.other.keyboard.press('Enter')
  await joining.other.waitForURL(/\/overview$/)
  return joining
}

test('the first user chooses a password by a link that works once, with the keyboard alone', async () => {
  const [user] = await gateway.sql<{ id: Id }[]>`select id from users`
  await insertLink(gateway.sql, { id: newId(), purpose: 'setup', userId: user?.id ?? null, token: 'once', hours: 1 })
  const { context, other } = await someoneElse()
  await other.goto(`${url}/setup/once`)
  await other.getByRole('heading', { name: 'Choose your password' }).waitFor()
  await isAccessible(other)
  await other.keyboard.type(ADMIN.password)
  await other.keyboard.press('Enter')
  await other.waitForURL(/\/overview$/)
  await other.goto(`${url}/setup/once`)
  await other.getByText('This link has been used or is too old.').waitFor()
  await context.close()
})

test('a page whose session has ended leads to the sign-in, and back to where one was', async () => {
  await page.getByRole('link', { name: 'Audit trail' }).click()
  await page.waitForURL(/\/sign-in\?to=/)
  await page.getByLabel('E-mail address').fill(ADMIN.email)
  await page.getByRole('textbox', { name: 'Password' }).fill(ADMIN.password)
  await page.keyboard.press('Enter')
  await page.waitForURL(`${home}/settings/audit`)
  await page.getByText('user.password-changed').waitFor()
  await isAccessible(page)
})

test('what is copied is in the clipboard, also on a page over plain http, which has no clipboard of its own', async () => {
  await page.addInitScript(() => {
    if (sessionStorage.getItem('plain')) Object.defineProperty(navigator, 'clipboard', { value: undefined })
  })
  await page.evaluate(() => sessionStorage.setItem('plain', 'yes'))
  await page.goto(`${home}/settings/account`)
  await page.getByRole('button', { name: 'Copy: Account SID' }).click()
  await page.getByText('Copied').waitFor()
  await page.evaluate(() => sessionStorage.removeItem('plain'))

  await page.goto(`${home}/messages`)
  const search = page.getByRole('textbox', { name: 'Search in the text' })
  await search.focus()
  await page.keyboard.press('Control+V')
  assert.equal(await search.inputValue(), gateway.account.sid)
})

test('the auth token is shown when asked for, rotated and promoted', async () => {
  await page.goto(`${home}/settings/account`)
  const old = page.getByText(gateway.account.authToken)
  await page.getByRole('button', { name: 'Show the token' }).waitFor()
  assert.equal(await old.count(), 0)
  await page.getByRole('button', { name: 'Show the token' }).click()
  await old.waitFor()
  await page.getByRole('button', { name: 'Make a secondary token' }).click()
  await page.getByText('Secondary auth token').waitFor()
  await isAccessible(page)
  await page.getByRole('button', { name: 'Promote the secondary token' }).click()
  await page.getByText(/The present auth token stops working at once/).waitFor()
  await page.getByRole('dialog').getByRole('button', { name: 'Promote the secondary token' }).click()
  await old.waitFor({ state: 'detached' })
  assert.equal((await gateway.call('GET', '/monitor/v1/Alerts')).status, 401)
})

test('an account’s own Page in a subaccount is not seen by the other users of the parent', async () => {
  const library = await addPage(gateway, 'City Library')
  await page.goto(`${home}/settings/subaccounts`)
  await page.getByRole('button', { name: 'Make a subaccount' }).click()
  await page.getByRole('dialog').getByLabel('Friendly name').fill('Library')
  await page.keyboard.press('Enter')
  await page.getByRole('link', { name: 'Open: Library' }).click()
  await page.waitForURL(/\/overview$/)
  const brand = page.url().replace('/overview', '')
  await page.getByRole('link', { name: 'Channels' }).click()
  await page.getByRole('button', { name: 'Install Facebook Messenger' }).click()
  await page.getByText('No Page is connected yet').waitFor()
  await page.getByRole('link', { name: 'Add an instance' }).click()
  await page.getByRole('link', { name: 'Log in with Facebook' }).click()
  await page.getByRole('button', { name: 'Continue as Ada Lindqvist' }).click()
  await page.getByRole('combobox', { name: 'Select a Page' }).click()
  await page.getByRole('option', { name: /City Library/ }).click()
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByRole('heading', { name: 'City Library', level: 1 }).waitFor()
  const instance = page.url()

  const { context, other } = await invite('Developer')
  await other.getByRole('link', { name: 'Channels' }).click()
  await other.getByRole('link', { name: 'Open Facebook Messenger' }).click()
  await other.getByText('1 / 25 Pages').waitFor()
  assert.equal(await other.getByText('City Library').count(), 0)
  await other.getByRole('button', { name: /^Account: / }).click()
  await other.getByRole('menuitem').first().waitFor()
  assert.equal(await other.getByRole('menuitem').count(), 1)
  for (const address of [`${brand}/overview`, instance]) {
    await other.goto(address)
    await other.getByRole('heading', { name: 'There is nothing here' }).waitFor()
    assert.equal(await other.getByText(library.id).count(), 0)
  }
  await context.close()
})

test('what a role does not allow is neither offered nor reached by its address', async () => {
  const { context, other } = await invite('Support')
  const navigation = other.getByRole('navigation')
  await navigation.getByRole('link', { name: 'People' }).waitFor()
  for (const name of ['API keys', 'Subaccounts', 'Audit trail', 'Signature check'])
    assert.equal(await navigation.getByRole('link', { name }).count(), 0, name)
  for (const path of ['settings/keys', 'settings/subaccounts', 'settings/audit', 'channels/messenger/new']) {
    await other.goto(`${home}/${path}`)
    await other.getByRole('heading', { name: 'There is nothing here' }).waitFor()
  }
  await isAccessible(other)
  await other.goto(`${home}/channels/messenger`)
  await other.getByRole('link', { name: /Owl Coffee/ }).click()
  await other.getByLabel('Unique Name').waitFor()
  assert.equal(await other.getByLabel('Unique Name').isEditable(), false)
  for (const name of ['Save', 'Remove…', 'Check now', 'Uninstall…'])
    assert.equal(await other.getByRole('button', { name }).count(), 0, name)
  await context.close()
})

test('a second factor is set up, asked for, and replaced by a recovery code', async () => {
  await page.goto(`${url}/me`)
  await page.getByRole('button', { name: 'Turn on' }).click()
  const secret = (await page.getByText(/^[A-Z2-7]{32}$/).textContent()) ?? ''
  const totp = new OTPAuth.TOTP({ secret: OTPAuth.Secret.fromBase32(secret) })
  await page.getByLabel('Code that the app shows now').fill(totp.generate())
  await isAccessible(page)
  await page.keyboard.press('Enter')
  const code = (await page.getByRole('dialog').getByRole('listitem').first().textContent()) ?? ''
  await page.getByRole('dialog').getByRole('button').last().click()
  await page.getByText('On. 10 recovery codes are left.').waitFor()

  const { context, other } = await someoneElse()
  await other.goto(`${home}/channels`)
  await other.getByLabel('E-mail address').fill(ADMIN.email)
  await other.getByRole('textbox', { name: 'Password' }).fill(ADMIN.password)
  await other.keyboard.press('Enter')
  await other.getByRole('heading', { name: 'Second factor' }).waitFor()
  await isAccessible(other)
  await other.keyboard.type('000000')
  await other.keyboard.press('Enter')
  await other.getByText('This code is not right, or was used before').waitFor()
  await other.getByRole('textbox').fill(code)
  await other.keyboard.press('Enter')
  await other.waitForURL(`${home}/channels`)
  await context.close()
})

test('the pages may load nothing from elsewhere, and run no inline script', async () => {
  const foreign: string[] = []
  const { context, other } = await someoneElse()
  other.on('request', (request) => {
    if (!/^(data|blob):/.test(request.url()) && new URL(request.url()).origin !== url) foreign.push(request.url())
  })
  const response = await other.goto(`${url}/sign-in`, { waitUntil: 'networkidle' })
  const policy = response?.headers()['content-security-policy'] ?? ''
  assert.match(policy, /default-src 'self'; .*script-src 'self';.* img-src 'self' data: blob:; media-src 'self'$/)
  assert.doesNotMatch(policy, /https?:/)
  assert.deepEqual(foreign, [])
  await context.close()
})

test('the pages complained of nothing', () => {
  assert.deepEqual(complaints, [])
})
