/** Messaging v1, v2 and v3: services and their pools, senders, typing, opt-out settings. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ask, fails, type World } from './world.ts'

const none = (prefix: string) => prefix + '0'.repeat(32)

export function messagingOperations(world: () => World): void {
  test('services: create, list, fetch, update, delete; use cases', async () => {
    const { services } = world().client.messaging.v1
    const { sid } = await services.create({
      ...{ friendlyName: 'A service', inboundRequestUrl: 'https://app.example/in', fallbackMethod: 'GET' },
      ...{ stickySender: false, validityPeriod: 600, scanMessageContent: 'disable', usecase: 'poll' },
    })
    await services.create({ friendlyName: 'Another' })
    assert.equal((await services.list({ pageSize: 1 })).length, 2)
    assert.equal((await services(sid).fetch()).validityPeriod, 600)
    assert.equal((await services(sid).update({ useInboundWebhookOnNumber: true })).useInboundWebhookOnNumber, true)
    assert.ok((await world().client.messaging.v1.usecases.fetch()).usecases.length > 0)
    assert.equal(await services(sid).remove(), true)

    await fails(services(sid).fetch(), 404, 20404)
    await fails(services.create({ friendlyName: '' }), 400, 20002)
  })

  test('channel senders: add, list, fetch, remove', async () => {
    const { client, page } = world()
    const service = await client.messaging.v1.services.create({ friendlyName: 'A pool' })
    const { channelSenders } = client.messaging.v1.services(service.sid)
    assert.equal((await channelSenders.create({ sid: page.sid })).senderType, 'Messenger')
    assert.equal((await channelSenders.list({ pageSize: 1 })).length, 1)
    assert.equal((await channelSenders(page.sid).fetch()).sender, world().sender)
    await fails(channelSenders.create({ sid: page.sid }), 409, 21710)
    assert.equal(await channelSenders(page.sid).remove(), true)

    await fails(channelSenders(page.sid).fetch(), 404, 20404)
    await fails(channelSenders.create({ sid: none('XE') }), 404, 20404)
  })

  test('numbers and alpha senders: lists are empty, nothing can be added', async () => {
    const { services } = world().client.messaging.v1
    const { sid } = await services.create({ friendlyName: 'Without numbers' })
    const { phoneNumbers, shortCodes, alphaSenders, destinationAlphaSenders, usAppToPerson } = services(sid)
    const lists = [phoneNumbers.list(), shortCodes.list(), alphaSenders.list(), destinationAlphaSenders.list()]
    assert.deepEqual(await Promise.all([...lists, usAppToPerson.list()]), [[], [], [], [], []])
    await fails(phoneNumbers.create({ phoneNumberSid: none('PN') }), 404, 20404)
    await fails(shortCodes.create({ shortCodeSid: none('SC') }), 404, 20404)
    await fails(alphaSenders.create({ alphaSender: 'US' }), 400, 21709)
    await fails(destinationAlphaSenders.create({ alphaSender: 'US' }), 400, 21709)
    const path = `/messaging/v1/Services/${sid}/Compliance/Usa2p`
    await fails(ask(world(), 'post', path, new URLSearchParams({ a: 'b' })), 404, 20404)
    for (const item of [
      ...[phoneNumbers(none('PN')), shortCodes(none('SC')), alphaSenders(none('AI'))],
      ...[destinationAlphaSenders(none('AI')), usAppToPerson(none('QE'))],
    ]) {
      await fails(item.fetch(), 404, 20404)
      await fails(item.remove(), 404, 20404)
    }
  })

  test('senders: create, list, fetch, update, delete', async () => {
    const { client, gateway } = world()
    const pageId = gateway.newPerson()
    const path = '/messaging/v2/Channels/Senders'
    const { channelsSenders } = client.messaging.v2
    const made = await ask(world(), 'post', path, {
      sender_id: `messenger:${pageId}`,
      configuration: { page_access_token: gateway.meta.addPage(pageId, 'A Page'), unique_name: 'shop' },
      webhook: { callback_url: 'https://app.example/in' },
    })
    const sid = made.json.sid as string
    assert.equal(made.status, 202)
    assert.equal((await channelsSenders.list({ channel: 'messenger', pageSize: 1 })).length, 2)
    assert.equal((await channelsSenders(sid).fetch()).senderId, `messenger:${pageId}`)
    const optOut = { enabled: true, stop_keywords: ['ENOUGH'], help_text: 'Ask us' }
    const changed = await ask(world(), 'post', `${path}/${sid}`, { configuration: { opt_out: optOut } })
    assert.equal(changed.status, 202)
    assert.equal(
      (await channelsSenders(sid).update({ webhook: { callbackUrl: 'https://app.example/other' } })).sid,
      sid,
    )
    assert.equal(await channelsSenders(sid).remove(), true)

    await fails(channelsSenders(sid).fetch(), 404, 20404)
    await fails(ask(world(), 'post', path, { sender_id: 'messenger:1', configuration: {} }), 400, 20422)
    await fails(channelsSenders.list({ channel: '' }), 400, 20422)
  })

  test('typing indicators of version 2 and 3: create', async () => {
    const { client, person, sender } = world()
    const [message] = await client.messages.list({ from: person, limit: 1 })
    const about = { channel: 'messenger', messageId: message?.sid ?? '' }
    assert.equal((await client.messaging.v2.typingIndicator.create(about)).success, true)
    const path = '/messaging/v3/Indicators/Typing.json'
    const by = { channel: 'MESSENGER', from: sender, to: person, event: 'END' }
    assert.deepEqual((await ask(world(), 'post', path, by)).json, { success: true })
    await fails(client.messaging.v2.typingIndicator.create({ ...about, channel: 'whatsapp' }), 400, 20422)
    await fails(ask(world(), 'post', path, { ...by, from: 'messenger:999000111' }), 400, 63007)
  })

  test('opt-out settings: all of it', async () => {
    const path = '/messaging/v3/OptOuts'
    const service = await world().client.messaging.v1.services.create({ friendlyName: 'With keywords' })
    const made = await ask(world(), 'post', path, { messagingServiceSid: service.sid, friendlyName: 'Ours' })
    const item = `${path}/${made.json.opt_out_sid}`
    const word = { keywordType: 'STOP.SPANISH', messageType: 'ALL', keyword: 'BASTA' }
    const told = { keywordType: 'STOP.SPANISH', messageType: 'ALL', message: 'Adiós' }
    const calls: ['get' | 'post' | 'delete', string, number, object?][] = [
      ['get', `${path}/DefaultKeywordsMessages`, 200],
      ['get', `${path}/Configurations/Languages`, 200],
      ['get', `${path}/Configurations/MessageTypes`, 200],
      ['get', path, 200],
      ['get', item, 200],
      ['post', item, 200, { friendlyName: null, enabled: false }],
      ['get', `${item}/MessageTypes`, 200],
      ['post', `${item}/Keywords`, 201, word],
      ['get', `${item}/Keywords`, 200],
      ['delete', `${item}/Keywords?keyword=BASTA`, 204],
      ['post', `${item}/Messages`, 201, told],
      ['get', `${item}/Messages`, 200],
      ['delete', `${item}/Messages?keywordType=STOP.SPANISH`, 204],
    ]
    for (const [method, at, status, body] of calls) {
      assert.equal((await ask(world(), method, at, body)).status, status, `${method} ${at}`)
    }
    await fails(ask(world(), 'post', path, { messagingServiceSid: service.sid }), 409, 20409)
    await fails(ask(world(), 'delete', `${item}/Keywords?keyword=STOP`), 400, 20422)
    assert.equal((await ask(world(), 'delete', item)).status, 204)
    await fails(ask(world(), 'get', item), 404, 20404)
  })
}
