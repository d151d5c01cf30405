/**
 * `/docs`: the REST API to read and to try, from `docs/openapi.json`. The page is Swagger UI's, with our start instead
 * of its own; nothing comes from elsewhere, and nothing that is not a file of ours can run in it.
 */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import fastifyStatic from '@fastify/static'
import type { FastifyInstance } from 'fastify'

const DOCUMENT = new URL('../docs/openapi.json', import.meta.url)
/** The package's own files, without its plugin: that one wants a generator of documents, and loosens the policy below. */
const SWAGGER_UI = fileURLToPath(new URL('./static/', import.meta.resolve('@fastify/swagger-ui')))
const SERVED = ['/swagger-ui.css', '/swagger-ui-bundle.js']

/** Links are relative, so that they hold behind a proxy that adds a path. */
const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Pagewire API</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="docs/ui/swagger-ui.css">
</head>
<body>
<main id="api"></main>
<script src="docs/ui/swagger-ui-bundle.js"></script>
<script src="docs/start.js"></script>
</body>
</html>
`

/** Credentials that are typed in stay in this page, and no validator of the internet is asked. */
const START = `SwaggerUIBundle({
  url: 'docs/openapi.json',
  dom_id: '#api',
  docExpansion: 'none',
  defaultModelsExpandDepth: -1,
  filter: true,
  deepLinking: true,
  persistAuthorization: false,
  validatorUrl: null,
})
`

export async function registerDocsPage(
  server: FastifyInstance,
  { version, publicUrl }: { version: string; publicUrl: string },
): Promise<void> {
  const document = JSON.parse(readFileSync(DOCUMENT, 'utf8'))
  const served = JSON.stringify({
    ...document,
    info: { ...document.info, version },
    servers: [{ url: publicUrl, description: 'This installation' }],
  })
  const headers = {
    'Content-Security-Policy':
      `default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; ` +
      `connect-src 'self' ${new URL(publicUrl).origin}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
    'X-Content-Type-Options': 'nosniff',
    'Referrer-Policy': 'no-referrer',
    'Cache-Control': 'no-cache',
  }
  server.get('/docs', (_request, reply) => reply.headers(headers).type('text/html').send(PAGE))
  server.get('/docs/', (_request, reply) => reply.redirect('../docs'))
  server.get('/docs/start.js', (_request, reply) => reply.headers(headers).type('text/javascript').send(START))
  server.get('/docs/openapi.json', (_request, reply) =>
    reply
      .headers({ ...headers, 'Access-Control-Allow-Origin': '*' })
      .type('application/json')
      .send(served),
  )
  await server.register(fastifyStatic, {
    root: SWAGGER_UI,
    prefix: '/docs/ui/',
    allowedPath: (path) => SERVED.includes(path),
    setHeaders: (reply) => void reply.header('X-Content-Type-Options', 'nosniff'),
    decorateReply: false,
    index: false,
  })
}
