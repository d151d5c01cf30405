/** A real browser at the console, signed in as the first user. */
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { openBrowser } from '../browser.ts'
import type { Gateway } from '../gateway.ts'
import { atPublicUrl } from './facebook.ts'
import { ADMIN } from './visitor.ts'

export type ConsoleBrowser = {
  browser: Browser
  context: BrowserContext
  page: Page
  /** The main account's pages are below. */
  home: string
  /** What the pages wrote to the browser's console as errors; what the server refuses on purpose is none. */
  complaints: string[]
}

/** At the public address, to which Facebook sends people back. Without the Content-Security-Policy, as axe is a script. */
export async function openConsole(gateway: Gateway): Promise<ConsoleBrowser> {
  const browser = await openBrowser()
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, bypassCSP: true })
  context.setDefaultTimeout(15_000)
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('console', (line) => {
    if (line.type() === 'error' && !/status of 4\d\d/.test(line.text())) complaints.push(line.text())
  })
  const { url } = atPublicUrl(gateway)
  await page.goto(`${url}/sign-in`)
  await page.getByLabel('E-mail address').fill(ADMIN.email)
  await page.getByRole('textbox', { name: 'Password' }).fill(ADMIN.password)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.waitForURL(/\/overview$/)
  return { browser, context, page, home: `${url}/${gateway.account.sid}`, complaints }
}
