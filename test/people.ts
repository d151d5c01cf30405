/** People at the built-in Messenger, through the API that its chat page uses. */
import type { SandboxState, ThreadDetail, ThreadMessage } from '../src/sandbox/contract.ts'
import { eventually } from './eventually.ts'

export type PersonAtPage = {
  pageId: string
  psid: string
  say: (text: string, more?: object) => Promise<ThreadMessage>
  tap: (title: string, payload: string) => Promise<ThreadMessage>
  look: () => Promise<void>
  takeBack: (mid: string) => Promise<void>
  thread: () => Promise<ThreadDetail>
  /** The text of the Page that is or matches this, once it is in the chat. */
  hears: (expected: string | RegExp) => Promise<string>
}

async function ask<T>(url: string, method = 'GET', body?: object): Promise<T> {
  const response = await fetch(url, {
    method,
    ...(body && { headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) }),
  })
  const text = await response.text()
  if (!response.ok) throw new Error(`${method} ${url}: ${response.status} ${text}`)
  return (text ? JSON.parse(text) : undefined) as T
}

export const sandboxState = (gatewayUrl: string): Promise<SandboxState> => ask(`${gatewayUrl}/sandbox/api/state`)

/** The nth person at the nth Page; `start` opens the chat, which tells the person's page-scoped id. */
export async function personAtPage(gatewayUrl: string, person = 0, page = 0): Promise<PersonAtPage> {
  const state = await sandboxState(gatewayUrl)
  const pageId = state.pages[page]?.id as string
  const thread = `${gatewayUrl}/sandbox/api/threads/${pageId}/${state.people[person]?.id}`
  const { psid } = await ask<ThreadDetail>(thread)
  return {
    pageId,
    psid,
    say: (text, more = {}) => ask(`${thread}/messages`, 'POST', { text, ...more }),
    tap: (title, payload) => ask(`${thread}/postbacks`, 'POST', { title, payload }),
    look: () => ask(`${thread}/read`, 'POST'),
    takeBack: (mid) => ask(`${thread}/messages/${mid}`, 'DELETE'),
    thread: () => ask(thread),
    hears: (expected) =>
      eventually(`the Page to say ${expected}`, async () => {
        const { messages } = await ask<ThreadDetail>(thread)
        const fits = (text: string) => (typeof expected === 'string' ? text === expected : expected.test(text))
        return messages.findLast((message) => message.from === 'page' && fits(message.text ?? ''))?.text ?? undefined
      }),
  }
}
