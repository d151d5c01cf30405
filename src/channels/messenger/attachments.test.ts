import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Json } from '#core/channel.ts'
import { readAttachments } from './attachments.ts'

const at = (type: string, payload: Json, beside: { [key: string]: Json } = {}): Json => ({ type, payload, ...beside })
const CDN = 'https://scontent.xx.fbcdn.net/v/t1/abc'

test('each kind of media gets the content type that kind and ending suggest', () => {
  const { media, text } = readAttachments(
    [
      at('image', { url: `${CDN}.png?oh=1&oe=2` }),
      at('image', { url: CDN }),
      at('audio', { url: `${CDN}.mp4` }),
      at('audio', { url: `${CDN}.aac` }),
      at('video', { url: `${CDN}.bin` }),
      at('file', { url: `${CDN}.PDF?dl=1` }),
      at('file', { url: CDN }),
    ],
    '',
  )
  assert.deepEqual(
    media.map(({ kind, contentType }) => `${kind} ${contentType}`),
    [
      'image image/png',
      'image image/jpeg',
      'audio audio/mp4',
      'audio audio/aac',
      'video video/mp4',
      'file application/pdf',
      'file application/octet-stream',
    ],
  )
  assert.equal(media[0]?.url, `${CDN}.png?oh=1&oe=2`)
  assert.equal(text, '')
})

test('a sticker that comes as image and as sticker counts once', () => {
  const both = [
    at('image', { url: `${CDN}.png`, sticker_id: 369239263222822 }),
    at('sticker', { url: `${CDN}.png`, sticker_id: '369239263222822' }),
  ]
  assert.deepEqual(readAttachments(both, '').media, [{ kind: 'image', url: `${CDN}.png`, contentType: 'image/png' }])
  assert.equal(readAttachments(both.slice(1), '').media.length, 1)
  assert.equal(readAttachments([...both, at('image', { url: `${CDN}2.jpg` })], '').media.length, 2)
})

test('a link preview adds its link only where the text lacks it', () => {
  const preview = at('fallback', { url: 'https://x.io/', title: 'X' })
  assert.equal(readAttachments([preview], 'look: https://x.io').text, 'look: https://x.io')
  assert.equal(readAttachments([preview], 'look').text, 'look\nhttps://x.io/')
  assert.equal(readAttachments([preview], '').text, 'https://x.io/')
  const wrapped = at('fallback', { url: 'https://l.facebook.com/l.php?u=https%3A%2F%2Fx.io%2Fa&h=AT0' })
  assert.equal(readAttachments([wrapped], 'see https://x.io/a').text, 'see https://x.io/a')
  const legacy = at('fallback', null, { title: 'Old', url: 'https://old.io/' })
  assert.equal(readAttachments([legacy], '').text, 'https://old.io/')
})

test('shared posts and reels become links, also from a relative URL or from none', () => {
  assert.equal(
    readAttachments([at('reel', { url: '/reel/123/', reel_video_id: 5 })], '').text,
    'https://www.facebook.com/reel/123/',
  )
  assert.equal(
    readAttachments([at('fallback', { url: 'not a url', title: 'A shared thing' })], '').text,
    'A shared thing',
  )
  const product = at('template', { product: { elements: [{ id: '1', title: 'Blue shoes' }] } })
  assert.equal(readAttachments([product], '').text, 'Blue shoes')
  assert.equal(readAttachments([at('appointment_booking', { booking_id: '1' })], 'ok').text, 'ok')
})

test('a location has its coordinates, whether numbers or texts, and only sensible ones', () => {
  const here = (lat: Json, long: Json) => readAttachments([at('location', { coordinates: { lat, long } })], '').location
  assert.deepEqual(here(48.1, 11.5), { latitude: 48.1, longitude: 11.5 })
  assert.deepEqual(here('48.1', '-11.5'), { latitude: 48.1, longitude: -11.5 })
  for (const [lat, long] of [
    [91, 0],
    [0, 181],
    ['', ''],
    [null, 1],
    ['north', 1],
  ] as const) {
    assert.equal(here(lat, long), null)
  }
})

test('only http and https URLs are media', () => {
  for (const url of ['file:///etc/passwd', 'javascript:alert(1)', '/relative.png', '', null, 7]) {
    assert.deepEqual(readAttachments([at('image', { url })], '').media, [], String(url))
  }
})

test('attachments of no known shape add nothing', () => {
  for (const attachments of [null, 'x', 7, {}, [null, [], 'x', {}, { type: 5 }, { type: 'constructor' }]]) {
    assert.deepEqual(readAttachments(attachments, 'said'), { media: [], text: 'said', location: null })
  }
})
