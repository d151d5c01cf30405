/** A database of one's own for a test file, cloned from the migrated template. */
import { randomBytes } from 'node:crypto'
import { connect, PATIENT, type Sql } from '../src/store/connection.ts'

export const TEMPLATE = 'pagewire_template'

export type TestDatabase = { url: string; sql: Sql; drop: () => Promise<void> }

export async function createDatabase(): Promise<TestDatabase> {
  const server = process.env.TEST_DATABASE_URL
  if (!server) throw new Error('TEST_DATABASE_URL is not set: run the tests with npm test')
  const name = `test_${randomBytes(6).toString('hex')}`
  const admin = connect({ url: `${server}/postgres` }, 1, PATIENT)
  await admin.unsafe(`create database ${name} template ${TEMPLATE}`)
  const url = `${server}/${name}`
  const sql = connect({ url }, 4, PATIENT)
  return {
    url,
    sql,
    async drop() {
      await sql.end()
      await admin.unsafe(`drop database ${name} with (force)`)
      await admin.end()
    },
  }
}
