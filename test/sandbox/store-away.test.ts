import assert from 'node:assert/strict'
import { test } from 'node:test'
import fastify from 'fastify'
import postgres from 'postgres'
import { answerPlainly } from '../../src/plain-answers.ts'
import { registerSandbox } from '../../src/sandbox/sandbox.ts'
import { freePort } from '../free-port.ts'
import { APP } from './world.ts'

test('while the database is away the chat page is told to come again, as by everything else on this server', async () => {
  const server = fastify()
  answerPlainly(server)
  const sql = postgres(`postgres://127.0.0.1:${await freePort()}/none`, { max: 1, onnotice: () => {} })
  const quiet = () => {}
  await registerSandbox(server, {
    sql,
    app: APP,
    baseUrl: () => '',
    publicUrl: '',
    clock: { now: () => new Date() },
    log: { info: quiet, warn: quiet, error: quiet },
  })

  for (const url of ['/sandbox/api/state', '/sandbox/api/faults', '/sandbox/api/people/1/threads']) {
    const { statusCode, headers, payload } = await server.inject(url)
    assert.equal(statusCode, 503, url)
    assert.equal(headers['retry-after'], '1')
    assert.deepEqual(JSON.parse(payload), { error: 'Service unavailable, try again shortly' })
  }
  const unknown = await server.inject('/sandbox/api/nothing')
  assert.equal(unknown.statusCode, 404)

  await server.close()
  await sql.end({ timeout: 0 })
})
