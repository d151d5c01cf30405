import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { after, before, test } from 'node:test'
import type { MessageDetail, Step } from '../../src/console/contract/messages.ts'
import { eventually } from '../eventually.ts'
import { newestMessage, newUuid, type Scene, startScene } from './seeing.ts'

let scene: Scene

before(async () => {
  scene = await startScene()
})
after(() => scene?.stop())

const kindsOf = (steps: Step[]) => steps.map(({ kind, status }) => (status ? `${kind} ${status}` : kind))

test('the log finds messages by Page, person, direction, status, text and time, and tells what nobody can mean', async () => {
  const { customer, ada, senderSid, get, owner, gateway } = scene
  customer.answer('/log', { body: '<Response><Message>You said 100% of it</Message></Response>' })
  await scene.pointPageAt({ callback_url: `${customer.url}/log` })
  await ada.say('tell me more')
  await ada.hears('You said 100% of it')
  await newestMessage(scene, 'direction=out&status=delivered')

  const sids = async (query: string) => (await get(`/messages?${query}`)).items.map((row: { body: string }) => row.body)
  assert.deepEqual(await sids(''), ['You said 100% of it', 'tell me more'])
  assert.deepEqual(await sids('direction=in'), ['tell me more'])
  assert.deepEqual(await sids(`sender=${senderSid}&person=${ada.psid}&direction=out`), ['You said 100% of it'])
  assert.deepEqual(await sids('text=SAID+100%25'), ['You said 100% of it'])
  assert.deepEqual(await sids('text=SAID_100'), [])
  assert.deepEqual(await sids('status=failed,undelivered'), [])
  assert.deepEqual(await sids(`until=${new Date(Date.now() - 60_000).toISOString()}`), [])
  assert.deepEqual(await sids(`from=${new Date(Date.now() - 60_000).toISOString()}&limit=1`), ['You said 100% of it'])
  for (const query of ['status=lost', 'person=x', 'code=12', 'from=yesterday', 'sender=SM1']) {
    const { status, json } = await owner.call('GET', `/accounts/${gateway.account.sid}/messages?${query}`)
    assert.deepEqual([status, json.field], [400, query.split('=')[0]])
  }
})

test('pages follow each other without a gap, and the export holds the same rows with formulas made harmless', async () => {
  const { gateway, ada, get, owner } = scene
  for (const body of ['=1+1', '@cmd', 'plain, with a comma']) {
    await gateway.client.messages.create({ body, from: `messenger:${ada.pageId}`, to: `messenger:${ada.psid}` })
  }
  const all: string[] = (await get('/messages')).items.map(({ sid }: { sid: string }) => sid)
  const paged: string[] = []
  for (let after: string | null = ''; after !== null; ) {
    const page = await get(`/messages?limit=2&after=${after}`)
    paged.push(...page.items.map(({ sid }: { sid: string }) => sid))
    after = page.next
  }
  assert.deepEqual(paged, all)

  const answer = await fetch(`${gateway.url}/console/api/accounts/${gateway.account.sid}/messages.csv?direction=out`, {
    headers: { Cookie: owner.cookie() },
  })
  assert.match(answer.headers.get('Content-Disposition') ?? '', /^attachment; filename="messages-/)
  const lines = (await answer.text()).split('\n')
  assert.match(lines[0] ?? '', /sid,account_sid/)
  assert.equal(lines.filter((line) => line.startsWith('SM')).length, 4)
  assert.ok(lines.some((line) => line.endsWith(`,'=1+1`)))
  assert.ok(lines.some((line) => line.endsWith(`,'@cmd`)))
  assert.ok(lines.some((line) => line.endsWith(',"plain, with a comma"')))
})

test("a message's page tells its whole way, with the signed string and the Graph call without its secrets", async () => {
  const { customer, ada, get, gateway } = scene
  customer.answer('/way', {
    body: `<Response><Message statusCallback="${customer.url}/told">Way</Message></Response>`,
  })
  await scene.pointPageAt({ callback_url: `${customer.url}/way` })
  await ada.say('which way?')
  await ada.hears('Way')
  const heard = await newestMessage(scene, 'text=which+way')
  const reply = await newestMessage(scene, 'text=Way&direction=out&status=delivered')

  const inbound: MessageDetail = await get(`/messages/${heard.sid}`)
  assert.deepEqual(kindsOf(inbound.steps), ['event', 'made received', 'exchange'])
  assert.match(JSON.stringify(inbound.steps[0]?.event?.raw), /"text":"which way\?"/)
  const call = inbound.steps[2]?.exchange
  assert.ok(
    call?.signedString.startsWith(`${customer.url}/wayAccountSid${gateway.account.sid}ApiVersion2010-04-01Body`),
  )
  assert.match(call?.responseBody ?? '', /<Message statusCallback/)
  assert.deepEqual(
    inbound.effects.map(({ sid }) => sid),
    [reply.sid],
  )

  const outbound: MessageDetail = await eventually('all status callbacks', async () => {
    const detail: MessageDetail = await get(`/messages/${reply.sid}`)
    return detail.steps.filter(({ kind }) => kind === 'exchange').length === 2 && detail
  })
  assert.equal(outbound.cause?.sid, heard.sid)
  const kinds = kindsOf(outbound.steps)
  assert.equal(kinds[0], 'made queued')
  assert.ok(kinds.indexOf('part') < kinds.indexOf('status sent'))
  assert.ok(kinds.indexOf('status sent') < kinds.indexOf('status delivered'))
  const part = outbound.steps.find(({ kind }) => kind === 'part')?.part
  assert.equal(part?.request?.headers.authorization, 'Bearer ***')
  assert.match(JSON.stringify(part?.request?.body), /"messaging_type":"RESPONSE".*"text":"Way"/)
  assert.ok(part?.channelMessageId)
})

test('what is still to be done about a message stands on its page: tries so far, and when the next one is', async () => {
  const { customer, ada, get, gateway } = scene
  customer.answer('/quiet', { body: '<Response/>' })
  await scene.pointPageAt({ callback_url: `${customer.url}/quiet` })
  await ada.say('still there?')
  customer.answer('/down', { status: 500 })
  const sent = await gateway.client.messages.create({
    from: `messenger:${ada.pageId}`,
    to: `messenger:${ada.psid}`,
    body: 'waits for its callback',
    statusCallback: `${customer.url}/down`,
  })
  const told = await eventually('the first try to have failed', async () => {
    const { waits }: MessageDetail = await get(`/messages/${sent.sid}`)
    return waits[0]?.attempts === 1 && waits.length === 2 && waits
  })
  assert.deepEqual(
    told.map(({ what, status, ahead, isRunning }) => ({ what, status, ahead, isRunning })),
    [
      { what: 'status', status: 'sent', ahead: 0, isRunning: false },
      { what: 'status', status: 'delivered', ahead: 1, isRunning: false },
    ],
  )
  const inMs = Date.parse(told[0]?.dueAt ?? '') - Date.now()
  assert.ok(inMs > 0 && inMs < 8000, `the next try is in ${inMs} ms`)

  customer.answer('/down', { status: 204 })
  await eventually('nothing to wait', async () => (await get(`/messages/${sent.sid}`)).waits.length === 0, 15_000)
})

test('a failing callback is replayed with a fresh signature, in the order of its conversation, once per request', async () => {
  const { customer, ada, get, post, gateway } = scene
  customer.answer('/broken', { status: 500 })
  await scene.pointPageAt({ callback_url: `${customer.url}/broken` })
  await ada.say('are you there?')
  const heard = await newestMessage(scene, 'text=are+you+there&code=11200')
  assert.equal(heard.errorCode, null)
  const before: MessageDetail = await get(`/messages/${heard.sid}`)
  assert.deepEqual([before.alerts[0]?.code, before.alerts[0]?.response?.body], [11200, ''])

  customer.answer('/broken', { body: '<Response><Message>Here I am</Message></Response>' })
  const id = newUuid()
  const once = await post(`/messages/${heard.sid}/replay`, { id, kind: 'inbound' })
  assert.equal(once.status, 200)
  await post(`/messages/${heard.sid}/replay`, { id, kind: 'inbound' })
  await ada.hears('Here I am')
  const detail: MessageDetail = await eventually('the reply', async () => {
    const now: MessageDetail = await get(`/messages/${heard.sid}`)
    return now.effects.length > 0 && now
  })
  assert.deepEqual(kindsOf(detail.steps), ['event', 'made received', 'exchange', 'replay', 'exchange'])
  assert.equal(detail.steps[3]?.replay?.by, 'admin@localhost')
  const [first, second] = detail.steps.filter(({ kind }) => kind === 'exchange').map(({ exchange }) => exchange)
  const token = 'I-Twilio-Idempotency-Token'
  assert.notEqual(first?.requestHeaders[token], second?.requestHeaders[token])
  assert.match(detail.replays[0]?.warning ?? '', /got replies/)
  const [{ count } = { count: '' }] = await gateway.sql<{ count: string }[]>`
    select count(*) from messages where body = 'are you there?'`
  assert.equal(count, '1')

  // Whoever only wants to look at the answer sends nobody anything.
  await post(`/messages/${heard.sid}/replay`, { id: newUuid(), kind: 'inbound', replies: false })
  const quiet: MessageDetail = await eventually('the third call', async () => {
    const now: MessageDetail = await get(`/messages/${heard.sid}`)
    return now.steps.filter(({ kind }) => kind === 'exchange').length === 3 && now
  })
  assert.equal(quiet.effects.length, 1)
  const trail = await get(`/audit?resource=${heard.sid}`)
  assert.deepEqual(trail.items[0].after, { kind: 'inbound', replies: false })
})

test('all messages of a filter are replayed once, with progress, and those that were answered are left alone', async () => {
  const { customer, ada, get, post } = scene
  customer.answer('/all', { status: 503 })
  await scene.pointPageAt({ callback_url: `${customer.url}/all` })
  for (const text of ['batch one', 'batch two', 'batch three']) await ada.say(text)
  await eventually('three failures', async () => (await get('/messages?text=batch&code=11200')).items.length === 3)
  customer.answer('/all', ({ params }) => ({ body: `<Response><Message>Re: ${params.Body}</Message></Response>` }))
  const single = await newestMessage(scene, 'text=batch+two&direction=in')
  await post(`/messages/${single.sid}/replay`, { id: newUuid(), kind: 'inbound' })
  await ada.hears('Re: batch two')

  const { count, atLeast, beforeSid } = await get('/messages/count?text=batch&code=11200&kind=inbound')
  assert.deepEqual([count, atLeast], [3, false])
  const filter = { text: 'batch', code: '11200' }
  const batch = { id: newUuid(), kind: 'inbound', filter, beforeSid, total: count }
  assert.equal((await post('/replays', batch)).status, 200)
  await post('/replays', batch)
  const progress = await eventually('the batch to be done', async () => {
    const now = await get(`/replays/${batch.id}`)
    return now.state === 'done' && now
  })
  assert.deepEqual([progress.done, progress.skipped], [2, 1])
  await ada.hears('Re: batch three')
  const { messages } = await ada.thread()
  const heard = messages.flatMap(({ text }) => (text?.startsWith('Re: batch') ? [text] : []))
  assert.deepEqual(heard, ['Re: batch two', 'Re: batch one', 'Re: batch three'])
})

test('a failed send is made anew as a message of its own that is linked to the old one', async () => {
  const { gateway, ada, get, post } = scene
  const created = await gateway.client.messages.create({
    body: 'to nobody',
    from: `messenger:${ada.pageId}`,
    to: 'messenger:99999999',
  })
  const failed: MessageDetail = await eventually('the failure', async () => {
    const now: MessageDetail = await get(`/messages/${created.sid}`)
    return now.status === 'failed' && now
  })
  assert.equal(failed.error?.code, 63016)
  assert.match(failed.error?.meanings[0]?.when ?? '', /Outside of the window/)
  assert.deepEqual(
    failed.replays.map(({ kind, warning }) => [kind, warning]),
    [['send', null]],
  )
  const again = await post(`/messages/${created.sid}/replay`, { id: newUuid(), kind: 'send' })
  assert.notEqual(again.json.madeSid, created.sid)
  const made: MessageDetail = await get(`/messages/${again.json.madeSid}`)
  assert.deepEqual([made.body, made.cause?.sid], ['to nobody', created.sid])
  const old: MessageDetail = await get(`/messages/${created.sid}`)
  assert.equal(old.effects[0]?.sid, again.json.madeSid)
  assert.match(old.replays[0]?.warning ?? '', /sent anew before/)
})

test('a callback as a curl command holds a signature that is valid', async () => {
  const { customer, ada, get, gateway } = scene
  customer.answer('/curl', { body: '<Response/>' })
  const path = '/curl?a=b&list[]={x,y}'
  await scene.pointPageAt({ callback_url: customer.url + path })
  await ada.say("it's me; rm -rf")
  const isCall = ({ path: called }: { path: string }) => called.startsWith('/curl?a=b&list')
  await customer.next(isCall)
  const heard = await newestMessage(scene, 'text=rm+-rf')
  const call = await eventually('the call', async () => {
    const detail: MessageDetail = await get(`/messages/${heard.sid}`)
    return detail.steps.find(({ kind }) => kind === 'exchange')?.exchange
  })
  const { command } = await get(`/messages/${heard.sid}/exchanges/${call.id}/curl`)
  assert.ok(!command.includes(gateway.account.authToken))
  await new Promise((resolve, reject) =>
    execFile('sh', ['-c', command], (error) => (error ? reject(error) : resolve(0))),
  )
  const repeated = await customer.next(isCall)
  assert.ok(repeated.signatureIsValid(gateway.account.authToken))
  assert.equal(repeated.params.Body, "it's me; rm -rf")
})
