/** From the person to the customer: every event once, every callback made, in order, each answered by one message. */
import type { Call } from '../customer.ts'
import { disturbanceIn, type Evidence, groupBy, numbered, type Row, time, type Violation } from './evidence.ts'

const list = (calls: Call[]): string =>
  calls
    .map(({ path, fromMs, fault, answeredMs }) => `${path} ${time(fromMs)} ${fault ?? (answeredMs ? 'ok' : '?')}`)
    .join(', ')

export function inwardRows(evidence: Evidence): Row[] {
  const events = evidence.said.map((each) => ({ ...each, key: `${each.conversation} #${each.nth}` }))
  const calls = groupBy(
    evidence.calls.filter(({ path }) => path !== '/status'),
    ({ key }) => key,
  )
  return [
    eachOnce('events accepted = inbound messages', events, evidence, 'inbound', 'say'),
    callbackRow(events, calls),
    firstArrivals(calls),
    repetitionRow(evidence, calls),
    eachOnce('events accepted = replies made', events, evidence, 'outbound-reply', 're'),
  ]
}

function eachOnce(
  promise: string,
  events: { key: string; mid: string; atMs: number }[],
  { messages }: Evidence,
  direction: string,
  word: string,
): Row {
  const stored = messages.filter((message) => message.direction === direction)
  const byBody = groupBy(stored, ({ body }) => body)
  const violations: Violation[] = []
  for (const { key, mid, atMs } of events) {
    const found = byBody.get(`${word} ${key}`) ?? []
    byBody.delete(`${word} ${key}`)
    if (found.length === 1) continue
    const ids = found.map(({ id }) => id)
    violations.push({
      text: `"say ${key}" (${mid}, accepted ${time(atMs)}) has ${found.length} ${direction} messages: ${ids.join(', ')}`,
      about: [key, ...ids],
    })
  }
  for (const [body, found] of byBody) {
    violations.push({ text: `nobody caused "${body}"`, about: found.map(({ id }) => id) })
  }
  return { promise, expected: events.length, found: stored.length, violations }
}

function callbackRow(events: { key: string }[], calls: Map<string, Call[]>): Row {
  const violations = events.flatMap(({ key }) => {
    const made = calls.get(key) ?? []
    if (made.some(({ answeredMs }) => answeredMs)) return []
    return { text: `the customer never answered for "say ${key}": ${list(made)}`, about: [key] }
  })
  const answered = [...calls.values()].filter((made) => made.some(({ answeredMs }) => answeredMs)).length
  return { promise: 'events answered by the customer', expected: events.length, found: answered, violations }
}

/** The first time that the customer hears of an event comes after the first time that it heard of the one before. */
function firstArrivals(calls: Map<string, Call[]>): Row {
  const firsts = [...calls.values()].map((made) => made[0] as Call)
  const byConversation = groupBy(firsts, ({ key }) => numbered(key)?.conversation ?? '')
  const violations: Violation[] = []
  for (const [conversation, arrivals] of byConversation) {
    // Requests are kept in the order of their arrival.
    for (const [index, { key, fromMs }] of arrivals.entries()) {
      if (numbered(key)?.nth === index + 1) continue
      const text = `the customer heard of "say ${key}" at ${time(fromMs)} as number ${index + 1} of ${conversation}`
      violations.push({ text, about: [key] })
      break
    }
  }
  const inOrder = byConversation.size - violations.length
  return {
    promise: 'conversations in order at the customer',
    expected: byConversation.size,
    found: inOrder,
    violations,
  }
}

function repetitionRow({ diary }: Evidence, calls: Map<string, Call[]>): Row {
  const violations: Violation[] = []
  let repetitions = 0
  for (const [key, made] of calls) {
    for (const same of groupBy(made, ({ path }) => path).values()) {
      for (const [index, call] of same.entries()) {
        const before = same[index - 1]
        if (!before) continue
        repetitions += 1
        if (call.token !== before.token) {
          violations.push({ text: `"say ${key}" was told with two tokens: ${list(same)}`, about: [key] })
        }
        // A connection that breaks before its answer is used once more (customer/request.ts).
        const explained = before.fault === 'reset' || disturbanceIn(diary, before.fromMs, call.fromMs)
        if (!explained)
          violations.push({ text: `"say ${key}" was told twice for no reason: ${list(same)}`, about: [key] })
      }
    }
  }
  return {
    promise: 'repeated callbacks: same token, and a disturbance before',
    expected: repetitions,
    found: repetitions - violations.length,
    violations,
  }
}
