/** What the parts of a run share: who is who, the nodes, the time, and whether things still go wrong on purpose. */
import { setTimeout as wait } from 'node:timers/promises'
import type { GatewayNode } from './nodes.ts'
import type { Plan } from './plan.ts'

export const ACCOUNT = { sid: `AC${'d'.repeat(32)}`, token: 'e'.repeat(32) }
export const APP = { id: '1234567890', secret: 'the secret of the app', verify: 'the verify token' }

export type World = {
  plan: Plan
  nodes: GatewayNode[]
  /** False once the run is being brought to its end: nothing fails on purpose any more. */
  faulty: boolean
  /** Meta's clock and the database's are ahead of the real one by so much. */
  aheadMs: number
  /** What nobody should have been answered, such as a 400 to a valid request. */
  refusals: string[]
}

export const gatewayEnvironment = (metaUrl: string): Record<string, string> => ({
  PAGEWIRE_SANDBOX: 'off',
  PAGEWIRE_ALLOW_PRIVATE_CALLBACKS: 'true',
  PAGEWIRE_ACCOUNT_SID: ACCOUNT.sid,
  PAGEWIRE_AUTH_TOKEN: ACCOUNT.token,
  PAGEWIRE_SECRET_KEY: 'the secret key of the chaos run',
  META_APP_ID: APP.id,
  META_APP_SECRET: APP.secret,
  META_VERIFY_TOKEN: APP.verify,
  META_GRAPH_URL: metaUrl,
})

export const authorization = `Basic ${Buffer.from(`${ACCOUNT.sid}:${ACCOUNT.token}`).toString('base64')}`

/** A node that hangs is given up after this, and another one asked; it may still do what it was asked. */
const ANSWER_WITHIN_MS = 5000

export type Answer = { status: number; text: string; node: string }

/**
 * Asks random nodes, dead ones too, until one answers with `accepted`. What is neither that nor a reason to try again
 * (5xx, 429, no answer) is a refusal, and the end of it.
 */
export async function insist(
  world: World,
  what: string,
  request: { path: string; headers: Record<string, string>; body: string },
  accepted: number,
): Promise<Answer | undefined> {
  for (;;) {
    const node = world.nodes[Math.floor(Math.random() * world.nodes.length)] as GatewayNode
    const answer = await ask(node, request)
    if (answer?.status === accepted) return answer
    if (answer && answer.status < 500 && answer.status !== 429) {
      world.refusals.push(`${what}: ${answer.status} ${answer.text.slice(0, 300)} from ${node.name}`)
      return undefined
    }
    await wait(50 + Math.random() * 250)
  }
}

async function ask(
  node: GatewayNode,
  { path, headers, body }: { path: string; headers: Record<string, string>; body: string },
): Promise<Answer | undefined> {
  try {
    const signal = AbortSignal.timeout(ANSWER_WITHIN_MS)
    const response = await fetch(node.url + path, { method: 'POST', headers, body, signal })
    return { status: response.status, text: await response.text(), node: node.name }
  } catch {
    return undefined
  }
}
