import assert from 'node:assert/strict'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, beforeEach, test } from 'node:test'
import { startReceiver } from './receiver.ts'
import { createDatabase, type GraphFailure, startNode, type TestDatabase, type TestWorld } from './world.ts'

const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
)
const MEGABYTE = 1024 * 1024

let database: TestDatabase
let world: TestWorld
let receiver: Awaited<ReturnType<typeof startReceiver>>
let files: Server
let filesUrl: string
let psid: string

before(async () => {
  database = await createDatabase()
  receiver = await startReceiver()
  files = createServer((request, response) => {
    const path = request.url ?? ''
    if (path === '/moved.png') response.writeHead(302, { location: '/owl.png' }).end()
    else if (path === '/loop') response.writeHead(302, { location: '/loop' }).end()
    else if (path === '/owl.png') response.writeHead(200, { 'content-type': 'image/png' }).end(PNG)
    else if (path === '/menu.pdf') response.writeHead(200, { 'content-type': 'application/pdf' }).end('%PDF-1.7 owl')
    else if (path === '/page.html') response.writeHead(200, { 'content-type': 'text/html' }).end('<script>1</script>')
    else if (path === '/9mb.png') response.end(Buffer.concat([PNG, Buffer.alloc(9 * MEGABYTE)]))
    else if (path === '/26mb.bin') response.end(Buffer.alloc(26 * MEGABYTE))
    else response.writeHead(404).end()
  })
  await new Promise<void>((resolve) => files.listen(0, '127.0.0.1', resolve))
  filesUrl = `http://127.0.0.1:${(files.address() as AddressInfo).port}`
  world = await startNode(database)
  await world.say(world.people[0]!, { text: 'hello' })
  psid = (await world.thread(world.people[0]!)).psid
  await world.connect(receiver.url)
})
after(async () => {
  await world.close()
  await receiver.close()
  files.closeAllConnections()
  await new Promise((resolve) => files.close(resolve))
  await database.drop()
})
beforeEach(() => {
  receiver.taken.length = 0
})

const media = (type: string, payload: object) => ({ attachment: { type, payload } })

test('a picture by URL is fetched, kept, told in the echo and shown in the chat', async () => {
  const sent = await world.send(psid, media('image', { url: `${filesUrl}/moved.png` }))
  assert.equal(sent.status, 200, sent.text)
  const [echo] = await receiver.until(1)
  const [attachment] = (echo!.item.message as { attachments: { type: string; payload: { url: string } }[] }).attachments
  assert.equal(attachment!.type, 'image')
  assert.match(attachment!.payload.url, new RegExp(`^${world.baseUrl}/sandbox/cdn/[\\w-]{24}/moved\\.png$`))
  const fetched = await fetch(attachment!.payload.url)
  assert.equal(fetched.headers.get('content-type'), 'image/png')
  assert.equal(fetched.headers.get('x-content-type-options'), 'nosniff')
  assert.equal(fetched.headers.get('content-security-policy'), 'sandbox')
  assert.deepEqual(Buffer.from(await fetched.arrayBuffer()), PNG)
  const [shown] = (await world.thread(world.people[0]!)).lastMessage!.attachments
  assert.match((shown as { url: string }).url, /^http:\/\/messenger\.test\/sandbox\/cdn\//)
})

test('what cannot be fetched, is of another type or is too big is refused as Meta refuses it', async () => {
  const expected: [type: string, path: string, subcode: number][] = [
    ['image', '/none.png', 2018008],
    ['image', '/loop', 2018008],
    ['image', '/page.html', 2018047],
    ['video', '/owl.png', 2018047],
    ['image', '/9mb.png', 2018109],
    ['file', '/26mb.bin', 2018109],
  ]
  for (const [type, path, subcode] of expected) {
    const refused = await world.send<GraphFailure>(psid, media(type, { url: filesUrl + path }))
    assert.deepEqual([refused.status, refused.body.error.error_subcode], [400, subcode], path)
  }
  const away = await world.send<GraphFailure>(psid, media('image', { url: 'http://127.0.0.1:1/x.png' }))
  assert.equal(away.body.error.error_subcode, 2018008)
  assert.equal((await world.thread(world.people[0]!)).messages.filter(({ from }) => from === 'page').length, 1)
})

test('an attachment kept for later is sent again by its id, and only by its Page', async () => {
  const kept = await world.send<{ attachment_id: string }>(
    psid,
    media('file', { url: `${filesUrl}/menu.pdf`, is_reusable: true }),
  )
  assert.match(kept.body.attachment_id, /^\d{16}$/)
  const again = await world.send(psid, media('file', { attachment_id: kept.body.attachment_id }))
  assert.equal(again.status, 200)
  const uploaded = await world.graph<{ attachment_id: string }>('POST', '/me/message_attachments', {
    message: media('image', { url: `${filesUrl}/owl.png` }),
  })
  assert.equal((await world.send(psid, media('image', { attachment_id: uploaded.body.attachment_id }))).status, 200)
  const unknown = await world.send<GraphFailure>(psid, media('file', { attachment_id: '1' }))
  assert.equal(unknown.body.error.error_subcode, 2018074)
})

test('a file that a browser might run is only offered for download', async () => {
  assert.equal((await world.send(psid, media('file', { url: `${filesUrl}/page.html` }))).status, 200)
  const [shown] = (await world.thread(world.people[0]!)).lastMessage!.attachments
  const path = new URL((shown as { url: string }).url).pathname
  const served = await fetch(world.baseUrl + path)
  assert.equal(served.headers.get('content-disposition'), 'attachment; filename="page.html"')
})

test('a person uploads a picture and says it: the app can fetch it from us', async () => {
  const uploaded = await world.call<{ url: string }>('POST', '/api/uploads?name=../owl%20.png', PNG, {
    'content-type': 'image/png',
  })
  assert.match(uploaded.body.url, /^http:\/\/messenger\.test\/sandbox\/cdn\/[\w-]{24}\/[\w.-]+\.png$/)
  await world.say(world.people[0]!, { attachments: [{ type: 'image', url: uploaded.body.url }] })
  const { item } = await receiver.find(({ sender, message }) => sender.id === psid && message !== undefined)
  const { attachments } = item.message as { attachments: { payload: { url: string } }[] }
  const fetched = await fetch(attachments[0]!.payload.url)
  assert.deepEqual(Buffer.from(await fetched.arrayBuffer()), PNG)
  // The browser's address of it is good for a send, too, though only browsers can reach it.
  assert.equal((await world.send(psid, media('image', { url: uploaded.body.url }))).status, 200)
})

test('an upload must be what its Content-Type says, and small enough', async () => {
  const upload = async (body: Uint8Array, type: string) =>
    (await world.call('POST', '/api/uploads', body, { 'content-type': type })).status
  assert.equal(await upload(Buffer.from('<svg onload="1"/>'), 'image/svg+xml'), 400)
  assert.equal(await upload(Buffer.from('hello'), 'image/png'), 400)
  assert.equal(await upload(PNG, 'application/pdf'), 400)
  assert.equal(await upload(PNG, 'text/html'), 415)
  assert.equal(await upload(new Uint8Array(0), 'image/png'), 400)
  assert.equal(await upload(Buffer.concat([PNG, Buffer.alloc(26 * MEGABYTE)]), 'image/png'), 413)
})
