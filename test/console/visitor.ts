/** A person at the console, as a browser would be: keeps the session's cookie. */
import type { Gateway } from '../gateway.ts'

export const ADMIN = { email: 'admin@localhost', password: 'the first password' }
/** For `startGateway`. */
export const WITH_ADMIN = { PAGEWIRE_ADMIN_PASSWORD: ADMIN.password }

export type Visitor = {
  cookie: () => string
  call: (method: string, path: string, body?: object, headers?: Record<string, string>) => Promise<VisitorAnswer>
}

// biome-ignore lint/suspicious/noExplicitAny: the tests look into answers of every shape.
export type VisitorAnswer = { status: number; headers: Headers; json: any }

/** `path` below `/console/api`. */
export function newVisitor({ url }: Pick<Gateway, 'url'>): Visitor {
  let cookie = ''
  return {
    cookie: () => cookie,
    async call(method, path, body, headers = {}) {
      const response = await fetch(`${url}/console/api${path}`, {
        method,
        headers: {
          ...(cookie && { Cookie: cookie }),
          ...(body && { 'Content-Type': 'application/json' }),
          ...headers,
        },
        ...(body && { body: JSON.stringify(body) }),
      })
      for (const each of response.headers.getSetCookie()) cookie = each.split(';')[0] as string
      const text = await response.text()
      return { status: response.status, headers: response.headers, json: text === '' ? undefined : JSON.parse(text) }
    },
  }
}

export async function signIn(gateway: Pick<Gateway, 'url'>, who = ADMIN): Promise<Visitor> {
  const visitor = newVisitor(gateway)
  const { status } = await visitor.call('POST', '/session', who)
  if (status !== 200) throw new Error(`signing in as ${who.email} was answered ${status}`)
  return visitor
}

/** Somebody new with a role in an account, invited by `by` and signed in. */
export async function joinAs(
  gateway: Pick<Gateway, 'url'>,
  by: Visitor,
  accountSid: string,
  role: string,
  email = `${role}@example.com`,
): Promise<Visitor> {
  const { json } = await by.call('POST', `/accounts/${accountSid}/people/invitations`, { email, role })
  const visitor = newVisitor(gateway)
  const token = json.url.split('/').at(-1)
  const joined = await visitor.call('POST', `/links/${token}`, { name: role, password: `password of ${role}` })
  if (joined.status !== 200) throw new Error(`${email} could not join: ${joined.status}`)
  return visitor
}
