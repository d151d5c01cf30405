import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkTwiml } from './check-twiml.ts'

const placesOf = (document: string) =>
  checkTwiml(document).mistakes.map(({ level, code, line, column }) => [level, code, line, column])

test('a mistake is found on its line and column, also behind an emoji', () => {
  assert.deepEqual(placesOf('<Response>\n  <Message>🎉 hi</Mesage>\n</Response>'), [['error', 12100, 2, 17]])
  assert.deepEqual(placesOf('\n\n<Reply/>'), [['error', 12102, 3, 1]])
})

test('what a reply would leave out is a warning where it stands', () => {
  const document = '<Response>\n  <Play>x</Play>\n  <Message colour="red">🎉</Message><Message></Message>\n</Response>'
  assert.deepEqual(placesOf(document), [
    ['warning', 14110, 2, 3],
    ['warning', 12200, 3, 3],
    ['warning', 14103, 3, 37],
  ])
})

test('it tells what the document does', () => {
  const { mistakes, steps } = checkTwiml(
    '<Response><Message>Hi<Media>/cat.jpg</Media></Message><Redirect>/more</Redirect></Response>',
  )
  assert.deepEqual(mistakes, [])
  assert.deepEqual(steps, [
    { verb: 'message', body: 'Hi', mediaUrls: ['/cat.jpg'], to: null },
    { verb: 'redirect', url: '/more', method: 'POST' },
  ])
})

test('what is empty or too large is no document', () => {
  assert.deepEqual(placesOf(' \n'), [['error', 12100, null, null]])
  assert.deepEqual(placesOf(`<Response>${' '.repeat(64 * 1024)}</Response>`), [['error', 11750, null, null]])
})
