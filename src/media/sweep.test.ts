import assert from 'node:assert/strict'
import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { sharedClock } from '#core/clock.ts'
import { type AccountSid, firstIdAt, type Id, newId } from '#core/ids.ts'
import { deleteMedia, findMediaOf, insertMedia, settleMedia } from '#store/media.ts'
import type { NewMessage } from '#store/messages.ts'
import { migrate } from '#store/migrate.ts'
import { createDatabase, type TestDatabase } from '../../test/database.ts'
import { keepFile } from './keep-file.ts'
import { keyOf, type MediaRoom, openMedia } from './media.ts'
import { readMediaSettings } from './settings.ts'
import { FileMissing } from './store.ts'
import { sweepMedia } from './sweep.ts'

const ACCOUNT = `AC${'a'.repeat(32)}` as AccountSid

let database: TestDatabase
let folder: string
let room: MediaRoom

before(async () => {
  database = await createDatabase()
  folder = await mkdtemp(join(tmpdir(), 'pagewire-sweep-'))
  room = await open({ PAGEWIRE_MEDIA_RETENTION_DAYS: '30' })
})
after(async () => {
  await database?.drop()
  await rm(folder, { recursive: true })
})

const open = (environment: Record<string, string>) =>
  openMedia({
    sql: database.sql,
    settings: readMediaSettings(environment, folder, 'forever').settings,
    publicUrl: 'http://gateway.test',
    secretKey: 'a secret key for tests',
    clock: sharedClock,
    trusted: undefined,
  })

async function newFile(): Promise<Id> {
  const path = join(room.settings.incoming, newId())
  await writeFile(path, 'x')
  const file = { ok: true, path, bytes: 1, sha256: 'ab', declaredType: null, fileName: null, found: undefined } as const
  return (await keepFile(room, ACCOUNT, file)).fileId
}

/** A message with one media that uses this file. */
async function messageWith(fileId: Id): Promise<Id> {
  const id = newId()
  const message = { accountSid: ACCOUNT, id, media: [{ url: '', contentType: null }], contentRetention: 'retain' }
  await insertMedia(database.sql, [message as NewMessage])
  const [media] = await findMediaOf(database.sql, ACCOUNT, id)
  const result = { accountSid: ACCOUNT, id: media?.id as Id, state: 'stored' as const, fileId }
  await settleMedia(database.sql, [{ ...result, contentType: 'image/png', fileName: null }])
  return id
}

/** Its media are so many days old, as their ids say. */
async function age(messageId: Id, days: number): Promise<void> {
  const id = newId().replace(/^.{13}/, firstIdAt(new Date(Date.now() - days * 24 * 3_600_000)).slice(0, 13))
  await database.sql`update media set id = ${id} where message_id = ${messageId}`
}

const sweep = () => sweepMedia(room, new AbortController().signal)
async function isKept(fileId: Id): Promise<boolean> {
  const file = await room.store.read(keyOf(ACCOUNT, fileId)).catch((error) => {
    assert.ok(error instanceof FileMissing)
    return undefined
  })
  file?.destroy()
  return file !== undefined
}

test('a file that several messages use goes with the last of them', async () => {
  const file = await newFile()
  const [one, other] = [await messageWith(file), await messageWith(file)]
  await deleteMedia(database.sql, [{ accountSid: ACCOUNT, messageId: one }])
  await sweep()
  assert.equal(await isKept(file), true)
  await deleteMedia(database.sql, [{ accountSid: ACCOUNT, messageId: other }])
  await sweep()
  assert.equal(await isKept(file), false)
  const rows = await database.sql`select from media_files union all select from unwanted_files`
  assert.equal(rows.length, 0)
})

test('a file that a crash left without a message goes after a while, one that is in use stays', async () => {
  const [lost, used] = [await newFile(), await newFile()]
  await messageWith(used)
  await sweep()
  assert.deepEqual([await isKept(lost), await isKept(used)], [true, true])
  await database.sql`update media_files set check_at = check_at - interval '15 minutes'`
  await sweep()
  assert.deepEqual([await isKept(lost), await isKept(used)], [false, true])
})

test('a file that is unwanted can be used no more', async () => {
  const file = await newFile()
  await database.sql`update media_files set check_at = now() where id = ${file}`
  await sweep()
  await assert.rejects(messageWith(file), { code: '23503' })
})

test('a sweep that was cut off after the file was found unwanted is finished by the next one', async () => {
  const file = await newFile()
  await database.sql`
    with gone as (delete from media_files where id = ${file} returning account_sid, id)
    insert into unwanted_files select account_sid, id from gone`
  await sweep()
  assert.equal(await isKept(file), false)
})

test('media older than they are kept go, with their files; younger ones stay', async () => {
  const [old, young] = [await newFile(), await newFile()]
  const [oldMessage, youngMessage] = [await messageWith(old), await messageWith(young)]
  await age(oldMessage, 31)
  await age(youngMessage, 29)
  await sweep()
  assert.deepEqual([await isKept(old), await isKept(young)], [false, true])
  assert.equal((await findMediaOf(database.sql, ACCOUNT, oldMessage)).length, 0)
})

test('a clock that the built-in Messenger has moved makes no media old', async () => {
  const file = await newFile()
  const message = await messageWith(file)
  await migrate(database.sql, 'sandbox', new URL('../sandbox/migrations/', import.meta.url))
  await database.sql`select sandbox.advance_clock(${40 * 24 * 3_600_000})`
  await sweep()
  assert.equal(await isKept(file), true)
  assert.equal((await findMediaOf(database.sql, ACCOUNT, message)).length, 1)
})

test('what a crash left half-way in the folder for incoming files goes after an hour', async () => {
  const { incoming } = room.settings
  await writeFile(join(incoming, 'left'), 'half')
  await writeFile(join(incoming, 'now'), 'half')
  const before = new Date(Date.now() - 3_700_000)
  await utimes(join(incoming, 'left'), before, before)
  await open({})
  assert.deepEqual(await readdir(incoming), ['now'])
})
