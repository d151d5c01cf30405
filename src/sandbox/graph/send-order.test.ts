import assert from 'node:assert/strict'
import { test } from 'node:test'
import { GraphError } from './error.ts'
import { readParams } from './params.ts'
import { readSendOrder } from './send-order.ts'

/** The refusal of these parameters as `code/subcode message`. */
function refusalOf(params: Record<string, unknown>): string {
  try {
    readSendOrder({ recipient: { id: '1' }, ...params })
  } catch (error) {
    assert.ok(error instanceof GraphError)
    return `${error.code}/${error.subcode ?? '-'} ${error.message}`
  }
  return 'accepted'
}

const refusalOfMessage = (message: object): string => refusalOf({ message })
const template = (payload: object) => refusalOfMessage({ attachment: { type: 'template', payload } })
const buttons = (...list: object[]) => template({ template_type: 'button', text: 'x', buttons: list })

test('complaints come in the order of Meta: recipient, message or state, enumerations, content', () => {
  assert.equal(refusalOf({ recipient: undefined }), '100/- (#100) The parameter recipient is required')
  assert.equal(refusalOf({ recipient: {}, message: {} }), '100/- (#100) param recipient must be non-empty.')
  assert.match(refusalOf({}), /^100\/2018015 /)
  assert.match(refusalOf({ message: {}, sender_action: 'typing_on' }), /^100\/2018014 /)
  assert.equal(refusalOf({ message: { text: 'x' }, sender_action: null, tag: null }), 'accepted')
  assert.match(refusalOf({ message: {}, messaging_type: 'SHOUT' }), /Param messaging_type must be one of \{RESPONSE, /)
  assert.match(refusalOf({ message: {}, messaging_type: 'MESSAGE_TAG' }), /The parameter tag is required/)
  assert.match(refusalOf({ sender_action: 'dance' }), /Param sender_action must be one of \{TYPING_ON, /)
  const empty = '100/2018034 (#100) Message cannot be empty, must provide valid attachment or text'
  assert.equal(refusalOf({ message: {} }), empty)
  assert.equal(refusalOf({ message: { text: '' }, messaging_type: 'RESPONSE' }), empty)
})

test('the retired tags are refused, whatever else is right', () => {
  for (const tag of ['ACCOUNT_UPDATE', 'CONFIRMED_EVENT_UPDATE', 'POST_PURCHASE_UPDATE']) {
    const params = { message: { text: 'hi' }, messaging_type: 'MESSAGE_TAG', tag }
    assert.equal(refusalOf(params), '100/1893061 (#100) Invalid parameter')
  }
})

test('only HUMAN_AGENT with its messaging type is sent as by a human agent', () => {
  const order = (more: object) => readSendOrder({ recipient: { id: '1' }, message: { text: 'hi' }, ...more })
  const isHuman = (more: object) => (order(more) as { humanAgent: boolean }).humanAgent
  assert.equal(isHuman({ messaging_type: 'MESSAGE_TAG', tag: 'HUMAN_AGENT' }), true)
  assert.equal(isHuman({ messaging_type: 'RESPONSE', tag: 'HUMAN_AGENT' }), false)
  assert.equal(isHuman({}), false)
})

test('text has at most 2000 characters, an emoji being one, and metadata 1000', () => {
  assert.equal(refusalOfMessage({ text: '😀'.repeat(2000) }), 'accepted')
  const tooLong = '100/- (#100) Length of param message[text] must be less than or equal to 2000'
  assert.equal(refusalOfMessage({ text: 'x'.repeat(2001) }), tooLong)
  assert.equal(refusalOfMessage({ text: '😀'.repeat(2001) }), tooLong)
  assert.equal(refusalOfMessage({ text: 'x', metadata: 'm'.repeat(1000) }), 'accepted')
  assert.match(refusalOfMessage({ text: 'x', metadata: 'm'.repeat(1001) }), /message\[metadata\]/)
})

test('an attachment needs a type and a payload, and excludes text', () => {
  const url = { url: 'https://x.io/a.png' }
  assert.match(refusalOfMessage({ attachment: {} }), /The parameter message\[attachment\]\[type\] is required/)
  assert.match(refusalOfMessage({ attachment: { type: 'image' } }), /message\[attachment\]\[payload\] is required/)
  assert.match(
    refusalOfMessage({ attachment: { type: 'image', payload: { url: 'owl' } } }),
    /should represent a valid URL/,
  )
  assert.match(refusalOfMessage({ attachment: { type: 'hologram', payload: url } }), /must be one of \{image, audio/)
  assert.match(
    refusalOfMessage({ text: 'x', attachment: { type: 'image', payload: url } }),
    /both text and an attachment/,
  )
  assert.equal(refusalOfMessage({ attachment: { type: 'image', payload: url } }), 'accepted')
})

test('templates and buttons are refused in the words of Meta', () => {
  assert.equal(template({ template_type: 'rhyme' }), '100/- (#100) Invalid template type')
  assert.match(template({ template_type: 'button' }), /The parameter name_placeholder\[text\] is required/)
  assert.match(buttons(), /param name_placeholder\[buttons\] must be non-empty\./)
  assert.match(buttons({ title: 'A' }), /The parameter name_placeholder\[buttons\]\[0\]\[type\] is required/)
  assert.match(buttons({ type: 'postback', title: '', payload: 'P' }), /^100\/2018053 /)
  assert.match(buttons({ type: 'postback', title: 'A' }), /^100\/2018040 /)
  assert.match(buttons({ type: 'web_url', title: 'A' }), /^100\/2018041 /)
  assert.match(template({ template_type: 'generic', elements: [] }), /^194\/- \(#194\)/)
  assert.equal(
    template({ template_type: 'generic', elements: [{ title: 'A', buttons: [] }] }),
    '194/- (#194) param name_placeholder[elements][0][buttons] has too few elements.',
  )
  assert.match(template({ template_type: 'generic', elements: [{ title: 'A' }] }), /^100\/2018035 /)
  assert.equal(template({ template_type: 'generic', elements: [{ title: 'A', subtitle: 'B' }] }), 'accepted')
})

test('quick replies need their kind, and a text one title and payload', () => {
  const quick = (...list: object[]) => refusalOfMessage({ text: 'x', quick_replies: list })
  assert.match(quick(), /^194\/- \(#194\) param message\[quick_replies\]/)
  assert.match(quick({}), /The parameter message\[quick_replies\]\[0\]\[content_type\] is required/)
  assert.match(quick({ content_type: 'text', payload: 'P' }), /^100\/2018098 /)
  assert.match(quick({ content_type: 'text', title: 'T' }), /^100\/2018099 /)
  assert.equal(quick({ content_type: 'user_email' }), 'accepted')
  const many = Array.from({ length: 14 }, () => ({ content_type: 'text', title: 'T', payload: 'P' }))
  assert.match(quick(...many), /too many elements/)
})

test('a JSON body is one in any spelling of its media type, and an id in digits is kept to the digit', () => {
  const body = '{"recipient":{"id":28585216102939261},"message":{"text":"x"}}'
  const params = readParams(new URLSearchParams(), 'Application/JSON; charset=UTF-8', body)
  assert.equal(readSendOrder(params).psid, '28585216102939261')
  const message = { text: '12, 34567890123456789 and "x"', metadata: ' [12345678901234567 ' }
  const kept = readParams(new URLSearchParams(), 'application/json', JSON.stringify({ message }))
  assert.deepEqual(kept.message, message)
})

test('a form whose values are JSON says the same as a JSON body', () => {
  const recipient = { id: '1' }
  const message = { text: 'hällo & more', quick_replies: [{ content_type: 'text', title: 'T', payload: 'P' }] }
  const form = new URLSearchParams({ recipient: JSON.stringify(recipient), message: JSON.stringify(message) })
  const fromForm = readParams(new URLSearchParams(), 'application/x-www-form-urlencoded', form.toString())
  const json = JSON.stringify({ recipient, message })
  const fromJson = readParams(new URLSearchParams(), 'application/json; charset=utf-8', json)
  assert.deepEqual(readSendOrder(fromForm), readSendOrder(fromJson))
})
