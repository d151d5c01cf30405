import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type CustomerServer, startCustomerServer } from '../customer-server.ts'
import { eventually } from '../eventually.ts'
import { type FileServer, PDF, PNG, type ServedFile, startFileServer } from '../file-server.ts'
import { type ConnectedPage, type MetaGateway, startMetaGateway } from '../meta-gateway.ts'
import { entryOf, fromPerson, postEntries } from '../meta-webhooks.ts'
import { assertTwilioError } from '../twilio-error.ts'
import { assertDescribed } from '../twilio-schema.ts'

const OF_TWILIO = '/2010-04-01/Accounts/{AccountSid}/Messages/{MessageSid}/Media'
const NO_SID = `ME${'0'.repeat(32)}`

let gateway: MetaGateway
let customer: CustomerServer
let files: FileServer
let page: ConnectedPage
let counter = 0

before(async () => {
  gateway = await startMetaGateway()
  customer = await startCustomerServer()
  files = await startFileServer()
  page = await gateway.connectPage({ webhook: { callback_url: `${customer.url}/in` } })
})
after(async () => {
  await gateway?.stop()
  await customer?.stop()
  await files?.stop()
})

type Told = { sid: string; psid: string; urls: string[]; params: Record<string, string> }

/** Somebody new sends these files; answers what the customer was told. */
async function sends(...given: (ServedFile & { name?: string; as?: string })[]): Promise<Told> {
  const psid = gateway.newPerson()
  const attachments = given.map(({ name = 'owl.png', as = 'image', ...file }) => {
    counter += 1
    return { type: as, payload: { url: files.serve(`/${counter}/${name}`, file) } }
  })
  const message = { mid: `m_media_${counter}`, attachments }
  const posted = await postEntries(gateway.url, entryOf(page.pageId, fromPerson(page.pageId, psid, { message })))
  assert.equal(posted.status, 200)
  const { params } = await customer.next((request) => request.params.From === `messenger:${psid}`)
  const urls = given.map((_, nth) => params[`MediaUrl${nth}`] ?? '')
  return { sid: params.MessageSid ?? '', psid, urls, params }
}

const local = (url: string) => url.replace(/^http:\/\/localhost:\d+/, '')
const load = (url: string, headers: Record<string, string> = {}, method = 'GET') => fetch(url, { method, headers })
const read = async (path: string) => (await gateway.call('GET', path)).json() as MediaList
type MediaList = {
  media_list: { sid: string }[]
  next_page_uri: string | null
  previous_page_uri: string | null
  uri: string
}
const sids = ({ media_list: list }: MediaList) => list.map((media) => media.sid)
const messageUri = (sid: string) => `/2010-04-01/Accounts/${gateway.account.sid}/Messages/${sid}`
const password = () => ({ Authorization: `Basic ${btoa(`${gateway.account.sid}:${gateway.account.authToken}`)}` })

async function setAccess(access: string) {
  const path = `/2010-04-01/Accounts/${gateway.account.sid}/MediaSettings.json`
  const changed = await gateway.call('POST', path, new URLSearchParams({ Access: access }))
  assert.deepEqual([changed.status, changed.json().access], [200, access])
  assert.equal((await gateway.call('GET', path)).json().access, access)
}

test('media are listed in the order of the message, in pages, by date, and fetched one by one', async () => {
  const { sid, urls } = await sends({}, { type: 'application/pdf', body: PDF, as: 'file' }, {})
  const list = `${messageUri(sid)}/Media.json`

  const whole = await gateway.call('GET', list)
  assertDescribed('twilio_api_v2010', `GET ${OF_TWILIO}.json`, whole)
  const all = sids(whole.json() as MediaList)
  assert.deepEqual(
    all,
    urls.map((url) => url.split('/').at(-1)),
  )
  const media = await gateway.call('GET', `${messageUri(sid)}/Media/${all[1]}.json`)
  assertDescribed('twilio_api_v2010', `GET ${OF_TWILIO}/{Sid}.json`, media)
  const { date_created, date_updated, ...rest } = media.json()
  assert.deepEqual(rest, {
    sid: all[1],
    account_sid: gateway.account.sid,
    parent_sid: sid,
    content_type: 'application/pdf',
    uri: `${messageUri(sid)}/Media/${all[1]}.json`,
  })

  const first = await read(`${list}?PageSize=2`)
  assert.deepEqual([sids(first), first.previous_page_uri], [all.slice(0, 2), null])
  const second = await read(first.next_page_uri ?? '')
  assert.deepEqual([sids(second), second.next_page_uri], [all.slice(2), null])
  assert.deepEqual(sids(await read(second.previous_page_uri ?? '')), all.slice(0, 2))
  assert.equal((await gateway.client.messages(sid).media.list({ pageSize: 1 })).length, 3)

  await gateway.sql`update media set created_at = '2026-01-02T03:04:05Z' where nth = 0`
  assert.deepEqual(sids(await read(`${list}?DateCreated=2026-01-02`)), all.slice(0, 1))
  assert.deepEqual(sids(await read(`${list}?DateCreated%3E=2026-01-03`)), all.slice(1))
  assert.deepEqual(sids(await read(`${list}?DateCreated%3C=2026-01-01`)), [])
  assertTwilioError(await gateway.call('GET', `${list}?PageToken=PAMM${'0'.repeat(32)}`), 400, 21481)
})

test('a file is loaded with its type, its name and what keeps it from harm, with and without an ending', async () => {
  const name = "attachment; filename*=UTF-8''Men%C3%BC.pdf"
  const { urls } = await sends({
    type: 'application/pdf',
    body: PDF,
    headers: { 'Content-Disposition': name },
    as: 'file',
  })

  for (const url of [urls[0], `${urls[0]}.pdf`]) {
    const answer = await load(url ?? '')
    assert.equal(answer.status, 200)
    assert.deepEqual(Buffer.from(await answer.arrayBuffer()), PDF)
    const { headers } = answer
    assert.equal(headers.get('content-type'), 'application/pdf')
    assert.equal(headers.get('content-length'), String(PDF.length))
    assert.equal(headers.get('content-disposition'), `attachment; filename="Men_.pdf"; filename*=UTF-8''Men%C3%BC.pdf`)
    assert.equal(headers.get('x-content-type-options'), 'nosniff')
    assert.match(headers.get('content-security-policy') ?? '', /default-src 'none'; sandbox$/)
    assert.equal(headers.get('accept-ranges'), 'bytes')
  }
})

test('a file is loaded in parts, asked about, and not loaded again by whoever has it', async () => {
  const { urls } = await sends({})
  const [url = ''] = urls
  const part = async (range: string, headers = {}) => {
    const answer = await load(url, { Range: range, ...headers })
    return [answer.status, answer.headers.get('content-range'), Buffer.from(await answer.arrayBuffer())]
  }
  const size = PNG.length
  assert.deepEqual(await part('bytes=0-7'), [206, `bytes 0-7/${size}`, PNG.subarray(0, 8)])
  assert.deepEqual(await part('bytes=-4'), [206, `bytes ${size - 4}-${size - 1}/${size}`, PNG.subarray(-4)])
  assert.deepEqual(await part(`bytes=${size - 1}-999`), [
    206,
    `bytes ${size - 1}-${size - 1}/${size}`,
    PNG.subarray(-1),
  ])
  assert.deepEqual(await part(`bytes=${size}-`), [416, `bytes */${size}`, Buffer.alloc(0)])
  assert.deepEqual(await part('bytes=0-1', { 'If-Range': '"another"' }), [200, null, PNG])

  const head = await load(url, {}, 'HEAD')
  const etag = head.headers.get('etag') ?? ''
  assert.deepEqual([head.status, head.headers.get('content-length')], [200, String(size)])
  assert.equal((await load(url, { 'If-None-Match': etag })).status, 304)
  assert.equal((await load(url, { 'If-Modified-Since': head.headers.get('last-modified') ?? '' })).status, 304)
  assert.equal((await load(url, { 'If-None-Match': '"another"' })).status, 200)
  assert.deepEqual((await part('bytes=0-1', { 'If-Range': etag }))[0], 206)
})

test('what a file is, its bytes say; a page or a drawing with a script is for download, never for show', async () => {
  const script = '<html><script>alert(1)</script></html>'
  const { params, urls } = await sends(
    { type: 'image/jpeg' },
    { type: 'image/png', body: script, as: 'file' },
    { type: 'text/html', body: script, as: 'file' },
    { type: 'image/svg+xml', body: '<svg onload="alert(1)"/>', as: 'file' },
  )
  const types = [0, 1, 2, 3].map((nth) => params[`MediaContentType${nth}`])
  assert.deepEqual(types, ['image/png', 'application/octet-stream', 'text/html', 'image/svg+xml'])
  for (const [nth, url] of urls.entries()) {
    const { headers } = await load(url)
    assert.match(headers.get('content-disposition') ?? '', nth === 0 ? /^inline/ : /^attachment/)
    assert.equal(headers.get('x-content-type-options'), 'nosniff')
    assert.match(headers.get('content-security-policy') ?? '', /sandbox/)
  }
})

test('the account decides whether its files need a password; a signed URL needs none until it expires', async () => {
  const { sid, urls } = await sends({})
  const [url = ''] = urls
  const signing = `${local(url)}/SignedUrl.json`
  assert.equal((await load(url)).status, 200)

  await setAccess('auth')
  assertTwilioError(await gateway.call('GET', local(url), undefined, ''), 401, 20003)
  assertTwilioError(await gateway.call('GET', local(url), undefined, `${gateway.account.sid}:wrong`), 401, 20003)
  assertTwilioError(await gateway.call('GET', `${messageUri(sid)}/Media/${NO_SID}`, undefined, ''), 401, 20003)
  assert.equal((await load(url, password())).status, 200)

  const made = await gateway.call('POST', signing, new URLSearchParams({ ExpiresIn: '60' }))
  assert.deepEqual([made.status, made.json().expires_in], [201, 60])
  const signed = made.json().url as string
  assert.equal((await load(signed)).status, 200)
  for (const wrong of [
    signed.replace(/Expires=(\d)/, 'Expires=9'),
    `${signed.slice(0, -1)}${signed.endsWith('A') ? 'B' : 'A'}`,
    signed.replace(/&Signature.*/, ''),
    signed.replace(/Media\/ME./, (start) => `${start.slice(0, -1)}${start.endsWith('f') ? '0' : 'f'}`),
  ]) {
    assert.equal((await load(wrong)).status, 401, wrong)
  }
  for (const given of ['0', '604801', 'soon', '-1']) {
    assertTwilioError(await gateway.call('POST', signing, new URLSearchParams({ ExpiresIn: given })), 400, 20422)
  }

  await setAccess('signed')
  const later = await sends({})
  assert.match(later.urls[0] ?? '', /\?Expires=\d+&Signature=[\w-]{43}$/)
  assert.equal((await load(later.urls[0] ?? '')).status, 200)
  assert.equal((await load(later.urls[0]?.split('?')[0] ?? '')).status, 401)
  await setAccess('public')
  const settings = `/2010-04-01/Accounts/${gateway.account.sid}/MediaSettings.json`
  assertTwilioError(await gateway.call('POST', settings, new URLSearchParams({ Access: 'all' })), 400, 20422)
})

test('a deleted media is gone and the others stay; the message still counts what it came with', async () => {
  const { sid, urls } = await sends({}, {})
  const [first = '', second = ''] = urls
  const item = `${local(first)}.json`

  assert.equal(
    await gateway.client
      .messages(sid)
      .media(first.split('/').at(-1) ?? '')
      .remove(),
    true,
  )

  for (const method of ['GET', 'DELETE']) assertTwilioError(await gateway.call(method, item), 404, 20404)
  assertTwilioError(await gateway.call('GET', local(first)), 404, 20404)
  assert.deepEqual(
    sids(await read(`${messageUri(sid)}/Media.json`)).map((each) => second.endsWith(each)),
    [true],
  )
  assert.equal((await load(second)).status, 200)
  assert.equal((await gateway.client.messages(sid).fetch()).numMedia, '2')
})

test('a redacted message keeps its media, a deleted one does not', async () => {
  const { sid, urls } = await sends({})
  await gateway.client.messages(sid).update({ body: '' })
  assert.equal((await load(urls[0] ?? '')).status, 200)

  await gateway.client.messages(sid).remove()

  assert.equal((await load(urls[0] ?? '')).status, 404)
  assertTwilioError(await gateway.call('GET', `${messageUri(sid)}/Media.json`), 404, 20404)
  const left = await gateway.sql`select from media where message_id::text = ${sid.slice(2)}`
  assert.equal(left.length, 0)
})

test('media of a message that is still to be sent cannot be deleted: 20009', async () => {
  const other = await gateway.connectPage()
  const psid = gateway.newPerson()
  await gateway.says(psid, other.pageId, 'hi')
  gateway.meta.renewToken(other.pageId)
  const created = await gateway.create({
    From: `messenger:${other.pageId}`,
    To: `messenger:${psid}`,
    MediaUrl: files.serve('/later.png', {}),
  })
  const list = `${messageUri(created.json().sid as string)}/Media.json`
  const [media] = sids(await read(list))
  assertTwilioError(await gateway.call('DELETE', list.replace('.json', `/${media}.json`)), 409, 20009)
})

test('what is not there, or not of this message or account, is not found', async () => {
  const [one, other] = [await sends({}), await sends({})]
  const foreign = local(other.urls[0] ?? '').replace(other.sid, one.sid)
  const paths = [
    foreign,
    `${foreign}.json`,
    `${messageUri(one.sid)}/Media/${NO_SID}`,
    `${messageUri(one.sid)}/Media/${NO_SID}.json`,
    `${messageUri(one.sid)}/Media/nothing`,
    `${messageUri(one.sid.replace('MM', 'SM'))}/Media.json`,
    `${messageUri(`MM${'0'.repeat(32)}`)}/Media.json`,
  ]
  for (const path of paths) assertTwilioError(await gateway.call('GET', path), 404, 20404)
  assertTwilioError(await gateway.call('POST', local(one.urls[0] ?? '')), 405, 20004)
  const stranger = local(one.urls[0] ?? '').replace(gateway.account.sid, `AC${'1'.repeat(32)}`)
  assertTwilioError(await gateway.call('GET', stranger), 401, 20003)
  for (const path of [`${messageUri('%00')}/Media/%00`, `/2010-04-01/Accounts/%00/Messages/x/Media/${NO_SID}`]) {
    assert.ok((await gateway.call('GET', path)).status < 500, path)
  }
})

test('a message without media has an empty list', async () => {
  const psid = gateway.newPerson()
  await gateway.says(psid, page.pageId, 'only words')
  const { params } = await customer.next((request) => request.params.From === `messenger:${psid}`)
  assert.deepEqual(sids(await read(`${messageUri(params.MessageSid ?? '')}/Media.json`)), [])
})

test('the Media of a message that we send is there from the beginning, and its file once it is sent', async () => {
  const psid = gateway.newPerson()
  await gateway.says(psid, page.pageId, 'hi')
  const created = await gateway.create({
    From: `messenger:${page.pageId}`,
    To: `messenger:${psid}`,
    MediaUrl: files.serve('/ours.png', { headers: { 'Content-Disposition': 'inline; filename="cup.png"' } }),
  })
  const { sid, subresource_uris: uris } = created.json() as { sid: string; subresource_uris: { media: string } }
  const [media = ''] = sids(await read(uris.media))
  await eventually('it to be sent', async () => (await gateway.client.messages(sid).fetch()).status === 'sent')
  const answer = await gateway.call('GET', uris.media.replace('.json', `/${media}`))
  assert.deepEqual([answer.status, answer.headers.get('content-disposition')], [200, 'inline; filename="cup.png"'])
})
