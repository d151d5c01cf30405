/** The chat page's HTTP API, as `contract.ts` tells. Only JSON bodies are taken, so that no foreign web page can post. */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { SandboxState } from '../contract.ts'
import { registerDial } from '../dial/routes.ts'
import { createApp } from '../world/apps.ts'
import { createPage, listPages } from '../world/pages.ts'
import { createPerson, findPerson, listPeople } from '../world/people.ts'
import { openThread, type ThreadRow } from '../world/threads.ts'
import type { World } from '../world/world.ts'
import { idOf, Refused, readBlocked, readName, readPage, readPostback, readRef, readSay } from './input.ts'
import { registerLoginDialog } from './login-dialog.ts'
import { arrive, block, look, say, takeBack, tap } from './person.ts'
import { registerStream } from './stream.ts'
import { listThreads, showThread } from './thread-view.ts'
import { registerUploads } from './uploads.ts'

const MAX_BODY_BYTES = 128 * 1024

type ThreadRequest = FastifyRequest<{ Params: { page: string; person: string; mid: string } }>

export function registerChat(server: FastifyInstance, world: World): void {
  server.removeAllContentTypeParsers()
  server.addContentTypeParser(
    'application/json',
    { parseAs: 'string', bodyLimit: MAX_BODY_BYTES },
    (_request, body, done) => {
      try {
        done(null, body === '' ? undefined : JSON.parse(body as string))
      } catch {
        done(new Refused(400, 'the body is not JSON'))
      }
    },
  )
  server.setErrorHandler((error: Error & { statusCode?: number }, _request, reply) => {
    const status = error instanceof Refused ? error.status : (error.statusCode ?? 500)
    // Answered as everywhere on this server: with 503 while the database is away.
    if (status >= 500) throw error
    return reply.code(status).send({ error: error.message })
  })
  server.setNotFoundHandler((_request, reply) => reply.code(404).send({ error: 'no such path' }))

  server.get(
    '/state',
    async (): Promise<SandboxState> => ({
      people: await listPeople(world.sql),
      pages: await listPages(world),
      graphUrl: `${world.publicUrl}/graph`,
      appId: world.appId,
    }),
  )
  server.post('/people', async (request) => {
    const person = await createPerson(world.sql, readName(request.body))
    world.feed.publish({ type: 'state' })
    return person
  })
  server.post('/pages', async (request) => {
    const { name, business } = readPage(request.body)
    const pageId = await world.sql.begin((tx) => createPage(tx, world.appId, name, business))
    world.feed.publish({ type: 'state' })
    return (await listPages(world, pageId))[0]
  })
  server.get('/people/:person/threads', async (request) => {
    const threads = await listThreads(world, idOf((request.params as { person: string }).person))
    if (threads === undefined) throw new Refused(404, 'no such person')
    return threads
  })
  server.post('/apps', async (request) => createApp(world.sql, readName(request.body)))
  registerLoginDialog(server, world)
  registerThreads(server, world)
  registerDial(server, world)
  registerUploads(server, world)
  registerStream(server, world)
}

function registerThreads(server: FastifyInstance, world: World): void {
  const thread = '/threads/:page/:person'
  const find = (request: ThreadRequest) => findThread(world, request)

  server.get(thread, async (request: ThreadRequest) => showThread(world, await find(request)))
  server.post(`${thread}/messages`, async (request: ThreadRequest) => {
    const body = readSay(request.body)
    return say(world, (await find(request)).psid, body)
  })
  server.post(`${thread}/postbacks`, async (request: ThreadRequest) => {
    const body = readPostback(request.body)
    return tap(world, (await find(request)).psid, body)
  })
  server.post(`${thread}/start`, async (request: ThreadRequest) => {
    const ref = readRef(request.body)
    const { psid } = await find(request)
    if (ref !== null) await arrive(world, psid, ref)
    return showThread(world, await find(request))
  })
  server.post(`${thread}/read`, async (request: ThreadRequest, reply) => {
    await look(world, (await find(request)).psid)
    return reply.code(204).send()
  })
  server.put(`${thread}/blocked`, async (request: ThreadRequest, reply) => {
    const blocked = readBlocked(request.body)
    await block(world, (await find(request)).psid, blocked)
    return reply.code(204).send()
  })
  server.delete(`${thread}/messages/:mid`, async (request: ThreadRequest, reply) => {
    await takeBack(world, (await find(request)).psid, idOf(request.params.mid))
    return reply.code(204).send()
  })
}

async function findThread(world: World, request: ThreadRequest): Promise<ThreadRow> {
  const { page, person } = request.params
  const found = await openThread(world.sql, idOf(page), idOf(person))
  if (found !== undefined) return found
  const knownPerson = await findPerson(world.sql, person)
  throw new Refused(404, knownPerson === undefined ? 'no such person' : 'no such Page')
}
