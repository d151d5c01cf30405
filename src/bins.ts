/** `/bins/{name}`: TwiML documents kept here, so that a Page can answer with no server of one's own. */
import type { FastifyInstance } from 'fastify'
import { findBin } from '#store/bins.ts'
import type { Sql } from '#store/connection.ts'

export function registerBins(server: FastifyInstance, sql: Sql): void {
  server.register(async (scope) => {
    // Whatever Twilio-like caller posts is accepted and not looked at.
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', (_request, payload, done) => {
      payload.resume().on('end', () => done(null))
    })
    scope.route({
      method: ['GET', 'POST'],
      url: '/bins/:name',
      handler: async (request, reply) => {
        const { name } = request.params as { name: string }
        const twiml = await findBin(sql, name)
        if (twiml === undefined) return reply.code(404).type('text/plain').send(`There is no TwiML bin named ${name}`)
        return reply.type('text/xml').send(twiml)
      },
    })
  })
}
