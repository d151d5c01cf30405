/** From the customer to the person: every create kept, brought to its end, sent at most once, in order, and reported. */
import type { Copy } from '../meta.ts'
import {
  disturbanceIn,
  type Evidence,
  groupBy,
  hexOf,
  numbered,
  type Row,
  type StoredMessage,
  time,
  type Violation,
} from './evidence.ts'

const REACHED = ['sent', 'delivered', 'read']
const GIVEN_UP = ['failed', 'undelivered']

type Sent = { message: StoredMessage; copies: Copy[] }

export function outwardRows(evidence: Evidence): Row[] {
  const outbound = evidence.messages.filter(({ direction }) => direction !== 'inbound')
  const copies = groupBy(evidence.copies, ({ mark }) => mark.split(':')[1]?.slice(2) ?? '')
  const sent = outbound.map((message) => ({ message, copies: copies.get(hexOf(message.id)) ?? [] }))
  return [
    createdRow(evidence),
    listedRow(evidence),
    finalRow(sent),
    copiesRow(evidence, sent),
    givenUpRow(evidence, sent),
    ...orderRows(evidence),
    receiptRow(evidence, sent),
  ]
}

function createdRow({ created, messages }: Evidence): Row {
  const stored = messages.filter(({ direction }) => direction === 'outbound-api')
  const byBody = groupBy(stored, ({ body }) => body)
  const violations: Violation[] = []
  for (const { conversation, nth, sid, atMs, node } of created) {
    const body = `create ${conversation} #${nth}`
    const found = byBody.get(body) ?? []
    byBody.delete(body)
    if (found.length === 1 && hexOf(found[0]?.id ?? '') === sid.slice(2)) continue
    const text = `"${body}" was accepted as ${sid} by ${node} at ${time(atMs)}; the store has ${found.map(({ id }) => id).join(', ') || 'nothing'}`
    violations.push({ text, about: [sid.slice(2), ...found.map(({ id }) => id)] })
  }
  for (const [body, found] of byBody) {
    violations.push({ text: `"${body}" is in the store and was never accepted`, about: found.map(({ id }) => id) })
  }
  return { promise: 'creates accepted = messages stored', expected: created.length, found: stored.length, violations }
}

/** Lists go by SID: who creates one message after the other finds them so, whatever the clocks of the nodes say. */
function listedRow({ created }: Evidence): Row {
  const groups = groupBy(created, ({ conversation }) => conversation)
  const violations: Violation[] = []
  for (const [conversation, group] of groups) {
    const wrong = group.findIndex(
      ({ sid }, index) => index > 0 && sid.slice(2) <= (group[index - 1]?.sid ?? '').slice(2),
    )
    const [before, one] = [group[wrong - 1], group[wrong]]
    if (!before || !one) continue
    const text = `${conversation}: ${before.sid} (#${before.nth}, ${before.node}) is listed after ${one.sid} (#${one.nth}, ${one.node})`
    violations.push({ text, about: [before.sid.slice(2), one.sid.slice(2)] })
  }
  const inOrder = groups.size - violations.length
  return { promise: 'conversations with creates in order in lists', expected: groups.size, found: inOrder, violations }
}

function finalRow(sent: Sent[]): Row {
  const violations = sent
    .filter(({ message }) => ![...REACHED, ...GIVEN_UP].includes(message.status))
    .map(({ message: { id, body, status } }) => ({ text: `"${body}" (${id}) ended as ${status}`, about: [id] }))
  return {
    promise: 'outbound messages with a final status',
    expected: sent.length,
    found: sent.length - violations.length,
    violations,
  }
}

/** Each part once at Meta; with a status that says so exactly once, with one that says it was given up at most once. */
function copiesRow({ copies }: Evidence, sent: Sent[]): Row {
  const violations: Violation[] = []
  for (const [mark, same] of groupBy(copies, (copy) => copy.mark)) {
    if (same.length === 1) continue
    const text = `Meta has ${same.length} copies of ${mark}: ${same.map(({ atMs, fault }) => `${time(atMs)} ${fault}`).join(', ')}`
    violations.push({ text, about: [mark, psidOf(same)] })
  }
  const known = new Set(sent.flatMap((each) => each.copies))
  for (const copy of copies) {
    if (!known.has(copy)) violations.push({ text: `Meta has ${copy.mark}, the store does not`, about: [copy.mark] })
  }
  for (const { message, copies: own } of sent) {
    const parts = message.numMedia + 1
    const told = `"${message.body}" (${message.id}) is ${message.status}, and Meta has ${own.length} of ${parts} parts`
    const about = [message.id, message.contactAddress]
    if (REACHED.includes(message.status) && own.length !== parts) violations.push({ text: told, about })
    // Every copy was told of by an echo.
    if (GIVEN_UP.includes(message.status) && own.length >= parts) violations.push({ text: told, about })
  }
  return {
    promise: 'copies at Meta, each mark once',
    expected: new Set(copies.map(({ mark }) => mark)).size,
    found: copies.length,
    violations,
  }
}

/** A call and its wait for a connection take at most so long. */
const CALL_MS = 20_000
/** A connection that was idle is closed when Meta begins to refuse: what is just written to it is lost. */
const CLOSING_MS = 2000

/**
 * Nothing is given up because Meta could not be reached: then the call surely was not made, and is made again. Only a
 * connection that broke, or a node that died or was cut off around the call, leaves a fate that nobody knows.
 */
function givenUpRow({ diary, broken }: Evidence, sent: Sent[]): Row {
  const givenUp = sent.filter(({ message }) => GIVEN_UP.includes(message.status))
  const violations = givenUp.flatMap(({ message }): Violation[] => {
    const { id, body, numMedia, status, givenUpFrom } = message
    const marks = Array.from({ length: numMedia + 1 }, (_, part) => `pagewire:SM${hexOf(id)}:${part}`)
    const from = givenUpFrom?.getTime() ?? Number.NaN
    const isClosing = diary.some(
      ({ where, fromMs }) => where === 'Meta' && fromMs >= from - CLOSING_MS && fromMs <= from + CLOSING_MS,
    )
    if (marks.some((mark) => broken.has(mark)) || disturbanceIn(diary, from, from + CALL_MS) || isClosing) return []
    return [{ text: `"${body}" (${id}) is ${status} for no reason, after a call of ${time(from)}`, about: [id] }]
  })
  return {
    promise: 'messages given up: a call whose fate nobody knows',
    expected: givenUp.length,
    found: givenUp.length - violations.length,
    violations,
  }
}

const psidOf = (copies: Copy[]): string => copies[0]?.psid ?? ''

/** Of one conversation the creates came in their order, and the replies in theirs, each message's parts together. */
function orderRows({ copies, messages, conversations }: Evidence): Row[] {
  const byHex = new Map(messages.map((message) => [hexOf(message.id), message]))
  return (['outbound-api', 'outbound-reply'] as const).map((direction) => {
    const violations: Violation[] = []
    const own = copies.flatMap((copy) => {
      const [, sid = '', part] = copy.mark.split(':')
      const message = byHex.get(sid.slice(2))
      const nth = message && numbered(message.body)?.nth
      return message?.direction === direction && nth !== undefined ? { copy, place: nth * 100 + Number(part) } : []
    })
    const groups = groupBy(own, ({ copy }) => copy.psid)
    for (const [psid, group] of groups) {
      const wrong = group.findIndex(({ place }, index) => index > 0 && place <= (group[index - 1]?.place ?? 0))
      if (wrong < 0) continue
      const around = group.slice(Math.max(0, wrong - 2), wrong + 2)
      const text = `${conversations.get(psid)} got ${around.map(({ copy, place }) => `#${place / 100} (${copy.mark}) at ${time(copy.atMs)}`).join(', then ')}`
      violations.push({ text, about: [psid] })
    }
    const promise =
      direction === 'outbound-api'
        ? 'conversations with creates in order at Meta'
        : 'conversations with replies in order at Meta'
    return { promise, expected: groups.size, found: groups.size - violations.length, violations }
  })
}

/** What Meta told of its copies has arrived: all are delivered, and read up to the person's last mark. */
function receiptRow({ readUntil }: Evidence, sent: Sent[]): Row {
  const complete = sent.filter(({ message, copies }) => copies.length === message.numMedia + 1)
  const violations = complete.flatMap(({ message, copies }) => {
    const isRead = copies.every(({ psid, atMs }) => atMs <= (readUntil.get(psid) ?? 0))
    const expected = isRead ? 'read' : 'delivered'
    if (message.status === expected || GIVEN_UP.includes(message.status)) return []
    return {
      text: `"${message.body}" (${message.id}) is ${message.status} instead of ${expected}`,
      about: [message.id],
    }
  })
  return {
    promise: 'deliveries and reads told = statuses',
    expected: complete.length,
    found: complete.length - violations.length,
    violations,
  }
}
