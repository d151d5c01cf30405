/** Who speaks: people who write to Pages, and a customer's program that writes to people. Everything is numbered. */
import { setTimeout as wait } from 'node:timers/promises'
import type { Deliveries } from './deliveries.ts'
import type { Conversation } from './plan.ts'
import { randomOf } from './random.ts'
import { ACCOUNT, authorization, insist, type World } from './world.ts'

/** Accepted by Meta's 200. */
export type Said = { conversation: string; nth: number; mid: string; atMs: number }
/** Accepted by the API's 201. */
export type Created = { conversation: string; nth: number; sid: string; atMs: number; parts: number; node: string }

export type Speakers = {
  said: Said[]
  created: Created[]
  /** They say no more; comes back when what they have begun is accepted. */
  fallSilent: () => Promise<void>
}

/** Not more than 15 replies to one person in 30 s are allowed (contract.md), also when a few have waited. */
const PAUSE_MS = [3000, 9000] as const

export function startSpeakers(world: World, deliveries: Deliveries, customerUrl: string): Speakers {
  const { seed, conversations } = world.plan
  const silence = new AbortController()
  const said: Said[] = []
  const created: Created[] = []
  const pause = (ms: number) => wait(ms, undefined, { signal: silence.signal }).catch(() => {})

  /** `heard`: the first message has been accepted, or none will be said. */
  async function speak(conversation: Conversation, heard: () => void): Promise<void> {
    const { name, page, psid } = conversation
    const random = randomOf(seed, 'person', name)
    await pause(random.int(0, PAUSE_MS[0]))
    let nth = 0
    while (!silence.signal.aborted) {
      const count = random.choose({ two: 0.1, three: 0.05 })
      const numbers = Array.from({ length: count === 'three' ? 3 : count === 'two' ? 2 : 1 }, () => ++nth)
      const items = numbers.map((number) => ({
        sender: { id: psid },
        recipient: { id: page },
        timestamp: Date.now() + world.aheadMs,
        message: { mid: `m_${name}_${number}`, text: `say ${name} #${number}` },
      }))
      // The next one leaves when these are accepted: the order of acceptance is the order that must be kept.
      await deliveries.deliver(page, items, `say ${name} ${numbers.join(' ')}`)
      for (const number of numbers) {
        said.push({ conversation: name, nth: number, mid: `m_${name}_${number}`, atMs: Date.now() })
      }
      heard()
      await pause(random.int(...PAUSE_MS))
    }
    heard()
  }

  async function create(conversation: Conversation): Promise<void> {
    const { name, page, psid } = conversation
    const random = randomOf(seed, 'creates', name)
    await pause(random.int(0, PAUSE_MS[0]))
    for (let nth = 1; !silence.signal.aborted; nth += 1) {
      const hasMedia = random.chance(0.1)
      const form = new URLSearchParams({
        To: `messenger:${psid}`,
        From: `messenger:${page}`,
        Body: `create ${name} #${nth}`,
        StatusCallback: `${customerUrl}/status`,
        ...(hasMedia && { MediaUrl: `${customerUrl}/media/${name}/${nth}.png` }),
      })
      const answer = await insist(
        world,
        `create ${name} #${nth}`,
        {
          path: `/2010-04-01/Accounts/${ACCOUNT.sid}/Messages.json`,
          headers: {
            Authorization: authorization,
            'Content-Type': 'application/x-www-form-urlencoded',
            'Idempotency-Key': `${name}-${nth}`,
          },
          body: form.toString(),
        },
        201,
      )
      if (answer) {
        const { sid } = JSON.parse(answer.text) as { sid: string }
        created.push({ conversation: name, nth, sid, atMs: Date.now(), parts: hasMedia ? 2 : 1, node: answer.node })
      }
      await pause(random.int(...PAUSE_MS))
    }
  }

  const all = conversations.map(async (conversation) => {
    const { promise: first, resolve: heard } = Promise.withResolvers<void>()
    const speaking = speak(conversation, heard)
    // Only who has written may be written to.
    await first
    await Promise.all([speaking, create(conversation)])
  })
  return {
    said,
    created,
    async fallSilent() {
      silence.abort()
      await Promise.all(all)
    },
  }
}
