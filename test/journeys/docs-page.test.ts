import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Browser } from 'playwright-core'
import { openBrowser } from '../browser.ts'
import type { OpenApi } from '../conformance/openapi.ts'
import { type Gateway, startGateway } from '../gateway.ts'

let gateway: Gateway
let browser: Browser

before(async () => {
  gateway = await startGateway()
  browser = await openBrowser()
})
after(async () => {
  await browser?.close()
  await gateway?.stop()
})

test('the API can be read and tried at /docs, with nothing from elsewhere', async () => {
  const page = await browser.newPage()
  page.setDefaultTimeout(15_000)
  const complaints: string[] = []
  const hosts = new Set<string>()
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()))
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('request', (request) => hosts.add(new URL(request.url()).hostname))

  await page.goto(`${gateway.url}/docs`)
  const { sid, authToken } = gateway.account
  await page.getByRole('button', { name: 'Authorize' }).click()
  await page.getByRole('textbox', { name: 'Username' }).fill(sid)
  await page.getByLabel('Password').fill(authToken)
  await page.getByRole('button', { name: 'Apply credentials' }).click()
  await page.getByRole('button', { name: 'Close' }).click()

  await page.getByRole('link', { name: 'Balance' }).click()
  await page.getByText('Balance.json').click()
  await page.getByRole('button', { name: 'Try it out' }).click()
  await page.getByPlaceholder('AccountSid').fill(sid)
  await page.getByRole('button', { name: 'Execute' }).click()

  await page.getByText('"balance": "0"').first().waitFor()
  assert.deepEqual(complaints, [])
  assert.deepEqual(
    [...hosts].filter((host) => !['127.0.0.1', 'localhost', ''].includes(host)),
    [],
  )
})

test('the document tells where it is served and by which version', async () => {
  const document = (await gateway.call('GET', '/docs/openapi.json')).json() as OpenApi
  assert.equal(document.openapi, '3.1.0')
  assert.match(document.info.version, /^\d+\.\d+\.\d+/)
  const [server] = document.servers
  assert.equal(server?.url, gateway.url.replace('127.0.0.1', 'localhost'))
})

test('of the package that draws the page no other file is there', async () => {
  for (const file of [
    'index.html',
    'oauth2-redirect.html',
    'swagger-ui.js',
    'csp.json',
    '../package.json',
    '%2e%2e/package.json',
  ]) {
    const answer = await gateway.call('GET', `/docs/ui/${file}`)
    assert.equal(answer.status, 404, file)
  }
})
