/** Messages, media and feedback of the 2010 API. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { eventually } from '../eventually.ts'
import { ask, fails, type World } from './world.ts'

const NO_MESSAGE = `SM${'0'.repeat(32)}`
const NO_MEDIA = `ME${'0'.repeat(32)}`

export function coreOperations(world: () => World): void {
  test('messages: create, fetch, list, redact, delete', async () => {
    const { client, sender: from, person: to, gateway } = world()
    const sent = await client.messages.create({
      ...{ from, to, body: 'Grüße 🎉', statusCallback: 'https://app.example/status', provideFeedback: true },
      ...{ validityPeriod: 600, forceDelivery: true, smartEncoded: true, maxPrice: 1, attempt: 1, riskCheck: 'enable' },
      ...{ contentRetention: 'retain', addressRetention: 'retain', shortenUrls: false, sendAsMms: false },
    })
    await client.messages.create({ from, to, body: 'a second one', persistentAction: ['geo:1,2|there'] })
    const tagged = { From: from, To: to, Body: 'with tags', Tags: '{"campaign":"spring"}' }
    const path = `/2010-04-01/Accounts/${gateway.account.sid}/Messages.json`
    assert.equal((await ask(world(), 'post', path, new URLSearchParams(tagged))).status, 201)

    const all = await client.messages.list({ pageSize: 2 })
    assert.ok(all.length >= 4 && all.some(({ direction }) => direction === 'inbound'))
    assert.ok((await client.messages.list({ to, dateSentAfter: new Date(0), dateSentBefore: new Date() })).length > 0)
    assert.deepEqual(await client.messages.list({ dateSent: new Date('2020-01-01') }), [])

    await eventually('the message to be sent', async () => (await client.messages(sent.sid).fetch()).dateSent)
    assert.equal((await client.messages(sent.sid).update({ body: '' })).body, '')
    assert.equal(await client.messages(sent.sid).remove(), true)

    await fails(client.messages(sent.sid).fetch(), 404, 20404)
    await fails(client.messages(NO_MESSAGE).update({ body: '' }), 404, 20404)
    await fails(client.messages(NO_MESSAGE).remove(), 404, 20404)
    await fails(client.messages.create({ from, to: 'messenger:x', body: 'x' }), 400, 21211)
    await fails(client.messages.create({ from: 'messenger:999000111', to, body: 'x' }), 400, 63007)
    await fails(client.messages.create({ from, to, contentSid: `HX${'0'.repeat(32)}` }), 400, 21655)
    await fails(client.messages.list({ pageSize: 1001 }), 400, 20007)
  })

  test('messages: schedule through a service, and cancel', async () => {
    const { client, person: to, page } = world()
    const service = await client.messaging.v1.services.create({ friendlyName: 'for later' })
    await client.messaging.v1.services(service.sid).channelSenders.create({ sid: page.sid })
    const through = { messagingServiceSid: service.sid, to, body: 'later' }
    const sendAt = new Date(Date.now() + 3_600_000)
    const later = await client.messages.create({ ...through, scheduleType: 'fixed', sendAt })
    assert.equal(later.status, 'scheduled')
    assert.equal((await client.messages(later.sid).update({ status: 'canceled' })).status, 'canceled')
    const accepted = await client.messages.create(through)
    assert.equal(accepted.status, 'accepted')

    await fails(client.messages(accepted.sid).update({ status: 'canceled' }), 409, 30409)
    await fails(client.messages.create({ ...through, scheduleType: 'fixed' }), 400, 35111)
    await fails(client.messages.create({ ...through, messagingServiceSid: `MG${'0'.repeat(32)}` }), 404, 21701)
    await client.messaging.v1.services(service.sid).remove()
  })

  test('media: list, fetch, load, sign, delete; who may load them', async () => {
    const { client, sender: from, person: to, pictureUrl, gateway } = world()
    const message = await client.messages.create({ from, to, mediaUrl: [pictureUrl, pictureUrl] })
    const media = client.messages(message.sid).media
    await eventually('the pictures to be kept', async () => (await media.list()).every((each) => each.contentType))
    const [first, second] = await media.list({ pageSize: 1 })
    assert.ok(first && second)
    assert.deepEqual((await media.list({ dateCreatedAfter: new Date(0) })).length, 2)
    assert.equal((await media(first.sid).fetch()).contentType, 'image/png')

    const account = `/2010-04-01/Accounts/${gateway.account.sid}`
    const file = `${account}/Messages/${message.sid}/Media/${first.sid}`
    assert.equal((await ask(world(), 'get', file)).status, 200)
    const signed = await ask(world(), 'post', `${file}/SignedUrl.json`, new URLSearchParams({ ExpiresIn: '60' }))
    assert.equal(signed.status, 201)
    const access = new URLSearchParams({ Access: 'auth' })
    assert.equal((await ask(world(), 'post', `${account}/MediaSettings.json`, access)).json.access, 'auth')
    assert.equal((await ask(world(), 'get', `${account}/MediaSettings.json`)).json.access, 'auth')

    assert.equal(await media(first.sid).remove(), true)
    assert.equal((await ask(world(), 'delete', file.replace(first.sid, second.sid))).status, 204)
    await fails(media(first.sid).fetch(), 404, 20404)
    await fails(media(NO_MEDIA).remove(), 404, 20404)
    await fails(client.messages(NO_MESSAGE).media.list(), 404, 20404)
  })

  test('feedback: create', async () => {
    const { client, sender: from, person: to } = world()
    const { sid } = await client.messages.create({ from, to, body: 'how was it?' })
    const { outcome } = await client.messages(sid).feedback.create({ outcome: 'unconfirmed' })
    assert.equal(outcome, 'unconfirmed')
    await fails(client.messages(NO_MESSAGE).feedback.create(), 404, 20404)
  })
}
