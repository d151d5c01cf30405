import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type CustomerServer, startCustomerServer } from '../customer-server.ts'
import { eventually } from '../eventually.ts'
import { type FileServer, MP4, PDF, PNG, type ServedFile, startFileServer } from '../file-server.ts'
import { type ConnectedPage, type MetaGateway, startMetaGateway } from '../meta-gateway.ts'

const MEBIBYTE = 1024 * 1024

let gateway: MetaGateway
let customer: CustomerServer
let files: FileServer
let page: ConnectedPage
let counter = 0

before(async () => {
  gateway = await startMetaGateway()
  customer = await startCustomerServer()
  files = await startFileServer()
  page = await gateway.connectPage({ webhook: { status_callback_url: `${customer.url}/status` } })
})
after(async () => {
  await gateway?.stop()
  await customer?.stop()
  await files?.stop()
})

const newFile = (...answers: ServedFile[]) => files.serve(`/${++counter}.png`, ...answers)

/** A message with these media to somebody new; answers what became of it. */
async function send(urls: string[], more: Record<string, string> = {}) {
  const psid = gateway.newPerson()
  await gateway.says(psid, page.pageId, 'hi')
  const created = await gateway.create([
    ['From', `messenger:${page.pageId}`],
    ['To', `messenger:${psid}`],
    ...urls.map((url): [string, string] => ['MediaUrl', url]),
    ...Object.entries(more),
  ])
  assert.equal(created.status, 201, created.text)
  const sid = created.json().sid as string
  const { params } = await customer.next((request) => request.params.MessageSid === sid)
  const sent = gateway.meta.sendsTo(psid).map(({ body }) => body.message.attachment ?? body.message.text)
  return { sid, psid, status: params.MessageStatus, code: params.ErrorCode, reason: params.ErrorMessage ?? '', sent }
}

const asked = (url: string) => files.requests.filter(({ path }) => files.url + path === url).length

test('ten media go out in the order given, each as what it is, then the text', async () => {
  const kinds: [type: string, file: ServedFile][] = [
    ['image', {}],
    ['file', { type: 'application/pdf', body: PDF }],
    ['video', { type: 'video/mp4', body: MP4 }],
    ['audio', { type: 'audio/mp4', body: MP4 }],
    ['file', { type: 'text/plain', body: 'plain words' }],
    ['image', { type: 'application/octet-stream' }],
    ['image', { type: 'image/jpg', body: Buffer.concat([Buffer.from('ffd8ffe000104a464946', 'hex'), PNG]) }],
    ['file', { type: 'text/vcard', body: 'BEGIN:VCARD\nEND:VCARD\n' }],
    ['image', { headers: { 'Content-Encoding': 'identity' } }],
    ['image', { status: 200, type: 'image/png; charset=binary' }],
  ]
  const urls = kinds.map(([, file]) => newFile(file))
  const { status, sent } = await send(urls, { Body: 'that was all' })
  assert.equal(status, 'sent')
  const expected = kinds.map(([type], nth) => ({ type, payload: { url: urls[nth] } }))
  assert.deepEqual(sent, [...expected, 'that was all'])
})

test('a media that cannot be sent fails the whole message with its own code, and Meta is not asked', async () => {
  const page302 = { status: 302, headers: { Location: files.serve('/login', { type: 'text/html', body: '<html>' }) } }
  const cases: [code: string, reason: RegExp, file: ServedFile[]][] = [
    ['11200', /status 404/, [{ status: 404 }]],
    ['11200', /status 403/, [{ status: 403 }]],
    ['11200', /status 500/, [{ status: 500 }]],
    ['11200', /redirects to no valid URL/, [{ status: 302, headers: { Location: 'ftp://files/x' } }]],
    ['12300', /leads to a page/, [page302]],
    ['12300', /without a valid Content-Type/, [{ type: null }]],
    ['63005', /not what its Content-Type says/, [{ type: 'image/png', body: '<html>not found</html>' }]],
    ['63005', /not what its Content-Type says/, [{ type: 'video/mp4', body: PDF }]],
    ['63019', /empty/, [{ body: '' }]],
    ['63019', /closed the connection/, [{ body: Buffer.alloc(100_000), breakAfter: 1000 }]],
    ['11751', /messenger takes 8388608/, [{ body: Buffer.concat([PNG, Buffer.alloc(8 * MEBIBYTE)]) }]],
    ['11751', /larger than 26214400/, [{ type: 'video/mp4', body: MP4, headers: { 'Content-Length': '26214401' } }]],
  ]
  for (const [code, reason, file] of cases) {
    const result = await send([newFile({}), newFile(...file)], { Body: 'with text' })
    assert.deepEqual([result.status, result.code, result.sent], ['failed', code, []], reason.source)
    assert.match(result.reason, reason)
    const [alert] = await gateway.client.monitor.v1.alerts.list({ limit: 1 })
    assert.deepEqual([alert?.errorCode, alert?.resourceSid], [code, result.sid])
    const media = await gateway.client.messages(result.sid).media.list()
    assert.ok(media.length <= 2, 'what could not be fetched has no file')
  }
  const away = await send(['http://127.0.0.1:1/a.png'])
  assert.deepEqual([away.status, away.code], ['failed', '63019'])
  const loop = files.serve('/loop', { status: 302, headers: { Location: '/loop' } })
  const endless = await send([loop])
  assert.deepEqual([endless.code, asked(loop)], ['11200', 6])
})

test('a server that fails once is asked once more', async () => {
  const url = newFile({ status: 503 }, {})
  const result = await send([url])
  assert.deepEqual([result.status, asked(url)], ['sent', 2])
})

test('a picture for many people is fetched once and kept once', async () => {
  const url = newFile({})
  const results = await Promise.all([send([url]), send([url]), send([url])])
  assert.deepEqual([results.map(({ status }) => status), asked(url)], [['sent', 'sent', 'sent'], 1])
  const used = await gateway.sql`
    select distinct file_id from media where message_id = any(${results.map(({ sid }) => sid.slice(2))}::uuid[])`
  assert.equal(used.length, 1)
})

test('a URL with a password is loaded by us, and Meta gets a URL of ours that needs none', async () => {
  const url = newFile({})
  const secret = url.replace('http://', 'http://user:s3cret@')
  const { status, sent } = await send([secret])
  assert.equal(status, 'sent')
  assert.equal(files.requests.at(-1)?.headers.authorization, `Basic ${btoa('user:s3cret')}`)
  const [attachment] = sent
  assert.ok(attachment && typeof attachment === 'object')
  assert.match(
    attachment.payload.url,
    /^http:\/\/localhost:\d+\/2010-04-01\/.+\/Media\/ME\w{32}\?Expires=\d+&Signature=/,
  )
  assert.deepEqual(Buffer.from(await (await fetch(attachment.payload.url)).arrayBuffer()), PNG)
})

test('a password does not follow a redirect to another server', async () => {
  const url = newFile({
    status: 302,
    headers: { Location: `${files.url.replace('127.0.0.1', 'localhost')}/moved.png` },
  })
  files.serve('/moved.png', {})
  assert.equal((await send([url.replace('http://', 'http://user:s3cret@')])).status, 'sent')
  const moved = files.requests.findLast(({ path }) => path === '/moved.png')
  assert.ok(moved)
  assert.equal(moved.headers.authorization, undefined)
})

test('with ContentRetention=discard no copy is kept', async () => {
  const { sid, status } = await send([newFile({})], { ContentRetention: 'discard' })
  assert.equal(status, 'sent')
  assert.deepEqual(await gateway.client.messages(sid).media.list(), [])
})

test('a message that is tried again is not looked at again: its file is fetched once', async () => {
  const url = newFile({})
  const psid = gateway.newPerson()
  await gateway.says(psid, page.pageId, 'hi')
  gateway.meta.answerNext(psid, { code: 2 })
  const created = await gateway.create({ From: `messenger:${page.pageId}`, To: `messenger:${psid}`, MediaUrl: url })
  const sid = created.json().sid as string
  await eventually('the part to wait', async () => {
    const parts = await gateway.sql`select from message_parts where contact_address = ${psid} and state = 'waiting'`
    return parts.length === 1
  })
  await gateway.hurry()
  await customer.next(({ params }) => params.MessageSid === sid && params.MessageStatus === 'sent')
  assert.equal(asked(url), 1)
})
