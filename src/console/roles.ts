/** What each role may do: the one table that every route of the console asks. */
import type { Role } from '#store/memberships.ts'
import type { Right } from './contract.ts'

const VIEW: Right[] = ['view']
const REPLY: Right[] = [...VIEW, 'reply']
const CONFIGURE: Right[] = [...REPLY, 'configure', 'secrets']
const ADMINISTER: Right[] = [...CONFIGURE, 'people', 'accounts']

const RIGHTS: Record<Role, readonly Right[]> = {
  'read-only': VIEW,
  support: REPLY,
  developer: CONFIGURE,
  admin: ADMINISTER,
  owner: [...ADMINISTER, 'owner'],
}

export const rightsOf = (role: Role): readonly Right[] => RIGHTS[role]

export const ROLES = Object.keys(RIGHTS) as Role[]

const RANK: Record<Role, number> = { 'read-only': 0, support: 1, developer: 2, admin: 3, owner: 4 }

/** Nobody gives, or takes away, more than they have themselves. */
export const mayGive = (own: Role, given: Role): boolean => RANK[given] <= RANK[own]
