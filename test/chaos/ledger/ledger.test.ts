/** A proof that cannot fail proves nothing: a whole run in small, and everything that could be wrong with it. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Call } from '../customer.ts'
import type { Disturbance } from '../killer.ts'
import type { Evidence, StoredMessage } from './evidence.ts'
import { makeLedger } from './ledger.ts'

const uuid = (last: string) => `00000000-0000-7000-8000-0000000000${last}`
const hex = (last: string) => uuid(last).replaceAll('-', '')

function message(last: string, direction: StoredMessage['direction'], body: string, status: string): StoredMessage {
  const givenUpFrom = status === 'undelivered' ? new Date(2600) : null
  return { id: uuid(last), direction, contactAddress: '77', body, numMedia: 0, status, errorCode: null, givenUpFrom }
}

function call(path: string, key: string, fromMs: number, more: Partial<Call> = {}): Call {
  return { path, key, status: '', token: `of ${key}`, fromMs, answeredMs: fromMs + 1, fault: undefined, ...more }
}

const report = (last: string, status: string, fromMs: number): Call =>
  call('/status', `SM${hex(last)}`, fromMs, { status, token: `${last} ${status}` })

/** Two events with their replies and two creates; one was given up, the answers to two calls were lost. */
function goodRun() {
  const mark = (last: string) => `pagewire:SM${hex(last)}:0`
  const copy = (last: string, text: string, atMs: number) => ({
    mark: mark(last),
    text,
    psid: '77',
    mid: last,
    atMs,
    fault: '',
  })
  return {
    said: [1, 2].map((nth) => ({ conversation: 'c1', nth, mid: `m_${nth}`, atMs: 1000 * nth })),
    created: [
      { conversation: 'c1', nth: 1, sid: `SM${hex('31')}`, atMs: 1500, parts: 1, node: 'node 1' },
      { conversation: 'c1', nth: 2, sid: `SM${hex('32')}`, atMs: 2500, parts: 1, node: 'node 1' },
    ],
    calls: [
      call('/callback', 'c1 #1', 1010, { answeredMs: undefined, fault: 'error' }),
      call('/fallback', 'c1 #1', 1020),
      call('/callback', 'c1 #2', 2010, { answeredMs: undefined }),
      call('/callback', 'c1 #2', 6010),
      report('21', 'sent', 1100),
      report('21', 'delivered', 1200),
      report('21', 'read', 1300),
      report('22', 'sent', 6100),
      report('22', 'delivered', 6200),
      { ...report('31', 'sent', 1600), answeredMs: undefined, fault: 'error' },
      report('31', 'sent', 1700),
      report('31', 'delivered', 1800),
      report('31', 'read', 1900),
      report('32', 'undelivered', 9000),
    ],
    badSignatures: 0,
    copies: [copy('21', 're c1 #1', 1050), copy('31', 'create c1 #1', 1550), copy('22', 're c1 #2', 6050)],
    readUntil: new Map([['77', 1550]]),
    broken: new Set<string>(),
    messages: [
      message('11', 'inbound', 'say c1 #1', 'received'),
      message('12', 'inbound', 'say c1 #2', 'received'),
      message('21', 'outbound-reply', 're c1 #1', 'read'),
      message('22', 'outbound-reply', 're c1 #2', 'delivered'),
      message('31', 'outbound-api', 'create c1 #1', 'read'),
      message('32', 'outbound-api', 'create c1 #2', 'undelivered'),
    ],
    lanes: 0,
    jobs: 0,
    diary: [{ what: 'kill node 1', where: 'inside', fromMs: 2005, untilMs: 4000 }] as Disturbance[],
    conversations: new Map([['77', 'c1']]),
    problems: [] as string[],
  } satisfies Evidence
}

type Run = ReturnType<typeof goodRun>

const at = <T>(list: T[], index: number): T => list[index] as T
const broken = (run: Run) =>
  makeLedger(run)
    .rows.filter(({ violations }) => violations.length > 0)
    .map(({ promise }) => promise)

test('a run without a fault has no violation', () => {
  assert.deepEqual(broken(goodRun()), [])
})

const WRONGS: [string, (run: Run) => unknown, RegExp][] = [
  ['an accepted event is lost', (run) => run.messages.splice(0, 1), /inbound messages/],
  [
    'an event is stored twice',
    (run) => run.messages.push(message('13', 'inbound', 'say c1 #1', 'received')),
    /inbound/,
  ],
  [
    'an event comes from nowhere',
    (run) => run.messages.push(message('13', 'inbound', 'say c1 #9', 'received')),
    /inbound/,
  ],
  ['the customer is never told', (run) => run.calls.splice(0, 2), /answered by the customer/],
  ['the customer never answers', (run) => (at(run.calls, 1).answeredMs = 0), /answered by the customer/],
  [
    'the customer hears in the wrong order',
    (run) => run.calls.unshift(...run.calls.splice(2, 1)),
    /order at the customer/,
  ],
  ['a repeated callback has another token', (run) => (at(run.calls, 3).token = 'new'), /repeated callbacks/],
  ['a callback is repeated for no reason', (run) => run.diary.pop(), /repeated callbacks/],
  ['a reply is lost', (run) => run.messages.splice(2, 1), /replies made/],
  [
    'a reply is made twice',
    (run) => run.messages.push(message('23', 'outbound-reply', 're c1 #1', 'sent')),
    /replies made/,
  ],
  ['an accepted create is lost', (run) => run.messages.splice(5, 1), /creates accepted/],
  [
    'a create is stored twice',
    (run) => run.messages.push(message('33', 'outbound-api', 'create c1 #2', 'failed')),
    /creates/,
  ],
  [
    'a node with a wrong clock disturbs the order of lists',
    (run) => {
      at(run.created, 0).sid = `SM${hex('39')}`
      at(run.messages, 4).id = uuid('39')
    },
    /order in lists/,
  ],
  [
    'a message is given up because Meta could not be reached',
    (run) => run.diary.splice(0, 1, { what: 'Meta refuses', where: 'Meta', fromMs: 0, untilMs: 4000 }),
    /whose fate nobody knows/,
  ],
  [
    'Meta being away is taken for a reason to repeat a callback',
    (run) => (at(run.diary, 0).where = 'Meta'),
    /repeated callbacks/,
  ],
  ['a message stays on its way', (run) => (at(run.messages, 5).status = 'sending'), /final status/],
  ['a person gets a message twice', (run) => run.copies.push({ ...at(run.copies, 1), atMs: 1560 }), /copies at Meta/],
  ['a message is sent that Meta never got', (run) => run.copies.splice(0, 1), /copies at Meta/],
  [
    'a message is given up that its echo told of',
    (run) => (at(run.messages, 2).status = 'undelivered'),
    /copies at Meta/,
  ],
  ['Meta got what nobody stored', (run) => run.copies.push({ ...at(run.copies, 0), mark: 'pagewire:SM0:0' }), /copies/],
  ['replies overtake each other', (run) => run.copies.reverse(), /replies in order/],
  ['a receipt is lost', (run) => (at(run.messages, 2).status = 'delivered'), /deliveries and reads/],
  ['a read came from nowhere', (run) => (at(run.messages, 3).status = 'read'), /deliveries and reads/],
  ['a status callback is missing', (run) => run.calls.splice(5, 1), /status callbacks, complete/],
  ['a status callback always failed', (run) => run.calls.splice(10, 1), /status callbacks, complete/],
  [
    'status callbacks overtake each other',
    (run) => run.calls.splice(4, 0, ...run.calls.splice(5, 1)),
    /status callbacks, c/,
  ],
  [
    'a status callback is repeated',
    (run) => run.calls.splice(5, 0, report('21', 'sent', 1150)),
    /repeated status callbacks/,
  ],
  ['a signature is wrong', (run) => (run.badSignatures = 1), /signature/],
  ['work is left', (run) => (run.jobs = 1), /jobs left/],
  ['a node ends by itself', (run) => run.problems.push('node 1 ended by itself'), /refusals, exits/],
]

for (const [wrong, spoil, row] of WRONGS) {
  test(`the ledger sees when ${wrong}`, () => {
    const run = goodRun()
    spoil(run)
    assert.match(broken(run).join('\n'), row)
  })
}
