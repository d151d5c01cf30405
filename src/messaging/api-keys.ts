/** Makes and revokes API keys. The secret leaves here once and is kept as a digest only. */
import { hash } from 'node:crypto'
import { type AccountSid, type Id, newAuthToken, newId } from '#core/ids.ts'
import { type ApiKey, type ApiKeyKind, deleteApiKey, insertApiKey } from '#store/api-keys.ts'
import type { Tx } from '#store/connection.ts'
import type { Flow } from './flow.ts'

/** A `main` key can do what the auth token can; the API makes standard ones only, as Twilio's does. */
export async function createApiKey(
  { sql }: { sql: Tx },
  accountSid: AccountSid,
  friendlyName: string,
  kind: ApiKeyKind = 'standard',
): Promise<{ key: ApiKey; secret: string }> {
  const secret = newAuthToken()
  const secretDigest = hash('sha256', secret, 'buffer')
  const key = await insertApiKey(sql, { accountSid, id: newId(), kind, friendlyName, secretDigest })
  return { key, secret }
}

/** In force on this node when it answers, on others within a second. False when it was gone already. */
export async function removeApiKey(
  flow: Flow,
  accountSid: AccountSid,
  id: Id,
  note?: (tx: Tx) => Promise<void>,
): Promise<boolean> {
  const removed = await flow.sql.begin(async (tx) => {
    const gone = await deleteApiKey(tx, accountSid, id)
    if (gone) await note?.(tx)
    return gone
  })
  flow.directory.forget()
  return removed
}
