import type { RoleName } from '../../../src/console/contract.ts'

const ROLES: RoleName[] = ['owner', 'admin', 'developer', 'support', 'read-only']

/** What somebody with this role may give to others: no more than their own. */
export const rolesUpTo = (own: RoleName): RoleName[] => ROLES.slice(ROLES.indexOf(own))
