/** What an account had goes 30 days after it was closed; those beside it keep theirs (docs/accounts.md). */
import assert from 'node:assert/strict'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { sharedClock } from '#core/clock.ts'
import { openMedia } from '#media/media.ts'
import { readMediaSettings } from '#media/settings.ts'
import { sweepMedia } from '#media/sweep.ts'
import { accountWith, connectPageOf, createSubaccount, type TestAccount } from '../accounts.ts'
import { createDatabase, type TestDatabase } from '../database.ts'
import { eventually } from '../eventually.ts'
import { type FileServer, PNG, startFileServer } from '../file-server.ts'
import { type MetaGateway, startMetaGateway } from '../meta-gateway.ts'
import { entryOf, fromPerson, postEntries } from '../meta-webhooks.ts'
import { assertTwilioError } from '../twilio-error.ts'

let database: TestDatabase
let files: FileServer
let folder: string
let gateway: MetaGateway

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pagewire-closed-'))
  database = await createDatabase()
  files = await startFileServer()
  gateway = await start()
})
after(async () => {
  await gateway?.stop()
  await files?.stop()
  await database?.drop()
  await rm(folder, { recursive: true })
})

const start = () => startMetaGateway({ PAGEWIRE_MEDIA_STORE: folder }, database)

/** Somebody sends it a picture, and it answers. */
async function haveConversation(account: TestAccount): Promise<{ psid: string; media: string }> {
  const { pageId } = await connectPageOf(gateway, account)
  const psid = gateway.newPerson()
  const url = files.serve(`/${psid}.png`, {})
  const message = { mid: `m_${psid}`, attachments: [{ type: 'image', payload: { url } }] }
  await postEntries(gateway.url, entryOf(pageId, fromPerson(pageId, psid, { message })))
  const media = await eventually('the picture', async () => {
    const [received] = await account.client.messages.list({ from: `messenger:${psid}` })
    const [found] = received ? await account.client.messages(received.sid).media.list() : []
    return found?.uri.replace('.json', '')
  })
  await account.client.messages.create({ from: `messenger:${pageId}`, to: `messenger:${psid}`, body: 'thank you' })
  await eventually('the answer', () => gateway.meta.sendsTo(psid).length === 1)
  return { psid, media }
}

async function filesOf(account: TestAccount): Promise<number> {
  const names = await readdir(join(folder, account.sid), { recursive: true }).catch(() => [])
  return names.filter((name) => name.length > 30).length
}

const messagesOf = (account: TestAccount) => gateway.client.api.v2010.accounts(account.sid).messages.list()

/** As the node does it once a minute. */
async function sweep(): Promise<void> {
  const { settings } = readMediaSettings({ PAGEWIRE_MEDIA_STORE: folder }, folder, 'forever')
  const rest = { publicUrl: gateway.url, secretKey: 'any', clock: sharedClock, trusted: undefined }
  await sweepMedia(await openMedia({ sql: database.sql, settings, ...rest }), new AbortController().signal)
}

test('a closed account keeps what it had for 30 days, then nothing of it is left but its name, usage and trail', async () => {
  const [closed, neighbour] = [await createSubaccount(gateway, 'Bakery'), await createSubaccount(gateway, 'Butcher')]
  const gone = await haveConversation(closed)
  const kept = await haveConversation(neighbour)
  await gateway.client.api.v2010.accounts(closed.sid).update({ status: 'closed' })
  assert.equal((await messagesOf(closed)).length, 2)

  await gateway.sql`update accounts set closed_at = closed_at - interval '31 days' where sid = ${closed.sid}`
  await gateway.stop()
  gateway = await start()
  await eventually('the data to go', async () => {
    const [row] = await database.sql`select from accounts where sid = ${closed.sid} and erased_at is not null`
    return row !== undefined
  })
  await sweep()

  assert.deepEqual(await messagesOf(closed), [])
  assert.equal(await filesOf(closed), 0)
  assert.equal((await gateway.call('GET', gone.media)).status, 404)
  const events = await database.sql`select from events where contact_address = ${gone.psid}`
  assert.equal(events.length, 0)
  const account = await gateway.client.api.v2010.accounts(closed.sid).fetch()
  assert.deepEqual([account.friendlyName, account.status], ['Bakery', 'closed'])
  assertTwilioError(await accountWith(gateway, closed).call('GET', `${closed.path}/Messages.json`), 403, 20005)
  const [usage] = await gateway.client.api.v2010
    .accounts(closed.sid)
    .usage.records.allTime.list({ category: 'channels-messenger-inbound' })
  assert.equal(usage?.count, '1')
  const trail = await gateway.client.monitor.v1.events.list({ eventType: 'account.erased' })
  assert.deepEqual(
    trail.map(({ resourceSid, actorType }) => [resourceSid, actorType]),
    [[closed.sid, 'system']],
  )
  await assert.rejects(gateway.client.api.v2010.accounts(closed.sid).update({ status: 'active' }), { code: 21479 })

  assert.equal((await messagesOf(neighbour)).length, 2)
  assert.equal(await filesOf(neighbour), 1)
  const picture = await fetch(gateway.url + kept.media)
  assert.deepEqual(Buffer.from(await picture.arrayBuffer()), PNG)
  const own = accountWith(gateway, neighbour)
  assert.equal((await own.client.messaging.v2.channelsSenders.list({ channel: 'messenger' })).length, 1)
})
