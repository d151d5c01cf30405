/** The pretend people. */
import type { Person } from '../contract.ts'
import { newPersonId } from './names.ts'
import type { Tx } from './world.ts'

export async function createPerson(sql: Tx, name: string): Promise<Person> {
  const person: Person = { id: newPersonId(), name, pictureUrl: null }
  await sql`insert into sandbox.people (id, name) values (${person.id}, ${name})`
  return person
}

export const listPeople = (sql: Tx): Promise<Person[]> => sql<Person[]>`
  select id, name, picture_url as "pictureUrl" from sandbox.people order by created_at, id`

export async function findPerson(sql: Tx, id: string): Promise<Person | undefined> {
  const [person] = await sql<Person[]>`
    select id, name, picture_url as "pictureUrl" from sandbox.people where id = ${id}`
  return person
}
