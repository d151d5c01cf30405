/**
 * A cheap stand-in for Meta: answers every send at once, counts them; `/kannel` is a send too, the only one that Kannel
 * can make. `GET /count` tells; `DELETE /count` begins anew.
 */
import { createServer } from 'node:http'

let count = 0
const server = createServer((request, response) => {
  const { method, url = '' } = request
  if (url === '/count') {
    if (method === 'DELETE') count = 0
    return json(String(count))
  }
  request.resume()
  request.on('end', () => {
    if ((method === 'POST' && url.endsWith('/messages')) || url.startsWith('/kannel?')) {
      count += 1
      return json(`{"recipient_id":"1","message_id":"m_${count.toString(36)}_${process.pid}"}`)
    }
    const id = /\/(\d+)(\?|$)/.exec(url)?.[1]
    json(id && method === 'GET' ? `{"id":"${id}","name":"Page ${id}"}` : '{"success":true}')
  })
  function json(text: string) {
    response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': text.length })
    response.end(text)
  }
})
server.keepAliveTimeout = 60_000
server.listen(Number(process.argv[2]), '127.0.0.1', () => process.send?.('ready'))
