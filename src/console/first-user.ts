/** The first user, an owner of the main account: made once, when nobody is there. */
import { type AccountSid, newId } from '#core/ids.ts'
import type { Sql } from '#store/connection.ts'
import { saveMembership } from '#store/memberships.ts'
import { insertLink } from '#store/sessions.ts'
import { countUsers, insertUser } from '#store/users.ts'
import { hashPassword, newSecret } from './passwords.ts'

const SETUP_HOURS = 24

export type FirstUser = {
  email: string
  /** Where a password of one's own is chosen, once. */
  setupToken: string
}

/** Undefined when there are users already. Nodes that start together make one. */
export async function makeFirstUser(
  sql: Sql,
  accountSid: AccountSid,
  { email, password }: { email: string; password: string },
): Promise<FirstUser | undefined> {
  if ((await countUsers(sql)) > 0) return undefined
  const passwordHash = await hashPassword(password)
  return await sql.begin(async (tx) => {
    await tx`select pg_advisory_xact_lock(hashtext('first user'))`
    if ((await countUsers(tx)) > 0) return undefined
    const [id, setupToken] = [newId(), newSecret()]
    await insertUser(tx, { id, email, name: '', passwordHash })
    await saveMembership(tx, accountSid, id, 'owner')
    await insertLink(tx, { id: newId(), purpose: 'setup', userId: id, token: setupToken, hours: SETUP_HOURS })
    return { email, setupToken }
  })
}
