import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { eventually } from '../eventually.ts'
import { type MetaFront, startMetaFront } from './meta-front.ts'
import { type NodesAtMeta, PAGE, prepareNodes } from './nodes-at-meta.ts'

const WAIT_FOR_TEXTS = Array.from({ length: 50 }, (_, nth) => String(7_000_000_000_000_001 + nth))
const WAIT_FOR_SOUNDS = Array.from({ length: 15 }, (_, nth) => String(7_000_000_000_001_001 + nth))
const TEXTS_EACH = 40
const SOUNDS_EACH = 8
/** What two of these processes and this one, on two cores, may be late. */
const LATE = 0.1

let world: NodesAtMeta
let front: MetaFront
before(async () => {
  world = await prepareNodes()
  front = await startMetaFront(world.meta.url)
})
after(async () => {
  await world?.stop()
  await front?.stop()
})

/** The most within any one second. */
function busiestSecond(timesMs: number[]): number {
  let most = 0
  let first = 0
  for (const [index, at] of timesMs.entries()) {
    while ((timesMs[first] as number) <= at - 1000) first += 1
    most = Math.max(most, index - first + 1)
  }
  return most
}

test('two nodes together stay below the limits of a Page, also while one comes and one goes', async (t) => {
  const { sql } = world.database
  const environment = { META_GRAPH_URL: front.url }
  const first = await world.startNode({ environment })
  const second = await world.startNode({ environment })
  await world.connectPage(first)
  const hellos = [...WAIT_FOR_TEXTS, ...WAIT_FOR_SOUNDS].map((psid) => world.says(psid, `m_${psid}`, 'hello'))
  assert.equal((await world.post(first, world.webhook(hellos))).status, 200)

  // It is given up, and comes anew when it goes on: at once, while a start takes its time.
  second.gateway.child.kill('SIGSTOP')
  const nodes = async () => (await sql`select from nodes`).length

  // A campaign that waits for its Page: more than is sent while this test looks on.
  await sql`update senders set paused_until = now() + interval '1 hour' where address = ${PAGE}`
  world.customer.answer('/sound.mp3', { type: 'audio/mpeg', body: 'ID3' })
  const create = async (count: number, psid: string, text: string, more: Record<string, string>) => {
    for (let nth = 0; nth < count; nth += 1) {
      const { status, text: told } = await world.post(first, world.createRequest(psid, text, more))
      assert.equal(status, 201, told)
    }
  }
  await Promise.all([
    ...WAIT_FOR_TEXTS.map((psid) => create(TEXTS_EACH, psid, 'text', {})),
    ...WAIT_FOR_SOUNDS.map((psid) => create(SOUNDS_EACH, psid, '', { MediaUrl: `${world.customer.url}/sound.mp3` })),
  ])
  const texts = () => front.arrivals.filter(({ text }) => text !== undefined).map(({ atMs }) => atMs)
  const sounds = () => front.arrivals.filter(({ text }) => text === undefined).map(({ atMs }) => atMs)
  const sent = (more: number) => {
    const goal = texts().length + more
    return eventually(`${more} more texts`, () => texts().length >= goal, 30_000)
  }
  await eventually('the second node to be given up', async () => (await nodes()) === 1)
  assert.equal(front.arrivals.length, 0)
  await sql`update senders set paused_until = null`
  await sql`update lanes set due_at = now() where kind = 'send-message'`

  await sent(100)
  second.gateway.child.kill('SIGCONT')
  await eventually('the second node to be back', async () => (await nodes()) === 2)
  const comesAt = performance.now()
  await sent(350)
  const goesAt = performance.now()
  assert.equal((await first.gateway.ended('SIGTERM')).code, 0)
  const goneAt = performance.now()
  await sent(300)
  const endsAt = performance.now()

  const perSecond = (from: number, to: number) =>
    Math.round(texts().filter((at) => at >= from && at < to).length / ((to - from) / 1000))
  const [mostTexts, mostSounds] = [busiestSecond(texts()), busiestSecond(sounds())]
  t.diagnostic(
    `texts a second: by two nodes ${perSecond(comesAt, goesAt)}, by the second alone ${perSecond(goneAt, endsAt)}; most ${mostTexts}, and ${mostSounds} sounds`,
  )
  assert.ok(texts().length < WAIT_FOR_TEXTS.length * TEXTS_EACH, 'there was something to send all the time')
  assert.ok(mostTexts <= 300 * (1 + LATE) && mostTexts > 100, `${mostTexts} texts in the busiest second`)
  assert.ok(mostSounds <= 10 * (1 + LATE) && mostSounds >= 8, `${mostSounds} sounds in the busiest second`)
  second.gateway.child.kill('SIGKILL')
})
