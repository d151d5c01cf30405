import assert from 'node:assert/strict'
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { after, before, test } from 'node:test'
import { S3_KEYS, type S3Server, startS3Server } from '../../test/s3-server.ts'
import type { Place } from './settings.ts'
import { FileMissing, type MediaStore, openStore } from './store.ts'

const KEY = `AC${'0'.repeat(32)}/ab/0198c0de-0000-7000-8000-0000000000ab`
const BYTES = Buffer.from('0123456789')

let folder: string
let s3: S3Server
let place: Extract<Place, { kind: 's3' }>

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pagewire-store-'))
  s3 = await startS3Server('media')
  place = {
    kind: 's3',
    bucket: 'media',
    prefix: 'gateway/one/',
    region: 'eu-central-1',
    endpoint: s3.url,
    credentials: S3_KEYS,
  }
})
after(async () => {
  await s3?.stop()
  await rm(folder, { recursive: true })
})

async function localFile(bytes = BYTES) {
  const path = join(folder, `local-${Math.random()}`)
  await writeFile(path, bytes)
  return { path, bytes: bytes.length, contentType: 'image/png' }
}

for (const kind of ['disk', 's3'] as const) {
  const open = (): Promise<MediaStore> => openStore(kind === 's3' ? place : { kind, folder: join(folder, 'disk') })

  test(`${kind}: what is kept is read, whole or in part, replaced, deleted, and then missing`, async () => {
    const store = await open()
    await store.check()
    const file = await localFile()
    await store.keep(KEY, file)
    await assert.rejects(stat(file.path), { code: 'ENOENT' })
    assert.deepEqual(await buffer(await store.read(KEY)), BYTES)
    assert.deepEqual(await buffer(await store.read(KEY, { from: 2, to: 4 })), Buffer.from('234'))

    await store.keep(KEY, await localFile(Buffer.from('other')))
    assert.deepEqual(await buffer(await store.read(KEY)), Buffer.from('other'))

    await store.delete(KEY)
    await assert.rejects(store.read(KEY), FileMissing)
    await store.delete(KEY)
  })

  test(`${kind}: an empty file and a large one are kept as they are`, async () => {
    const store = await open()
    for (const bytes of [Buffer.alloc(0), Buffer.alloc(9 * 1024 * 1024, 'large')]) {
      await store.keep(KEY, await localFile(bytes))
      assert.ok((await buffer(await store.read(KEY))).equals(bytes))
    }
  })
}

test('disk: files and folders are for their owner only', async () => {
  const store = await openStore({ kind: 'disk', folder: join(folder, 'private') })
  await store.check()
  assert.equal((await stat(join(folder, 'private'))).mode & 0o077, 0)
  assert.deepEqual(await readdir(join(folder, 'private')), [])
})

test('disk: a folder that cannot be written is told at the start', async () => {
  const path = join(folder, 'a-file')
  await writeFile(path, '')
  await assert.rejects(async () => (await openStore({ kind: 'disk', folder: join(path, 'below') })).check())
})

test('s3: objects lie below the prefix, with their content type', async () => {
  const store = await openStore(place)
  await store.keep(KEY, await localFile())
  assert.equal(s3.objects.get(`media/gateway/one/${KEY}`)?.type, 'image/png')
})

test('s3: a wrong bucket or secret is told at the start, a store that is away is not', async () => {
  const check = async (wrong: Partial<typeof place>) => (await openStore({ ...place, ...wrong })).check()
  await assert.rejects(check({ bucket: 'nothing' }), /bucket nothing .* cannot be written to: NoSuchBucket/)
  const credentials = { ...S3_KEYS, secretAccessKey: 'wrong' }
  await assert.rejects(check({ credentials }), (error: Error) => {
    assert.match(error.message, /SignatureDoesNotMatch/)
    assert.doesNotMatch(error.message, /wrong/)
    return true
  })
  await check({ endpoint: 'http://127.0.0.1:1' })
})
