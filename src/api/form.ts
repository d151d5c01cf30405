/** Form and query parameters by Twilio's names. Unknown ones are ignored (twilio.md 1.2). */
import type { FastifyInstance } from 'fastify'

export type Form = {
  /** The first value, or null. An empty value is an empty string. */
  one: (name: string) => string | null
  all: (name: string) => string[]
}

export function readForm(text: string): Form {
  const params = new URLSearchParams(text)
  return { one: (name) => params.get(name), all: (name) => params.getAll(name) }
}

/** The query of a request, undecoded by the router. */
export const readQuery = (url: string): Form => readForm(url.includes('?') ? url.slice(url.indexOf('?') + 1) : '')

/** Bodies of this scope are forms; `request.body` is a `Form`, also when there is no body. */
export function parseForms(scope: FastifyInstance): void {
  scope.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, body, done) =>
    done(null, readForm(body as string)),
  )
}

export const formOf = (request: { body?: unknown }): Form => (request.body as Form | undefined) ?? readForm('')
