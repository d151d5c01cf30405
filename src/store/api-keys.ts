/** API keys: further credentials of an account. Of the secret only a digest is kept. */
import type { AccountSid, Id } from '#core/ids.ts'
import type { Tx } from './connection.ts'

/** A standard key may do everything but manage accounts, keys and tokens. */
export type ApiKeyKind = 'main' | 'standard'

export type ApiKey = {
  accountSid: AccountSid
  id: Id
  kind: ApiKeyKind
  friendlyName: string
  /** SHA-256. */
  secretDigest: Uint8Array
  createdAt: Date
  updatedAt: Date
}

export type NewApiKey = Pick<ApiKey, 'accountSid' | 'id' | 'kind' | 'friendlyName' | 'secretDigest'>

export async function insertApiKey(sql: Tx, key: NewApiKey): Promise<ApiKey> {
  const [row] = await sql<ApiKey[]>`
    insert into api_keys (account_sid, id, kind, friendly_name, secret_digest)
    values (${key.accountSid}, ${key.id}, ${key.kind}, ${key.friendlyName}, ${key.secretDigest})
    returning *`
  return row as ApiKey
}

/** Whosever it is: the key itself says whose. */
export async function findApiKeyById(sql: Tx, id: Id): Promise<ApiKey | undefined> {
  const [row] = await sql<ApiKey[]>`select * from api_keys where id = ${id}`
  return row
}

export async function findApiKey(sql: Tx, accountSid: string, id: Id): Promise<ApiKey | undefined> {
  const [row] = await sql<ApiKey[]>`select * from api_keys where account_sid = ${accountSid} and id = ${id}`
  return row
}

/** Newest first, in reading order whichever way `edge` leads. */
export async function listApiKeys(
  sql: Tx,
  accountSid: string,
  edge: { id: Id; direction: 'older' | 'newer' } | null,
  limit: number,
): Promise<ApiKey[]> {
  const newer = edge?.direction === 'newer'
  const found = await sql<ApiKey[]>`
    select * from api_keys where account_sid = ${accountSid}
      ${edge ? (newer ? sql`and id > ${edge.id}` : sql`and id < ${edge.id}`) : sql``}
    order by id ${newer ? sql`asc` : sql`desc`} limit ${limit}`
  return newer ? found.reverse() : found
}

export async function renameApiKey(
  sql: Tx,
  accountSid: string,
  id: Id,
  friendlyName: string,
): Promise<ApiKey | undefined> {
  const [row] = await sql<ApiKey[]>`
    update api_keys set friendly_name = ${friendlyName}, updated_at = clock_now()
    where account_sid = ${accountSid} and id = ${id} returning *`
  return row
}

export async function deleteApiKey(sql: Tx, accountSid: string, id: Id): Promise<boolean> {
  const gone = await sql`delete from api_keys where account_sid = ${accountSid} and id = ${id} returning id`
  return gone.length > 0
}
