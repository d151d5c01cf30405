import assert from 'node:assert/strict'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { closeCustomerConnections } from '#customer/request.ts'
import { type FileServer, PNG, startFileServer } from '../../test/file-server.ts'
import { type DownloadRequest, download } from './download.ts'

let files: FileServer
let folder: string

before(async () => {
  files = await startFileServer()
  folder = await mkdtemp(join(tmpdir(), 'pagewire-download-'))
})
after(async () => {
  await files?.stop()
  await closeCustomerConnections()
  await rm(folder, { recursive: true })
})

const get = (url: string, more: Partial<DownloadRequest> = {}) =>
  download({ url, folder, maxBytes: 1000, mayReachPrivate: () => true, signal: new AbortController().signal, ...more })

test('a file is fetched with what its server says of it', async () => {
  const url = files.serve('/owl.png', { headers: { 'Content-Disposition': 'inline; filename=bird.png' } })
  const file = await get(`${url}?a=1#fragment`)
  assert.ok(file.ok)
  const { path, ...rest } = file
  assert.deepEqual(rest, {
    ok: true,
    bytes: PNG.length,
    sha256: '6b7fa434f92a8b80aab02d9bf1a12e49ffcae424e4013a1c4f68b67e3d2bbcd0',
    declaredType: 'image/png',
    fileName: 'bird.png',
  })
  assert.deepEqual(await readFile(path), PNG)
  assert.equal(files.requests.at(-1)?.path, '/owl.png?a=1')
  await rm(path)
})

test('the limit holds while the file is read, whatever its length was said to be', async () => {
  const chunked = { headers: { 'Transfer-Encoding': 'chunked' } }
  const large = await get(files.serve('/large', { body: Buffer.alloc(1001), ...chunked }))
  assert.deepEqual([large.ok, !large.ok && large.code, !large.ok && large.retry], [false, 11751, false])
  const bomb = gzipSync(Buffer.alloc(1_000_000))
  const packed = await get(files.serve('/bomb', { body: bomb, headers: { 'Content-Encoding': 'gzip' } }), {
    maxBytes: 10_000,
  })
  assert.equal(!packed.ok && packed.code, 11751)
  assert.deepEqual(await readdir(folder), [])
})

test('a server that packs although it was not asked to is understood', async () => {
  const body = gzipSync(PNG)
  const file = await get(files.serve('/packed', { body, headers: { 'Content-Encoding': 'gzip' } }))
  assert.ok(file.ok)
  assert.deepEqual(await readFile(file.path), PNG)
  await rm(file.path)
})

test('a server that does not go on is given up, and may be asked again', async () => {
  const never = Promise.withResolvers<void>()
  const silent = await get(files.serve('/silent', { after: never.promise }), { waitMs: 50 })
  assert.deepEqual([!silent.ok && silent.code, !silent.ok && silent.retry], [11200, true])
  never.resolve()
  const slow = await get(files.serve('/slow', { headers: { 'Content-Length': '999' } }), { waitMs: 50 })
  assert.deepEqual([!slow.ok && slow.code, !slow.ok && slow.retry], [11200, true])
  const late = await get(files.serve('/late', { headers: { 'Content-Length': '999' } }), { totalMs: 50 })
  assert.equal(!late.ok && late.code, 11200)
  assert.deepEqual(await readdir(folder), [])
})

test('redirects are followed to where the policy allows, and no further than five times', async () => {
  const target = files.serve('/target', {})
  const moved = files.serve('/moved', { status: 307, headers: { Location: '/target' } })
  const file = await get(moved)
  assert.ok(file.ok)
  await rm(file.path)
  const guarded = await get(moved, { mayReachPrivate: (url) => url === moved })
  assert.match(guarded.ok ? '' : guarded.reason, /not a public address/)
  assert.equal(!guarded.ok && guarded.retry, false)
  assert.equal(files.requests.filter(({ path }) => files.url + path === target).length, 1)
})

test('what is refused by its type is not read', async () => {
  const url = files.serve('/page', { type: 'text/html', body: '<html>' })
  const refusal = { code: 12300, reason: 'a page' }
  assert.deepEqual(await get(url, { refuse: () => refusal }), { ok: false, ...refusal, retry: false })
})

test('when the process stops, so does the download, as an error', async () => {
  const stopping = new AbortController()
  const url = files.serve('/stop', { headers: { 'Content-Length': '999' } })
  const fetching = get(url, { signal: stopping.signal })
  stopping.abort(new Error('stopping'))
  await assert.rejects(fetching, /stopping/)
  assert.deepEqual(await readdir(folder), [])
})
