/** A whole Pagewire in this process, on a database and a port of its own. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import twilio from 'twilio'
import { type App, startApp } from '../src/app.ts'
import { readConfig } from '../src/config.ts'
import type { Sql } from '../src/store/connection.ts'
import { createDatabase, type TestDatabase } from './database.ts'
import { freePort } from './free-port.ts'

export type Gateway = {
  url: string
  account: App['account']
  routes: App['routes']
  sql: Sql
  /** The official client, pointed at this gateway. */
  client: ReturnType<typeof twilio>
  /** A request with the main account's credentials, or others. */
  call: (method: string, path: string, body?: URLSearchParams | object, credentials?: string) => Promise<Answer>
  stop: () => Promise<void>
}

export type Answer = { status: number; headers: Headers; text: string; json: () => Record<string, unknown> }

/** `environment` as a user would set it. With `database`, on one that exists, which then stays. */
export async function startGateway(
  environment: Record<string, string> = {},
  database?: TestDatabase,
): Promise<Gateway> {
  const own = database ?? (await createDatabase())
  const dataDir = await mkdtemp(join(tmpdir(), 'pagewire-gateway-'))
  const port = await freePort()
  const config = await readConfig({
    PORT: String(port),
    PAGEWIRE_DATA_DIR: dataDir,
    DATABASE_URL: own.url,
    PAGEWIRE_SECRET_KEY: 'the secret key of all test gateways',
    PAGEWIRE_PUBLIC_URL: `http://localhost:${port}`,
    LOG_LEVEL: process.env.LOG_LEVEL ?? 'silent',
    ...environment,
  })
  const app = await startApp(config)
  const url = `http://127.0.0.1:${port}`
  const { sid, authToken } = app.account
  const client = twilio(sid, authToken)
  client.api.baseUrl = url
  client.messaging.baseUrl = `${url}/messaging`
  client.monitor.baseUrl = `${url}/monitor`
  client.accounts.baseUrl = `${url}/accounts`
  client.iam.baseUrl = `${url}/iam`
  return {
    url,
    account: app.account,
    routes: app.routes,
    sql: own.sql,
    client,
    async call(method, path, body, credentials = `${sid}:${authToken}`) {
      const isForm = body instanceof URLSearchParams
      const response = await fetch(url + path, {
        method,
        redirect: 'manual',
        headers: {
          ...(credentials && { Authorization: `Basic ${Buffer.from(credentials).toString('base64')}` }),
          ...(body && !isForm && { 'Content-Type': 'application/json' }),
        },
        ...(body && { body: isForm ? body : JSON.stringify(body) }),
      })
      const text = await response.text()
      return { status: response.status, headers: response.headers, text, json: () => JSON.parse(text) }
    },
    async stop() {
      await app.stop()
      if (!database) await own.drop()
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}
