/** Who works in an account: members, their roles, and invitations by link. An account never loses its last owner. */
import { Type } from 'typebox'
import { type Id, newId } from '#core/ids.ts'
import { insertAuditEntry } from '#store/audit.ts'
import {
  findRole,
  listMembers,
  listOwnMemberships,
  lockMembers,
  type Member,
  type Role,
  removeMembership,
  saveMembership,
} from '#store/memberships.ts'
import { findLink, insertLink, listInvitations, removeInvitation, type SignInLink } from '#store/sessions.ts'
import type { InvitationView, Invited, People } from './contract.ts'
import { newSecret } from './passwords.ts'
import { mayGive, ROLES, rightsOf } from './roles.ts'
import { Refusal, type Routes } from './route.ts'

const INVITATION_HOURS = 7 * 24
const PASSWORD_LINK_HOURS = 24

const RoleBody = Type.Object({ role: Type.Unsafe<Role>(Type.String({ enum: ROLES })) })
const InviteBody = Type.Object({ email: Type.String({ maxLength: 254 }), ...RoleBody.properties })

const viewOf = ({ id, email, role, createdAt, expiresAt }: SignInLink): InvitationView => ({
  id,
  email: email ?? '',
  role: role as Role,
  createdAt: createdAt.toISOString(),
  expiresAt: expiresAt.toISOString(),
})

export function peopleRoutes({ flow, add }: Routes): void {
  const { sql } = flow
  const url = '/accounts/:accountSid/people'

  add({ method: 'GET', url, needs: 'view' }, async ({ account }): Promise<People> => {
    const members = await listMembers(sql, account.sid)
    const invitations = await listInvitations(sql, account.sid)
    return {
      members: members.map(({ userId, email, name, role, twoFactor, createdAt }) => {
        return { id: userId, email, name, role, twoFactor, since: createdAt.toISOString() }
      }),
      invitations: invitations.map(viewOf),
    }
  })

  add(
    { method: 'POST', url: `${url}/invitations`, needs: 'people', body: InviteBody },
    async ({ account, visitor, actor, body }): Promise<Invited> => {
      const email = body.email.trim().toLowerCase()
      if (!/^[^\s@]+@[^\s@]+$/.test(email)) throw new Refusal(400, 'This is not an e-mail address', 'email')
      refuseMore(account.role, body.role)
      const members = await listMembers(sql, account.sid)
      if (members.some((member) => member.email === email)) {
        throw new Refusal(409, `${email} is a member of this account already`, 'email')
      }
      const [id, token] = [newId(), newSecret()]
      const invitation = { id, purpose: 'join' as const, accountSid: account.sid, email, role: body.role }
      await sql.begin(async (tx) => {
        await insertLink(tx, { ...invitation, madeBy: visitor.user.id, token, hours: INVITATION_HOURS })
        await insertAuditEntry(tx, {
          accountSid: account.sid,
          actor,
          source: 'console',
          eventType: 'member.invited',
          resourceType: 'member',
          resourceSid: id,
          after: { email, role: body.role },
        })
      })
      const link = (await findLink(sql, token)) as SignInLink
      return { ...viewOf(link), url: `${flow.publicUrl}/join/${token}` }
    },
  )

  add({ method: 'DELETE', url: `${url}/invitations/:id`, needs: 'people' }, async ({ account, actor, params }) => {
    await sql.begin(async (tx) => {
      const gone = await removeInvitation(tx, account.sid, idOf(params.id))
      if (!gone) throw new Refusal(404, 'This invitation is gone: it was accepted, withdrawn, or is too old')
      await insertAuditEntry(tx, {
        accountSid: account.sid,
        actor,
        source: 'console',
        eventType: 'member.invitation-withdrawn',
        resourceType: 'member',
        resourceSid: gone.id,
        before: { email: gone.email, role: gone.role },
      })
    })
  })

  add(
    { method: 'PATCH', url: `${url}/:id`, needs: 'people', body: RoleBody },
    async ({ account, actor, params, body }) => {
      await changeMember(account, params.id, async (tx, member, owners) => {
        refuseMore(account.role, member.role)
        refuseMore(account.role, body.role)
        if (member.role === 'owner' && body.role !== 'owner' && owners === 1) throw new Refusal(409, LAST_OWNER)
        await saveMembership(tx, account.sid, member.userId, body.role)
        return {
          actor,
          eventType: 'member.updated',
          before: { email: member.email, role: member.role },
          after: { email: member.email, role: body.role },
        }
      })
    },
  )

  add({ method: 'DELETE', url: `${url}/:id`, needs: 'people' }, async ({ account, actor, params }) => {
    await changeMember(account, params.id, async (tx, member, owners) => {
      refuseMore(account.role, member.role)
      if (member.role === 'owner' && owners === 1) throw new Refusal(409, LAST_OWNER)
      await removeMembership(tx, account.sid, member.userId)
      return { actor, eventType: 'member.removed', before: { email: member.email, role: member.role } }
    })
  })

  // For somebody who has forgotten the password: a link that an owner or admin passes on.
  add(
    { method: 'POST', url: `${url}/:id/password-link`, needs: 'people' },
    async ({ account, actor, visitor, params }): Promise<{ url: string }> => {
      const token = newSecret()
      await changeMember(account, params.id, async (tx, member) => {
        await refuseElsewhere(tx, visitor.user.id, member.userId)
        const link = { id: newId(), purpose: 'password' as const, userId: member.userId, madeBy: visitor.user.id }
        await insertLink(tx, { ...link, token, hours: PASSWORD_LINK_HOURS })
        return { actor, eventType: 'member.password-link-made', after: { email: member.email } }
      })
      return { url: `${flow.publicUrl}/join/${token}` }
    },
  )

  type Change = Pick<Parameters<typeof insertAuditEntry>[1], 'actor' | 'eventType' | 'before' | 'after'>
  type Tx = Parameters<typeof insertAuditEntry>[0]

  /** A password opens all accounts of its person: the link is for those who could do as much in each of them. */
  async function refuseElsewhere(tx: Tx, ownId: Id, memberId: Id): Promise<void> {
    for (const { accountSid, role } of await listOwnMemberships(tx, memberId)) {
      const own = await findRole(tx, ownId, accountSid)
      if (own && rightsOf(own.role).includes('people') && mayGive(own.role, role)) continue
      throw new Refusal(403, ELSEWHERE)
    }
  }

  async function changeMember(
    account: { sid: string },
    id: string | undefined,
    change: (tx: Tx, member: Member, owners: number) => Promise<Change>,
  ): Promise<void> {
    await sql.begin(async (tx) => {
      await lockMembers(tx, account.sid)
      const members = await listMembers(tx, account.sid)
      const member = members.find(({ userId }) => userId === id)
      if (!member) throw new Refusal(404, 'This person is not a member of this account (any more)')
      const owners = members.filter(({ role }) => role === 'owner').length
      const made = await change(tx, member, owners)
      await insertAuditEntry(tx, {
        accountSid: account.sid,
        source: 'console',
        resourceType: 'member',
        resourceSid: member.userId,
        ...made,
      })
    })
  }
}

const ELSEWHERE =
  'This person has more rights than you, here or in another account that the same password opens: somebody with at least as many in all of them can make the link'

const LAST_OWNER = 'This is the last owner of the account: make somebody else an owner first'

function refuseMore(own: Role, given: Role): void {
  if (!mayGive(own, given)) throw new Refusal(403, `Only an owner may do this with the role "${given}"`)
}

function idOf(text = ''): Id {
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text)) throw new Refusal(404, 'There is nothing of this name')
  return text as Id
}
