/** What the running gateway signs, checked by the SDK's own validators, as a customer's server would. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import twilio from 'twilio'
import { type CustomerServer, type Received, startCustomerServer } from '../customer-server.ts'
import { type FileServer, PNG, startFileServer } from '../file-server.ts'
import { type ConnectedPage, type MetaGateway, startMetaGateway } from '../meta-gateway.ts'
import { entryOf, fromPerson, postEntries } from '../meta-webhooks.ts'

let gateway: MetaGateway
let customer: CustomerServer
let files: FileServer
let page: ConnectedPage

before(async () => {
  gateway = await startMetaGateway()
  customer = await startCustomerServer()
  files = await startFileServer()
  page = await gateway.connectPage()
})
after(async () => {
  await gateway?.stop()
  await customer?.stop()
  await files?.stop()
})

/** By the URL as configured, without what never goes out; by the URL as received; and as a web framework shows it. */
function assertSigned({ method, path, headers, params }: Received, configured: string): void {
  const token = gateway.account.authToken
  const signature = String(headers['x-twilio-signature'])
  const form = method === 'POST' ? params : {}
  const sent = configured.replace(/\/\/[^/@]*@/, '//').replace(/#.*/, '')
  if (method === 'POST') assert.ok(twilio.validateRequest(token, signature, sent, form), `configured: ${configured}`)
  assert.ok(twilio.validateRequest(token, signature, customer.url + path, form), `received: ${path}`)
  assert.ok(!twilio.validateRequest(`${token.slice(1)}0`, signature, customer.url + path, form))
  const express = {
    protocol: 'http',
    originalUrl: path,
    body: form,
    headers,
    header: (name: string) => headers[name.toLowerCase()],
  }
  assert.ok(twilio.validateExpressRequest(express as never, token), `as Express shows it: ${path}`)
}

const configure = async (webhook: object) => {
  const changed = await gateway.call('POST', page.path, { webhook })
  assert.equal(changed.status, 202, changed.text)
}

/** Somebody new says this; what the customer was asked. */
async function heard(text: string): Promise<Received> {
  const psid = gateway.newPerson()
  await gateway.says(psid, page.pageId, text)
  return await customer.next(({ params }) => params.From === `messenger:${psid}`)
}

const PATHS = [
  '',
  '/',
  '/hook',
  '/gateway/v1/hook/',
  '?x=1',
  '/hook?a=1&a=2&b=%20c+d&e=&f',
  "/hook?text=it%27s%7Efine|ok'",
  '/straße/über?größe=ü&emoji=🎉',
  '/hook#rc=1&ct=2000',
  '/%E2%82%AC/a%2Fb;c=d',
]

test('callbacks to any path, with ports, queries, umlauts and user info, pass the validators', async () => {
  for (const [index, path] of PATHS.entries()) {
    for (const user of ['', 'user:p%40ss@']) {
      const url = customer.url.replace('://', `://${user}`) + path
      for (const method of ['POST', 'GET']) {
        await configure({ callback_url: url, callback_method: method })
        const received = await heard(`to ${index} by ${method}`)
        assert.equal(received.method, method)
        assertSigned(received, url)
        const password = user && `Basic ${Buffer.from('user:p@ss').toString('base64')}`
        assert.equal(received.headers.authorization ?? '', password)
      }
    }
  }
})

test('texts of any kind pass the validators', async () => {
  const url = `${customer.url}/hook`
  for (const method of ['POST', 'GET']) {
    await configure({ callback_url: url, callback_method: method })
    for (const text of [
      'Grüße aus Köln',
      '👩‍👩‍👧 🎉',
      'a&b=c+d%20e',
      'line\nbreak\t',
      '日本語',
      ' spaces ',
      '\u202eright to left',
    ]) {
      const received = await heard(text)
      assert.equal(received.params.Body, text)
      assertSigned(received, url)
    }
  }
})

test('empty values and ten files pass the validators', async () => {
  const url = `${customer.url}/hook`
  await configure({ callback_url: url, callback_method: 'POST' })
  const attachments = Array.from({ length: 10 }, (_, nth) => ({
    type: 'image',
    payload: { url: files.serve(`/${nth}/owl.png`, { type: 'image/png', body: PNG }) },
  }))
  const psid = gateway.newPerson()
  const message = { mid: 'm_ten_files', attachments }
  await postEntries(gateway.url, entryOf(page.pageId, fromPerson(page.pageId, psid, { message })))

  const received = await customer.next(({ params }) => params.From === `messenger:${psid}`)
  assert.deepEqual([received.params.Body, received.params.NumMedia], ['', '10'])
  assert.ok(received.params.MediaUrl9)
  assertSigned(received, url)
})

test('status callbacks pass the validators', async () => {
  const psid = gateway.newPerson()
  await configure({ callback_url: '' })
  await gateway.says(psid, page.pageId, 'hi')
  for (const path of PATHS.slice(1)) {
    const url = customer.url + path
    const form = { From: `messenger:${page.pageId}`, To: `messenger:${psid}`, Body: 'x', StatusCallback: url }
    const { sid } = (await gateway.create(form)).json()
    const received = await customer.next(({ params }) => params.MessageSid === sid)
    assert.equal(received.params.MessageStatus, 'sent')
    assertSigned(received, url)
  }
})

test('a callback URL relative to a public URL with a path is signed as it is called', async (t) => {
  const behindPath = await startMetaGateway({ PAGEWIRE_PUBLIC_URL: `${customer.url}/gateway/v1` })
  t.after(behindPath.stop)
  const { pageId } = await behindPath.connectPage({ webhook: { callback_url: '/hook?x=1' } })
  const psid = behindPath.newPerson()
  await behindPath.says(psid, pageId, 'hi')
  const received = await customer.next(({ params }) => params.From === `messenger:${psid}`)
  assert.equal(received.path, '/gateway/v1/hook?x=1')
  assert.ok(received.signatureIsValid(behindPath.account.authToken))
})
