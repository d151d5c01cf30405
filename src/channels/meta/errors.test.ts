import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Json } from '#core/channel.ts'
import { outcomeOf } from './errors.ts'
import type { GraphAnswer } from './graph.ts'

const answered = (status: number, json: Json | undefined): GraphAnswer => ({ kind: 'answered', status, json })
const graphError = (code: Json, subcode?: Json, more: { [key: string]: Json } = {}, status = 400): GraphAnswer =>
  answered(status, {
    error: {
      message: 'Nope',
      type: 'OAuthException',
      code,
      fbtrace_id: 'AxII',
      ...more,
      ...(subcode !== undefined && { error_subcode: subcode }),
    },
  })

/** `later`: {afterMs}; `once`: {afterMs, limit: 1}. */
function summary(answer: GraphAnswer): string {
  const outcome = outcomeOf(answer, [])
  if (outcome.ok) return `sent ${outcome.channelMessageId}`
  const retry = typeof outcome.retry === 'string' ? outcome.retry : outcome.retry.limit === 1 ? 'once' : 'later'
  assert.ok(outcome.reason.length > 10)
  return [outcome.code, retry, outcome.effect].filter(Boolean).join(' ')
}

type Case = [code: number, subcode?: number]
const ROWS: [row: string, expected: string, cases: Case[]][] = [
  [
    'a dead token or a missing permission',
    '63001 later sender_offline',
    [[190], [190, 460], [190, 463], [102], [104], [230], [200], [10], [10, 999]],
  ],
  ['an unknown person', '63003 never', [[100, 2018001]]],
  [
    'a person who cannot be reached',
    '63014 never contact_unreachable',
    [[551], [551, 1545041], [200, 1545041], [10, 2018108], [10, 1893015]],
  ],
  [
    'a closed window',
    '63016 never',
    [
      [10, 2018278],
      [10, 2534022],
      [10, 2018065],
      [100, 1893061],
    ],
  ],
  ['a restricted Page', '63013 later sender_paused', [[368], [10, 1893063]]],
  ['a rate limit', '63018 later sender_slow', [[4], [17], [32], [341], [613], [613, 1996], [80001], [80006]]],
  ['media that cannot be fetched', '63019 once', [[100, 2018008], [100, 2018294], [2018294]]],
  ['media that is too large', '63034 never', [[100, 2018109], [36000]]],
  [
    'content that is not accepted',
    '63005 never',
    [[100, 2018047], [100, 2018074], [100, 2018399], [194], [100], [100, 33]],
  ],
  ['a failure after sending', '63012 unknown', [[1, 1357046]]],
  ['a temporary failure', '63012 later', [[1], [2], [1200], [1, 99]]],
  ['a conversation in other hands', '63013 later', [[100, 2534037], [100, 2018300], [100, 2018321], [2018300]]],
  [
    'a message that is not permitted',
    '63013 never',
    [
      [10, 2018336],
      [200, 2018028],
      [200, 2534041],
    ],
  ],
  ['an error that no row names', '63010 never', [[506], [3], [9000001]]],
]

for (const [row, expected, cases] of ROWS) {
  test(`${row} becomes ${expected}`, () => {
    for (const [code, subcode] of cases)
      assert.equal(summary(graphError(code, subcode)), expected, `${code}/${subcode}`)
  })
}

test('is_transient and 5xx make a final or unnamed refusal one that passes', () => {
  for (const answer of [
    graphError(100, undefined, { is_transient: true }),
    graphError(190, undefined, { is_transient: true }),
    graphError(506, undefined, { is_transient: true }),
    graphError(551, undefined, { is_transient: true }),
    graphError(100, undefined, {}, 500),
    graphError(506, undefined, {}, 503),
    answered(500, undefined),
    answered(502, {}),
    answered(404, undefined),
  ]) {
    assert.equal(summary(answer), '63012 later')
  }
})

test('is_transient and 5xx do not change what waits anyway or may have been sent', () => {
  const passing = { is_transient: true }
  assert.equal(summary(graphError(613, undefined, passing)), '63018 later sender_slow')
  assert.equal(summary(graphError(1, 1357046, passing, 500)), '63012 unknown')
  assert.equal(summary(graphError(100, 2534037, passing)), '63013 later')
  assert.equal(summary(graphError(190, 463, {}, 500)), '63001 later sender_offline')
})

test('the body decides, whatever the status', () => {
  assert.equal(summary(graphError(10, 2018278, {}, 200)), '63016 never')
  assert.equal(summary(graphError('613', '1996')), '63018 later sender_slow')
  assert.equal(summary(answered(200, { recipient_id: '5678', message_id: 'm_1' })), 'sent m_1')
  assert.equal(summary(answered(429, undefined)), '63018 later sender_slow')
})

test('a 200 without a message id may have been sent', () => {
  for (const json of [undefined, null, {}, { message_id: '' }, { recipient_id: '5678' }, 'ok', []]) {
    assert.equal(summary(answered(200, json)), '63012 unknown')
  }
})

test('what never left is tried again, what was written is not', () => {
  assert.equal(summary({ kind: 'unsent', cause: 'ECONNREFUSED' }), '63012 later')
  assert.equal(summary({ kind: 'unknown', cause: 'ECONNRESET' }), '63012 unknown')
})

test('the retired tag is named together with the setting that chose it', () => {
  const outcome = outcomeOf(graphError(100, 1893061), [])
  assert.ok(!outcome.ok)
  assert.match(outcome.reason, /ACCOUNT_UPDATE on 2026-04-27/)
  assert.match(outcome.reason, /outside_window/)
})

test("the operator reads Meta's own words without any secret", () => {
  const message = `Bad token tok-123 and EAABsbCS1iHgBAF0${'x'.repeat(40)}\u0000 of sesame`
  const outcome = outcomeOf(graphError(190, 463, { message }), ['tok-123', 'sesame', ''])
  assert.ok(!outcome.ok)
  assert.deepEqual(outcome.detail, {
    httpStatus: 400,
    code: 190,
    subcode: 463,
    message: 'Bad token [secret] and [token]\uFFFD of [secret]',
    traceId: 'AxII',
  })
})

test('a hostile error body is read without harm', () => {
  for (const error of [{}, { code: {}, message: 5 }, { code: -1 }, { code: 1e300 }, { code: 'x', error_subcode: [] }]) {
    assert.equal(summary(answered(400, { error })), '63010 never')
  }
})
