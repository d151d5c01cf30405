/**
 * What Pagewire is measured against: bare programs that do the same HTTP and store nothing.
 * `/Messages.json`: parses the form, answers the same JSON (accept). With a Meta: posts the same JSON there first in the
 * background (relay). `/webhooks/messenger`: asks the customer, reads the TwiML, sends to Meta, answers (full round).
 */
import { randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import { Pool } from 'undici'

const [, , port, metaPort, customerPort] = process.argv
const meta = metaPort ? new Pool(`http://127.0.0.1:${metaPort}`, { connections: 128, pipelining: 1 }) : undefined
const customer = customerPort
  ? new Pool(`http://127.0.0.1:${customerPort}`, { connections: 128, pipelining: 1 })
  : undefined

async function send(to: string, from: string, text: string): Promise<void> {
  const body = JSON.stringify({ recipient: { id: to }, messaging_type: 'RESPONSE', message: { text } })
  const answer = await (meta as Pool).request({
    method: 'POST',
    path: `/v25.0/${from}/messages`,
    headers: { 'content-type': 'application/json', authorization: 'Bearer token' },
    body,
  })
  await answer.body.json()
}

const server = createServer((request, response) => {
  let body = ''
  request.setEncoding('utf8')
  request.on('data', (chunk: string) => {
    body += chunk
  })
  request.on('end', async () => {
    if (request.url === '/webhooks/messenger') {
      const item = JSON.parse(body).entry[0].messaging[0]
      response.writeHead(200, { 'Content-Length': 2 }).end('ok')
      const form = new URLSearchParams({ From: `messenger:${item.sender.id}`, Body: item.message.text }).toString()
      const answer = await (customer as Pool).request({
        method: 'POST',
        path: '/reply',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: form,
      })
      const text = /<Message>(.*?)<\/Message>/.exec(await answer.body.text())?.[1] ?? ''
      return send(item.sender.id, item.recipient.id, text)
    }
    const form = new URLSearchParams(body)
    const sid = `SM${randomUUID().replaceAll('-', '')}`
    const account = (request.url ?? '').split('/')[3]
    const now = new Date().toUTCString().replace('GMT', '+0000')
    const uri = `/2010-04-01/Accounts/${account}/Messages/${sid}`
    const text = JSON.stringify({
      body: form.get('Body'),
      num_segments: '1',
      direction: 'outbound-api',
      from: form.get('From'),
      to: form.get('To'),
      date_updated: now,
      price: null,
      error_message: null,
      uri: `${uri}.json`,
      account_sid: account,
      num_media: '0',
      date_created: now,
      status: 'queued',
      sid,
      date_sent: null,
      messaging_service_sid: null,
      error_code: null,
      price_unit: null,
      api_version: '2010-04-01',
      subresource_uris: { media: `${uri}/Media.json` },
    })
    response.writeHead(201, { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(text) }).end(text)
    if (meta) await send((form.get('To') ?? '').slice(10), (form.get('From') ?? '').slice(10), form.get('Body') ?? '')
  })
})
server.keepAliveTimeout = 60_000
server.listen(Number(port), '127.0.0.1', () => process.send?.('ready'))
