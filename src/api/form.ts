/** Form and query parameters by Twilio's names. Unknown ones are ignored (twilio.md 1.2). */
export type Form = {
  /** The first value, or null. An empty value is an empty string. */
  one: (name: string) => string | null
  all: (name: string) => string[]
}

export function readForm(text: string): Form {
  const params = new URLSearchParams(text)
  return { one: (name) => params.get(name), all: (name) => params.getAll(name) }
}

/** What follows the first question mark, as it was written. */
export const queryOf = (url: string): string => (url.includes('?') ? url.slice(url.indexOf('?') + 1) : '')

/** The query of a request, undecoded by the router. */
export const readQuery = (url: string): Form => readForm(queryOf(url))

/** The body of a scope that takes forms; empty when there is none. */
export const formOf = (request: { body?: unknown }): Form => (request.body as Form | undefined) ?? readForm('')
