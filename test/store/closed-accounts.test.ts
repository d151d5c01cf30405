/** What a closed account leaves behind: every table with an `account_sid` is looked at, also one that is new. */
import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import { type AccountSid, newAccountSid } from '#core/ids.ts'
import { ERASED, eraseClosedAccounts, KEPT, SWEPT, WALKED } from '#store/closed-accounts.ts'
import type { Sql } from '#store/connection.ts'
import { migrate } from '#store/migrate.ts'
import { makePartitions } from '#store/partitions.ts'
import { createDatabase, type TestDatabase } from '../database.ts'
import { insertAnyRows, rowsOfAccount, tablesOfAccounts } from './any-rows.ts'

const ROWS = 3
/** So that each table takes several statements. */
const AT_ONCE = 2

let database: TestDatabase
let sql: Sql
let main: AccountSid
let neighbours: AccountSid[]

before(async () => {
  database = await createDatabase()
  sql = database.sql
  await makePartitions(sql, 90)
})
beforeEach(async () => {
  main = await newAccount('active', 0)
  neighbours = [
    main,
    await newAccount('active', 0, main),
    await newAccount('suspended', 0, main),
    await newAccount('closed', 29.9, main),
  ]
})
after(() => database?.drop())

/** With rows in every table. */
async function newAccount(status: string, closedDaysAgo: number, parentSid: AccountSid | null = null) {
  const sid = newAccountSid()
  await sql`
    insert into accounts (sid, parent_sid, friendly_name, auth_token, status, closed_at, debugger_url)
    values (${sid}, ${parentSid}, 'An account', '', ${status},
      case when ${status} = 'closed' then now() - ${closedDaysAgo} * interval '1 day' end, 'https://a:b@example.com/')`
  for (const table of await tablesOfAccounts(sql)) await insertAnyRows(sql, table, sid, ROWS)
  return sid
}

const isEmpty = async (sid: AccountSid) => {
  const rows = await rowsOfAccount(sql, sid)
  return [...ERASED, WALKED].every((table) => rows[table]?.length === 0)
}
const isMarked = async (sid: AccountSid) => {
  const [row] = await sql`select from accounts where sid = ${sid} and erased_at is not null`
  return row !== undefined
}
/** What must not change; the main account's trail tells of the subaccounts that went. */
const stateOf = async (sids: AccountSid[]) => {
  const states = await Promise.all(sids.map((sid) => rowsOfAccount(sql, sid)))
  return states.map(({ audit_entries: _, ...rows }) => rows)
}

test('every table that belongs to an account is either removed with it or kept for a reason', async () => {
  assert.deepEqual(await tablesOfAccounts(sql), [...ERASED, WALKED, ...SWEPT, ...KEPT].toSorted())
})

test('30 days after it was closed an account loses all that it had, and nobody else loses anything', async () => {
  const gone = [await newAccount('closed', 30.1, main), await newAccount('closed', 400, main)]
  const before = await stateOf(neighbours)
  const kept = await Promise.all(gone.map((sid) => rowsOfAccount(sql, sid)))

  assert.deepEqual((await eraseClosedAccounts(sql, AT_ONCE)).toSorted(), gone.toSorted())

  assert.deepEqual(await stateOf(neighbours), before)
  for (const [nth, sid] of gone.entries()) {
    assert.ok(await isEmpty(sid))
    const rows = await rowsOfAccount(sql, sid)
    for (const table of KEPT.filter((each) => each !== 'audit_entries'))
      assert.deepEqual(rows[table], kept[nth]?.[table])
    assert.equal(rows.audit_entries?.length, ROWS + 1)
    assert.equal(rows.media_files?.length, ROWS)
  }
  const loose = await sql`select from media_files where check_at <= clock_now()`
  assert.equal(loose.length, gone.length * ROWS, 'files of the closed accounts, and of no other, are looked at')
  const accounts = await sql<{ status: string; debuggerUrl: string | null }[]>`
    select status, debugger_url from accounts where sid = any(${gone}::text[])`
  assert.deepEqual(
    accounts.map(({ status, debuggerUrl }) => [status, debuggerUrl]),
    gone.map(() => ['closed', null]),
  )
  const told = await sql`
    select from audit_entries where event_type = 'account.erased' and account_sid = ${main}`
  assert.equal(told.length, gone.length)
  assert.deepEqual(await eraseClosedAccounts(sql, AT_ONCE), [], 'once')
})

test('whatever statement it dies before, the next run removes the rest, and marks the account only when all is gone', async () => {
  const before = await stateOf(neighbours)
  let died = 0
  for (let survived = false; !survived; ) {
    const sid = await newAccount('closed', 31, main)
    // Each of the first statements, then ever larger steps, as most are alike.
    const steps = died < 5 ? died : died * 9
    survived = await eraseClosedAccounts(dyingAfter(steps), AT_ONCE).then(
      () => true,
      (error) => {
        assert.equal(error, DEATH)
        return false
      },
    )
    if (!survived) {
      died += 1
      assert.equal(await isMarked(sid), false)
      assert.deepEqual(await eraseClosedAccounts(sql, AT_ONCE), [sid])
    }
    assert.ok(await isEmpty(sid))
    assert.ok(await isMarked(sid))
  }
  assert.ok(died > 10, `${died} deaths`)
  assert.deepEqual(await stateOf(neighbours), before)
})

test('several nodes do it at the same time', async () => {
  const before = await stateOf(neighbours)
  const gone = await Promise.all([1, 2, 3].map(() => newAccount('closed', 31, main)))

  const nodes = await Promise.all([1, 2, 3, 4].map(() => eraseClosedAccounts(sql, AT_ONCE)))
  const later = await eraseClosedAccounts(sql, AT_ONCE)

  assert.deepEqual([...nodes.flat(), ...later].toSorted(), gone.toSorted(), 'each is done once')
  for (const sid of gone) assert.ok(await isEmpty(sid))
  assert.deepEqual(await stateOf(neighbours), before)
})

test('a row that somebody holds is waited for by nobody, and goes the next time', async () => {
  const sid = await newAccount('closed', 31, main)
  await sql.begin(async (tx) => {
    await tx`select from contacts where account_sid = ${sid} limit 1 for update`
    assert.deepEqual(await eraseClosedAccounts(sql, AT_ONCE), [])
  })
  assert.equal(await isMarked(sid), false)
  assert.deepEqual(await eraseClosedAccounts(sql, AT_ONCE), [sid])
})

test('a clock that the built-in Messenger has moved removes nothing', async () => {
  const sid = await newAccount('closed', 29, main)
  await migrate(sql, 'sandbox', new URL('../../src/sandbox/migrations/', import.meta.url))
  await sql`select sandbox.advance_clock(${60 * 24 * 3_600_000})`
  assert.deepEqual(await eraseClosedAccounts(sql, AT_ONCE), [])
  assert.equal(await isEmpty(sid), false)
})

const DEATH = new Error('killed')

/** The database as a process sees it that is killed after so many statements. */
function dyingAfter(statements: number): Sql {
  let left = statements
  const spend = () => {
    if (left === 0) throw DEATH
    left -= 1
  }
  return new Proxy(sql, {
    apply(target, self, args) {
      spend()
      return Reflect.apply(target, self, args)
    },
    get(target, name) {
      const value = Reflect.get(target, name)
      if (name !== 'unsafe' && name !== 'begin') return value
      return (...args: unknown[]) => {
        spend()
        return Reflect.apply(value, target, args)
      }
    },
  })
}
