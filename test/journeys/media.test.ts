import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type CustomerServer, startCustomerServer } from '../customer-server.ts'
import { dialOf } from '../dial.ts'
import { eventually } from '../eventually.ts'
import { type FileServer, PDF, PNG, startFileServer } from '../file-server.ts'
import { type Gateway, startGateway } from '../gateway.ts'
import { type PersonAtPage, personAtPage } from '../people.ts'
import { S3_KEYS, startS3Server } from '../s3-server.ts'

let gateway: Gateway
let customer: CustomerServer
let files: FileServer
let ada: PersonAtPage

before(async () => {
  gateway = await startGateway()
  customer = await startCustomerServer()
  files = await startFileServer()
  ada = await personAtPage(gateway.url)
  const { senders } = (await gateway.call('GET', '/messaging/v2/Channels/Senders?Channel=messenger')).json() as {
    senders: { sid: string }[]
  }
  await gateway.call('POST', `/messaging/v2/Channels/Senders/${senders[0]?.sid}`, {
    webhook: { callback_url: `${customer.url}/in` },
  })
})
after(async () => {
  await gateway?.stop()
  await customer?.stop()
  await files?.stop()
})

async function upload(bytes: Buffer, type: string, name: string, { url } = gateway): Promise<string> {
  const response = await fetch(`${url}/sandbox/api/uploads?name=${name}`, {
    method: 'POST',
    headers: { 'Content-Type': type },
    body: new Uint8Array(bytes),
  })
  assert.equal(response.status, 200, await response.clone().text())
  return ((await response.json()) as { url: string }).url
}

const bytesOf = async (url: string) => Buffer.from(await (await fetch(url)).arrayBuffer())

test('a picture and a document in the chat reach the customer as URLs that load the bytes that were sent', async () => {
  const picture = await upload(PNG, 'image/png', 'owl.png')
  const menu = await upload(PDF, 'application/pdf', 'menu.pdf')
  await ada.say('look', {
    attachments: [
      { type: 'image', url: picture },
      { type: 'file', url: menu },
    ],
  })

  const { params } = await customer.next((request) => request.path === '/in')
  assert.match(params.MessageSid ?? '', /^MM[0-9a-f]{32}$/)
  assert.deepEqual(
    [params.NumMedia, params.MediaContentType0, params.MediaContentType1, params.MessageType],
    ['2', 'image/png', 'application/pdf', 'image'],
  )
  const media = new RegExp(
    `^http://localhost:\\d+/2010-04-01/Accounts/${gateway.account.sid}/Messages/${params.MessageSid}/Media/ME[0-9a-f]{32}$`,
  )
  assert.match(params.MediaUrl0 ?? '', media)
  assert.match(params.MediaUrl1 ?? '', media)
  assert.deepEqual(await bytesOf(params.MediaUrl0 ?? ''), PNG)
  assert.deepEqual(await bytesOf(params.MediaUrl1 ?? ''), PDF)
})

test('a person who sends a picture and then writes is heard in that order', async () => {
  const picture = await upload(PNG, 'image/png', 'owl.png')
  await ada.say('', { attachments: [{ type: 'image', url: picture }] })
  await ada.say('did you see it?')

  const first = await customer.next((request) => request.path === '/in')
  const second = await customer.next((request) => request.path === '/in')
  assert.deepEqual([first.params.NumMedia, second.params.Body], ['1', 'did you see it?'])
})

test('a reply with <Media> shows in the chat, and its copy is a Media of the message', async () => {
  customer.answer('/in', {
    body: `<Response><Message statusCallback="${customer.url}/status"><Body>Here</Body><Media>${files.serve('/cup.png', {})}</Media></Message></Response>`,
  })
  await ada.say('a picture, please')
  const { params } = await customer.next((request) => request.path === '/status')
  customer.answer('/in', { status: 204 })

  assert.equal(params.MessageStatus, 'sent')
  const shown = await eventually('the picture in the chat', async () =>
    (await ada.thread()).messages.findLast((message) => message.from === 'page' && message.attachments.length > 0),
  )
  const [attachment] = shown.attachments
  assert.ok(attachment && attachment.type === 'image')
  assert.deepEqual(await bytesOf(attachment.url), PNG)
  const [media] = await gateway.client.messages(params.MessageSid ?? '').media.list()
  assert.equal(media?.contentType, 'image/png')
  assert.deepEqual(await bytesOf(gateway.url + media?.uri.replace('.json', '')), PNG)
})

test('a picture that a person sent can be sent back by its own URL, also where URLs need a password', async () => {
  const settings = `/2010-04-01/Accounts/${gateway.account.sid}/MediaSettings.json`
  const picture = await upload(PNG, 'image/png', 'owl.png')
  await ada.say('', { attachments: [{ type: 'image', url: picture }] })
  const { params } = await customer.next((request) => request.params.NumMedia === '1')

  for (const access of ['public', 'auth']) {
    await gateway.call('POST', settings, new URLSearchParams({ Access: access }))
    const { sid } = await gateway.client.messages.create({
      from: `messenger:${ada.pageId}`,
      to: `messenger:${ada.psid}`,
      mediaUrl: [params.MediaUrl0 ?? ''],
    })
    const message = await eventually('the message to be sent', async () => {
      const fetched = await gateway.client.messages(sid).fetch()
      return fetched.status !== 'queued' && fetched.status !== 'sending' && fetched
    })
    assert.deepEqual([message.errorMessage, message.errorCode], [null, null], access)
  }
  await gateway.call('POST', settings, new URLSearchParams({ Access: 'public' }))
})

test("a signed URL ends by the built-in Messenger's clock, and one that is made after a jump holds", async () => {
  const settings = `/2010-04-01/Accounts/${gateway.account.sid}/MediaSettings.json`
  await gateway.call('POST', settings, new URLSearchParams({ Access: 'signed' }))
  const picture = await upload(PNG, 'image/png', 'owl.png')
  const say = async () => {
    await ada.say('', { attachments: [{ type: 'image', url: picture }] })
    const { params } = await customer.next((request) => request.params.NumMedia === '1')
    return params.MediaUrl0 ?? ''
  }
  const told = await say()
  const signing = `${new URL(told).pathname}/SignedUrl.json`
  const made = await gateway.call('POST', signing, new URLSearchParams({ ExpiresIn: '3600' }))
  const { url } = made.json() as { url: string }
  const statuses = async (...urls: string[]) => Promise.all(urls.map(async (each) => (await fetch(each)).status))
  assert.deepEqual(await statuses(told, url), [200, 200])

  await dialOf(gateway.url).advance(3_601_000)
  assert.deepEqual(await statuses(told, url), [200, 401])
  await dialOf(gateway.url).advance(24 * 3_600_000)
  assert.deepEqual(await statuses(told, await say()), [401, 200])
  await gateway.call('POST', settings, new URLSearchParams({ Access: 'public' }))
})

test('what a person takes back is gone, with its file', async () => {
  const picture = await upload(PNG, 'image/png', 'secret.png')
  const { mid } = await ada.say('', { attachments: [{ type: 'image', url: picture }] })
  const { params } = await customer.next((request) => request.params.NumMedia === '1')
  assert.deepEqual(await bytesOf(params.MediaUrl0 ?? ''), PNG)

  await ada.takeBack(mid)

  await eventually('the file to be gone', async () => (await fetch(params.MediaUrl0 ?? '')).status === 404)
  assert.deepEqual(await gateway.client.messages(params.MessageSid ?? '').media.list(), [])
})

test('with an S3-compatible store the bytes lie there, and are served whole and in part', async (t) => {
  const s3 = await startS3Server('media')
  t.after(s3.stop)
  const other = await startGateway({
    PAGEWIRE_MEDIA_STORE: 's3://media/pagewire',
    PAGEWIRE_S3_ENDPOINT: s3.url,
    AWS_ACCESS_KEY_ID: S3_KEYS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: S3_KEYS.secretAccessKey,
    AWS_REGION: 'eu-central-1',
  })
  t.after(other.stop)
  const person = await personAtPage(other.url)
  // The store fails for a while: what the person sent is not lost by that.
  s3.failNext(500, 500, 500)
  await person.say('', { attachments: [{ type: 'image', url: await upload(PNG, 'image/png', 'owl.png', other) }] })

  const [message] = await eventually('the picture', async () => {
    await other.sql`update lanes set due_at = now() where kind = 'fetch-media' and due_at > now()`
    const stored = await other.sql<{ id: string; accountSid: string; fileId: string; messageId: string }[]>`
      select * from media where state = 'stored'`
    return stored.length > 0 && stored
  })
  const hex = (id = '') => id.replaceAll('-', '')
  const url = `${other.url}/2010-04-01/Accounts/${message?.accountSid}/Messages/MM${hex(message?.messageId)}/Media/ME${hex(message?.id)}`
  const whole = await fetch(url)
  assert.deepEqual([whole.headers.get('content-type'), await bytesOf(url)], ['image/png', PNG])
  const part = await fetch(url, { headers: { Range: 'bytes=1-3' } })
  assert.deepEqual([part.status, await part.text()], [206, 'PNG'])
  const key = [...s3.objects.keys()].find((each) => each.endsWith(message?.fileId ?? '?'))
  assert.match(key ?? '', /^media\/pagewire\/AC[0-9a-f]{32}\/[0-9a-f]{2}\//)

  s3.objects.clear()
  const lost = await fetch(url)
  assert.equal(lost.status, 404)
  assert.match(await lost.text(), /<Code>20404<\/Code>.*not in the media store of the node that was asked/)
})
