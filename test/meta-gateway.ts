/** A gateway whose Meta is the stand-in of these tests, with Pages to connect and people to write. */
import assert from 'node:assert/strict'
import type { TestDatabase } from './database.ts'
import { type Answer, type Gateway, startGateway } from './gateway.ts'
import { META_APP, type MetaStandIn, startMetaStandIn } from './meta-stand-in.ts'
import { entryOf, fromPerson, postEntries } from './meta-webhooks.ts'

export type MetaGateway = Gateway & {
  meta: MetaStandIn
  /** A new Page that is connected as a sender; `settings` beside its token. */
  connectPage: (settings?: { configuration?: object; webhook?: object }) => Promise<ConnectedPage>
  /** Somebody whom no Page knows yet. */
  newPerson: () => string
  /** The person writes to the Page; answers the message's id at Meta. */
  says: (psid: string, pageId: string, text: string, at?: number) => Promise<string>
  /** `POST …/Messages.json` with these parameters. */
  create: (parameters: Record<string, string> | [string, string][]) => Promise<Answer>
  /** All waiting sends are due now, whatever they wait for; until then they keep waiting. */
  hurry: () => Promise<void>
}

export type ConnectedPage = { pageId: string; sid: string; token: string; path: string }

const SENDERS = '/messaging/v2/Channels/Senders'

/** With `database`, on one that exists, which then stays. */
export async function startMetaGateway(
  environment: Record<string, string> = {},
  database?: TestDatabase,
): Promise<MetaGateway> {
  const meta = await startMetaStandIn()
  const gateway = await startGateway(
    {
      PAGEWIRE_SANDBOX: 'off',
      PAGEWIRE_ALLOW_PRIVATE_CALLBACKS: 'true',
      META_GRAPH_URL: meta.url,
      META_APP_ID: META_APP.appId,
      META_APP_SECRET: META_APP.appSecret,
      META_VERIFY_TOKEN: META_APP.verifyToken,
      ...environment,
    },
    database,
  )
  let counter = 0
  return {
    ...gateway,
    meta,
    async connectPage({ configuration, webhook } = {}) {
      const pageId = String(100_200_300_000_000 + ++counter)
      const token = meta.addPage(pageId, `Page ${counter}`)
      const connected = await gateway.call('POST', SENDERS, {
        sender_id: `messenger:${pageId}`,
        configuration: { page_access_token: token, ...configuration },
        ...(webhook && { webhook }),
      })
      assert.equal(connected.status, 202, connected.text)
      const sid = connected.json().sid as string
      return { pageId, sid, token, path: `${SENDERS}/${sid}` }
    },
    newPerson: () => String(7_000_000_000_000_000 + ++counter),
    async says(psid, pageId, text, at) {
      const mid = `m_said_${++counter}`
      const posted = await postEntries(
        gateway.url,
        entryOf(pageId, fromPerson(pageId, psid, { message: { mid, text } }, at)),
      )
      assert.deepEqual(posted, { status: 200, text: 'EVENT_RECEIVED' })
      return mid
    },
    create: (parameters) =>
      gateway.call(
        'POST',
        `/2010-04-01/Accounts/${gateway.account.sid}/Messages.json`,
        new URLSearchParams(parameters),
      ),
    async hurry() {
      await gateway.sql`update senders set paused_until = null`
      await gateway.sql`update lanes set due_at = now() where kind = 'send-message' and due_at > now()`
    },
    async stop() {
      await gateway.stop()
      await meta.stop()
    },
  }
}
