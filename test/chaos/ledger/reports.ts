/** Status callbacks: each message's in the order of its life, none missing, repeated only for a reason. */
import type { Call } from '../customer.ts'
import { disturbanceIn, type Evidence, groupBy, hexOf, type Row, time, type Violation } from './evidence.ts'

/** What the customer has heard of a message when it has come to this end. */
const HEARD: Record<string, string[]> = {
  sent: ['sent'],
  delivered: ['sent', 'delivered'],
  read: ['sent', 'delivered', 'read'],
  failed: ['failed'],
  undelivered: ['undelivered'],
}

const list = (calls: Call[]): string =>
  calls
    .map(({ status, fromMs, fault, answeredMs }) => `${status} ${time(fromMs)} ${fault ?? (answeredMs ? 'ok' : '?')}`)
    .join(', ')

export function reportRows({ calls, messages, diary }: Evidence): Row[] {
  const bySid = groupBy(
    calls.filter(({ path }) => path === '/status'),
    ({ key }) => key.slice(2),
  )
  const wrong: Violation[] = []
  const needless: Violation[] = []
  let expected = 0
  let found = 0
  let repetitions = 0
  for (const message of messages.filter(({ direction }) => direction !== 'inbound')) {
    const own = bySid.get(hexOf(message.id)) ?? []
    const heard = groupBy(
      own.filter(({ answeredMs }) => answeredMs),
      ({ status }) => status,
    )
    const first = [...groupBy(own, ({ status }) => status).keys()]
    const due = HEARD[message.status] ?? []
    expected += due.length
    found += heard.size
    const about = [message.id]
    const told = `"${message.body}" (${message.id}) is ${message.status}, and the customer heard: ${list(own)}`
    if (first.join() !== due.join() || heard.size !== due.length) wrong.push({ text: told, about })
    for (const same of groupBy(own, ({ status }) => status).values()) {
      for (const [index, call] of same.entries()) {
        const before = same[index - 1]
        if (!before) continue
        repetitions += 1
        const explained = before.answeredMs === undefined || disturbanceIn(diary, before.fromMs, call.fromMs)
        if (call.token !== before.token) needless.push({ text: `two tokens: ${told}`, about })
        else if (!explained) needless.push({ text: `repeated for no reason: ${told}`, about })
      }
    }
  }
  return [
    { promise: 'status callbacks, complete and in order', expected, found, violations: wrong },
    {
      promise: 'repeated status callbacks: same token, and a reason',
      expected: repetitions,
      found: repetitions - needless.length,
      violations: needless,
    },
  ]
}
