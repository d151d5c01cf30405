/** The built web pages: the console at `/`, the built-in Messenger at `/sandbox/`. */
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import fastifyStatic from '@fastify/static'
import type { FastifyInstance, FastifyReply } from 'fastify'

const DIST = fileURLToPath(new URL('../web/dist/', import.meta.url))

/** Styles are set on elements by the components (Mantine). */
const POLICY =
  "default-src 'self'; style-src 'self' 'unsafe-inline'; script-src 'self'; connect-src 'self'; object-src 'none'; " +
  "base-uri 'none'; form-action 'self'; frame-ancestors 'none'; "
/** The console shows our own copies of files alone. */
const CONSOLE_POLICY = `${POLICY}img-src 'self' data: blob:; media-src 'self'`
/** The built-in Messenger shows what a message names, wherever it is, as Messenger does. */
const MESSENGER_POLICY = `${POLICY}img-src 'self' data: blob: https: http:; media-src 'self' http: https:`

const CONSOLE = 'index.html'

const HTML_HEADERS = {
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'same-origin',
  'Cache-Control': 'no-cache',
}

export async function registerPages(server: FastifyInstance, sandbox: boolean): Promise<void> {
  if (!existsSync(DIST)) {
    server.log.warn('web/dist is missing: the pages are built by npm start')
    return
  }
  await server.register(fastifyStatic, {
    root: `${DIST}assets/`,
    prefix: '/assets/',
    immutable: true,
    maxAge: '365d',
    index: false,
    // The page API of the plugin serves single files.
    decorateReply: true,
  })
  const page = (file: string) => (_request: unknown, reply: FastifyReply) =>
    reply
      .headers(HTML_HEADERS)
      .header('Content-Security-Policy', file === CONSOLE ? CONSOLE_POLICY : MESSENGER_POLICY)
      .sendFile(file, DIST, { cacheControl: false })
  // The console's own addresses: what they lead to is decided in the browser.
  for (const path of ['/', '/sign-in', '/setup/:token', '/join/:token', '/me']) server.get(path, page(CONSOLE))
  server.get('/:accountSid(^AC[0-9a-f]{32}$)', page(CONSOLE))
  server.get('/:accountSid(^AC[0-9a-f]{32}$)/*', page(CONSOLE))
  if (!sandbox) return
  server.get('/sandbox', (_request, reply) => reply.redirect('/sandbox/'))
  server.get('/sandbox/', page('sandbox/index.html'))
  server.get('/sandbox/m/:pageId', page('sandbox/index.html'))
  // Where Facebook has its login dialog.
  server.get('/sandbox/dialog/oauth', page('sandbox/index.html'))
  server.get('/sandbox/:version(^v\\d+\\.\\d+$)/dialog/oauth', page('sandbox/index.html'))
}
