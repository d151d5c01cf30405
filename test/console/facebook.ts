/** A person who goes through Facebook Login, as their browser would, at the built-in Messenger. */
import type { Page, PageRole, SandboxState } from '../../src/sandbox/contract.ts'
import type { Gateway } from '../gateway.ts'
import type { Visitor, VisitorAnswer } from './visitor.ts'

/** The address under which Facebook sends people back. */
export const atPublicUrl = ({ url }: Pick<Gateway, 'url'>) => ({ url: url.replace('127.0.0.1', 'localhost') })

export type Answer = { cancel?: true; pages?: { id: string; role?: PageRole }[]; without?: string[]; person?: number }

export const MESSENGER = (gateway: Pick<Gateway, 'account'>, accountSid: string = gateway.account.sid) =>
  `/accounts/${accountSid}/channels/messenger`

async function ask<T>(url: string, body?: object): Promise<T> {
  const response = await fetch(url, {
    method: body ? 'POST' : 'GET',
    ...(body && { headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) }),
  })
  const text = await response.text()
  if (!response.ok) throw new Error(`${url}: ${response.status} ${text}`)
  return JSON.parse(text) as T
}

export const addPage = (gateway: Gateway, name: string, business?: string): Promise<Page> =>
  ask(`${gateway.url}/sandbox/api/pages`, { name, ...(business && { business }) })

/** Where the dialog is, and with what it is asked. */
export async function dialogOf(gateway: Gateway, visitor: Visitor, query = '', accountSid?: string): Promise<URL> {
  const { url } = atPublicUrl(gateway)
  const response = await fetch(`${url}/console/api${MESSENGER(gateway, accountSid)}/login${query}`, {
    redirect: 'manual',
    headers: { Cookie: visitor.cookie() },
  })
  const location = response.headers.get('location')
  if (response.status !== 302 || location === null)
    throw new Error(`no dialog: ${response.status} ${await response.text()}`)
  return new URL(location)
}

/** Answers the dialog, which sends the browser back; answers where. */
export async function answerDialog(gateway: Gateway, dialog: URL, answer: Answer): Promise<URL> {
  const { cancel, pages = [], without = [], person = 0 } = answer
  const { people } = await ask<SandboxState>(`${gateway.url}/sandbox/api/state`)
  const scopes = (dialog.searchParams.get('scope') ?? '').split(',').filter((scope) => !without.includes(scope))
  const { location } = await ask<{ location: string }>(`${gateway.url}/sandbox/api/login-dialog${dialog.search}`, {
    ...(cancel
      ? { cancel }
      : { cancel: false, person: people[person]?.id, scopes, pages: pages.map((page) => ({ role: 'full', ...page })) }),
  })
  return new URL(location)
}

/** Where the console then leads; the status when it does not. */
export async function comeBack(visitor: Visitor, back: URL): Promise<string | number> {
  const response = await fetch(back.href.split('#')[0] as string, {
    redirect: 'manual',
    headers: { Cookie: visitor.cookie() },
  })
  return response.headers.get('location') ?? response.status
}

/** There and back; answers the Pages that one may choose from then. */
export async function logInAtFacebook(
  gateway: Gateway,
  visitor: Visitor,
  answer: Answer,
  query = '',
): Promise<VisitorAnswer> {
  const dialog = await dialogOf(gateway, visitor, query)
  await comeBack(visitor, await answerDialog(gateway, dialog, answer))
  return await visitor.call('GET', `${MESSENGER(gateway)}/pages${query}`)
}

/** What the page of a new instance sends. */
export const SETTINGS = {
  uniqueName: null,
  callbackUrl: null,
  callbackMethod: 'POST',
  fallbackUrl: null,
  fallbackMethod: 'POST',
  statusCallbackUrl: null,
  statusCallbackMethod: 'POST',
  outsideWindow: 'account_update',
  optOut: null,
}
