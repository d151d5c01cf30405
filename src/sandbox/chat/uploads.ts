/** Files that a person says something with, and how all files are served. */
import type { FastifyInstance } from 'fastify'
import { browserUrl, fileName, findFile, MAX_FILE_BYTES, putFile } from '../world/files.ts'
import { bareType, isShown, typeFor } from '../world/media-type.ts'
import type { World } from '../world/world.ts'
import { Refused } from './input.ts'

/** The body is the file itself, its Content-Type what it is; `?name=` may give its name. */
export function registerUploads(server: FastifyInstance, world: World): void {
  server.register(async (scope) => {
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser(
      /^(image\/|audio\/|video\/|application\/pdf)/,
      { parseAs: 'buffer', bodyLimit: MAX_FILE_BYTES },
      (_request, body, done) => done(null, body),
    )
    scope.post('/uploads', { bodyLimit: MAX_FILE_BYTES }, async (request) => {
      const bytes = request.body
      if (!Buffer.isBuffer(bytes) || bytes.length === 0) throw new Refused(400, 'the body must be the file')
      const declared = bareType(request.headers['content-type'] ?? '')
      const family = declared.split('/')[0]!
      const type = family === 'image' || family === 'audio' || family === 'video' ? family : 'file'
      const contentType = typeFor(type, declared, bytes)
      if (contentType === undefined || (type === 'file' && contentType !== 'application/pdf')) {
        throw new Refused(400, `the file is not what its Content-Type says (${declared.slice(0, 50)})`)
      }
      const { name } = request.query as { name?: unknown }
      const wanted = typeof name === 'string' ? name : ''
      const { ref } = await putFile(world.sql, { name: fileName(wanted, contentType), contentType, bytes })
      return { url: browserUrl(world, ref) }
    })
  })
}

/** `GET /sandbox/cdn/<random>/<name>`: whoever has the address may read, as with Meta's. */
export function registerCdn(server: FastifyInstance, world: World): void {
  server.get<{ Params: { id: string; name: string } }>('/:id/:name', async (request, reply) => {
    const { id } = request.params
    const file = /^[\w-]{24}$/.test(id) ? await findFile(world.sql, id) : undefined
    reply.header('x-content-type-options', 'nosniff').header('content-security-policy', 'sandbox')
    if (file === undefined) return reply.code(404).type('text/plain').send('URL signature mismatch')
    if (!isShown(file.contentType)) reply.header('content-disposition', `attachment; filename="${file.name}"`)
    return reply.type(file.contentType).header('cache-control', 'private, max-age=86400, immutable').send(file.bytes)
  })
}
