/** Answers that are none of the Graph API's: what a caller sees when something between it and Meta breaks. */
import type { FastifyReply } from 'fastify'

/** In place of a call's JSON. `reset`: the connection ends without an answer. */
export class Broken {
  readonly how: 'reset' | 'html' | 'not-json'

  constructor(how: Broken['how']) {
    this.how = how
  }
}

const HTML =
  '<!DOCTYPE html><html lang="en"><head><title>Facebook | Error</title></head><body><h1>Sorry, something went wrong.</h1>' +
  "<p>We're working on it and we'll get it fixed as soon as we can.</p></body></html>"

export function answerBroken(reply: FastifyReply, how: Broken['how']): FastifyReply {
  if (how === 'html') return reply.code(500).header('content-type', 'text/html; charset="utf-8"').send(HTML)
  if (how === 'not-json') {
    // What it would have said, cut off: 200, the right content type, and no JSON.
    return reply.header('content-type', 'application/json; charset=UTF-8').send('{"recipient_id":"')
  }
  reply.hijack()
  reply.raw.socket?.resetAndDestroy()
  return reply
}
