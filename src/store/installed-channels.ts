/** Which channels an account has taken from the catalogue. */
import type { Tx } from './connection.ts'

/** With those that it has senders on, however they were connected. */
export async function listInstalled(sql: Tx, accountSid: string): Promise<Set<string>> {
  const found = await sql<{ channel: string }[]>`
    select channel from installed_channels where account_sid = ${accountSid}
    union select channel from senders where account_sid = ${accountSid} and deleted_at is null`
  return new Set(found.map(({ channel }) => channel))
}

/** False when it was there already. */
export async function installChannel(sql: Tx, accountSid: string, channel: string): Promise<boolean> {
  const added = await sql`
    insert into installed_channels (account_sid, channel) values (${accountSid}, ${channel})
    on conflict do nothing returning channel`
  return added.length > 0
}

/** False when it was not there. */
export async function uninstallChannel(tx: Tx, accountSid: string, channel: string): Promise<boolean> {
  const gone = await tx`
    delete from installed_channels where account_sid = ${accountSid} and channel = ${channel} returning channel`
  return gone.length > 0
}
