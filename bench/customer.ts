/** A cheap customer's server: `/reply` answers one TwiML message, anything else nothing. `/arrive` notes when what came. */
import { createServer } from 'node:http'

const TWIML = '<?xml version="1.0" encoding="UTF-8"?><Response><Message>Thank you, we got it.</Message></Response>'
let arrivals: Record<string, number> = {}
const server = createServer((request, response) => {
  const { url = '' } = request
  if (url === '/arrivals') {
    if (request.method === 'DELETE') arrivals = {}
    return answer('application/json', JSON.stringify(arrivals))
  }
  const arrivedAt = performance.timeOrigin + performance.now()
  let body = ''
  request.setEncoding('latin1').on('data', (chunk: string) => {
    body += chunk
  })
  request.on('end', () => {
    if (url === '/arrive') arrivals[new URLSearchParams(body).get('Body') ?? ''] ??= arrivedAt
    if (url === '/reply') answer('text/xml', TWIML)
    else response.writeHead(204).end()
  })
  function answer(type: string, text: string) {
    response.writeHead(200, { 'Content-Type': type, 'Content-Length': text.length })
    response.end(text)
  }
})
server.keepAliveTimeout = 60_000
server.listen(Number(process.argv[2]), '127.0.0.1', () => process.send?.('ready'))
