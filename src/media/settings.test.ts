import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readMediaSettings } from './settings.ts'

const read = (environment: Record<string, string>) => readMediaSettings(environment, '/data', 'forever')

test('by default files lie in the data folder, are as large as Messenger takes them, and stay', () => {
  assert.deepEqual(read({}), {
    settings: {
      place: { kind: 'disk', folder: '/data/media' },
      incoming: '/data/media/incoming',
      maxBytes: 26_214_400,
      keptForDays: 'forever',
    },
    problems: [],
  })
})

test('an S3-compatible store is read from its URL and the usual names', () => {
  const { settings, problems } = read({
    PAGEWIRE_MEDIA_STORE: 's3://my-bucket/some/prefix/',
    PAGEWIRE_S3_ENDPOINT: 'http://127.0.0.1:9000',
    AWS_ACCESS_KEY_ID: 'id',
    AWS_SECRET_ACCESS_KEY: 'secret',
    AWS_REGION: 'eu-central-1',
    PAGEWIRE_MEDIA_MAX_MB: '100',
    PAGEWIRE_MEDIA_RETENTION_DAYS: '90',
  })
  assert.deepEqual(problems, [])
  assert.deepEqual(settings, {
    place: {
      kind: 's3',
      bucket: 'my-bucket',
      prefix: 'some/prefix/',
      region: 'eu-central-1',
      endpoint: 'http://127.0.0.1:9000',
      credentials: { accessKeyId: 'id', secretAccessKey: 'secret' },
    },
    incoming: '/data/media/incoming',
    maxBytes: 104_857_600,
    keptForDays: 90,
  })
  const { place } = read({ PAGEWIRE_MEDIA_STORE: 's3://bucket' }).settings
  assert.deepEqual(place.kind === 's3' && [place.prefix, place.region, place.credentials], ['', 'us-east-1', undefined])
})

test('nothing is kept for longer than its message', () => {
  const days = (environment: Record<string, string>, messages: number | 'forever') =>
    readMediaSettings(environment, '/data', messages).settings.keptForDays
  assert.equal(days({}, 30), 30)
  assert.equal(days({ PAGEWIRE_MEDIA_RETENTION_DAYS: '10' }, 30), 10)
  assert.equal(days({ PAGEWIRE_MEDIA_RETENTION_DAYS: '90' }, 30), 30)
})

test('every wrong or contradictory setting is told, and no secret with it', () => {
  const wrong: [environment: Record<string, string>, problem: RegExp][] = [
    [{ PAGEWIRE_MEDIA_STORE: 'tape' }, /"tape": expected disk, an absolute folder or s3:/],
    [{ PAGEWIRE_MEDIA_STORE: 's3://' }, /expected s3:\/\/bucket/],
    [{ PAGEWIRE_MEDIA_STORE: 's3://UPPER/x' }, /expected s3:\/\/bucket/],
    [{ PAGEWIRE_MEDIA_STORE: 's3://user:secret@bucket' }, /^PAGEWIRE_MEDIA_STORE is not valid: expected/],
    [{ PAGEWIRE_S3_ENDPOINT: 'http://x' }, /PAGEWIRE_MEDIA_STORE is not s3/],
    [{ PAGEWIRE_MEDIA_STORE: 's3://bucket', PAGEWIRE_S3_ENDPOINT: 'x' }, /PAGEWIRE_S3_ENDPOINT is not valid/],
    [{ PAGEWIRE_MEDIA_STORE: 's3://bucket', AWS_ACCESS_KEY_ID: 'id' }, /belong together/],
    [{ PAGEWIRE_MEDIA_MAX_MB: '0' }, /PAGEWIRE_MEDIA_MAX_MB is "0"/],
    [{ PAGEWIRE_MEDIA_MAX_MB: '1e3' }, /PAGEWIRE_MEDIA_MAX_MB/],
    [{ PAGEWIRE_MEDIA_RETENTION_DAYS: '-1' }, /PAGEWIRE_MEDIA_RETENTION_DAYS/],
  ]
  for (const [environment, problem] of wrong) {
    const { problems } = read(environment)
    assert.equal(problems.length, 1, JSON.stringify([environment, problems]))
    assert.match(problems[0] ?? '', problem)
    assert.doesNotMatch(problems[0] ?? '', /secret/)
  }
})
