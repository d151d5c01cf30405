/** People who use the console. Passwords and recovery codes are hashed, second factors sealed. */
import type { Id } from '#core/ids.ts'
import type { Tx } from './connection.ts'
import type { Vault } from './secrets.ts'

export type User = {
  id: Id
  email: string
  name: string
  passwordHash: string | null
  totpSecret: string | null
  totpStep: number
  recoveryCodes: string[]
  createdAt: Date
}

type UserRow = Omit<User, 'totpSecret' | 'totpStep'> & { totpSecret: Uint8Array | null; totpStep: string }

const place = (id: Id) => `user:${id}`

const open = (vault: Vault, row: UserRow | undefined): User | undefined =>
  row && {
    ...row,
    totpStep: Number(row.totpStep),
    totpSecret: row.totpSecret && vault.open(row.totpSecret, place(row.id)),
  }

export async function findUser(sql: Tx, vault: Vault, id: Id): Promise<User | undefined> {
  const [row] = await sql<UserRow[]>`select * from users where id = ${id}`
  return open(vault, row)
}

export async function findUserByEmail(sql: Tx, vault: Vault, email: string): Promise<User | undefined> {
  const [row] = await sql<UserRow[]>`select * from users where email = ${email.toLowerCase()}`
  return open(vault, row)
}

export async function countUsers(sql: Tx): Promise<number> {
  const [row] = await sql<{ count: number }[]>`select count(*)::integer as count from users`
  return row?.count ?? 0
}

/** False when the e-mail address is taken. */
export async function insertUser(
  sql: Tx,
  user: { id: Id; email: string; name: string; passwordHash: string | null },
): Promise<boolean> {
  const made = await sql`
    insert into users (id, email, name, password_hash)
    values (${user.id}, ${user.email.toLowerCase()}, ${user.name}, ${user.passwordHash})
    on conflict (email) do nothing returning id`
  return made.length > 0
}

export async function saveName(sql: Tx, id: Id, name: string): Promise<void> {
  await sql`update users set name = ${name}, updated_at = clock_now() where id = ${id}`
}

export async function savePassword(sql: Tx, id: Id, passwordHash: string): Promise<void> {
  await sql`update users set password_hash = ${passwordHash}, updated_at = clock_now() where id = ${id}`
}

/** Null takes the second factor away. `recoveryCodes` are hashes; codes up to the time step `usedStep` count no more. */
export async function saveSecondFactor(
  sql: Tx,
  vault: Vault,
  id: Id,
  secret: string | null,
  recoveryCodes: string[],
  usedStep = 0,
): Promise<void> {
  await sql`
    update users set totp_secret = ${secret === null ? null : vault.seal(secret, place(id))}, totp_step = ${usedStep},
      recovery_codes = ${recoveryCodes}::text[], updated_at = clock_now()
    where id = ${id}`
}

/** False when a code of this time step or a later one was used before. */
export async function spendTotpStep(sql: Tx, id: Id, step: number): Promise<boolean> {
  const used = await sql`update users set totp_step = ${step} where id = ${id} and totp_step < ${step} returning id`
  return used.length > 0
}

/** False when there is no such code (any more). */
export async function spendRecoveryCode(sql: Tx, id: Id, codeHash: string): Promise<boolean> {
  const used = await sql`
    update users set recovery_codes = array_remove(recovery_codes, ${codeHash})
    where id = ${id} and ${codeHash} = any(recovery_codes) returning id`
  return used.length > 0
}
