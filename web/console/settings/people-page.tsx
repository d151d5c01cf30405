import { ActionIcon, Badge, Button, Menu, NativeSelect } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { InvitationView, MemberView, People, RoleName } from '../../../src/console/contract.ts'
import { texts } from '../../texts/texts.ts'
import { Icon } from '../../ui/icons.tsx'
import { PageTitle } from '../../ui/page-title.tsx'
import { Problem } from '../../ui/problem.tsx'
import { Time } from '../../ui/time.tsx'
import { call, generalProblem, get, may, useMe } from '../api.ts'
import card from '../card.module.css'
import { useAccount } from '../frame/use-account.ts'
import { Confirm, InviteDialog, LinkDialog } from './people-dialogs.tsx'
import { rolesUpTo } from './roles.ts'

const t = texts.console.people

export const PeoplePage = () => {
  const account = useAccount()
  const client = useQueryClient()
  const key = ['people', account.sid]
  const path = `/accounts/${account.sid}/people`
  const people = useQuery({ queryKey: key, queryFn: () => get<People>(path) })
  const [inviting, setInviting] = useState(false)
  const mayChange = may(account, 'people')
  const act = useMutation({
    mutationFn: ({ method, to, body }: { method: string; to: string; body?: object }) =>
      call<void>(method, path + to, body),
    onSettled: () =>
      Promise.all([client.invalidateQueries({ queryKey: key }), client.invalidateQueries({ queryKey: ['me'] })]),
  })
  return (
    <>
      <PageTitle title={t.title} account={account.name} lead={t.lead}>
        {mayChange && (
          <Button leftSection={<Icon name="plus" size={16} />} onClick={() => setInviting(true)}>
            {t.invite}
          </Button>
        )}
      </PageTitle>
      <Problem text={generalProblem(people.error ?? act.error)} />
      <section className={card.card}>
        {people.data?.members.map((member) => (
          <Member
            key={member.id}
            member={member}
            path={path}
            mayChange={mayChange}
            onRole={(role) => act.mutate({ method: 'PATCH', to: `/${member.id}`, body: { role } })}
            onRemove={() => act.mutate({ method: 'DELETE', to: `/${member.id}` })}
          />
        ))}
        {people.data?.invitations.map((invitation) => (
          <Invitation
            key={invitation.id}
            invitation={invitation}
            onWithdraw={
              mayChange ? () => act.mutate({ method: 'DELETE', to: `/invitations/${invitation.id}` }) : undefined
            }
          />
        ))}
      </section>
      <InviteDialog
        path={path}
        roles={rolesUpTo(account.role)}
        opened={inviting}
        onClose={() => {
          setInviting(false)
          return client.invalidateQueries({ queryKey: key })
        }}
      />
    </>
  )
}

type MemberProps = {
  member: MemberView
  path: string
  mayChange: boolean
  onRole: (role: RoleName) => void
  onRemove: () => void
}

const Member = ({ member, path, mayChange, onRole, onRemove }: MemberProps) => {
  const me = useMe()
  const account = useAccount()
  const [removing, setRemoving] = useState(false)
  const [link, setLink] = useState<string | null>(null)
  const makeLink = useMutation({
    mutationFn: () => call<{ url: string }>('POST', `${path}/${member.id}/password-link`),
    onSuccess: ({ url }) => setLink(url),
  })
  const name = member.name || member.email
  const roles = rolesUpTo(account.role)
  const reachable = mayChange && roles.includes(member.role)
  return (
    <div className={card.row}>
      <div className={card.grow}>
        {name} {member.id === me.id && <Badge variant="light">{t.you}</Badge>}
        <div className={card.soft}>
          {member.email} · {member.twoFactor ? t.twoFactor : t.noTwoFactor} · {t.since} <Time at={member.since} />
        </div>
        <Problem text={generalProblem(makeLink.error)} />
      </div>
      {reachable ? (
        <NativeSelect
          aria-label={t.roleOf(name)}
          value={member.role}
          data={roles.map((role) => ({ value: role, label: t.roles[role] }))}
          onChange={(event) => onRole(event.currentTarget.value as RoleName)}
        />
      ) : (
        <span>{t.roles[member.role]}</span>
      )}
      {reachable && (
        <Menu position="bottom-end">
          <Menu.Target>
            <ActionIcon variant="subtle" color="gray" aria-label={t.actionsOf(name)}>
              <Icon name="more" />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item onClick={() => makeLink.mutate()}>{t.passwordLink}</Menu.Item>
            <Menu.Item color="red" onClick={() => setRemoving(true)}>
              {t.removeDo(name)}
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
      )}
      <Confirm
        opened={removing}
        title={t.removeHeading(name)}
        text={t.removeText}
        action={t.removeDo(name)}
        onClose={() => setRemoving(false)}
        onConfirm={() => {
          setRemoving(false)
          onRemove()
        }}
      />
      <LinkDialog
        title={t.passwordLinkReady}
        text={t.passwordLinkText(member.email)}
        url={link}
        onClose={() => setLink(null)}
      />
    </div>
  )
}

const Invitation = ({
  invitation: { email, role, expiresAt },
  onWithdraw,
}: {
  invitation: InvitationView
  onWithdraw: (() => void) | undefined
}) => (
  <div className={card.row}>
    <div className={card.grow}>
      {email} <Badge variant="outline">{t.invited}</Badge>
      <div className={card.soft}>
        {t.roles[role]} · {t.expires} <Time at={expiresAt} />
      </div>
    </div>
    {onWithdraw && (
      <Button variant="default" size="xs" onClick={onWithdraw}>
        {t.withdraw}
      </Button>
    )}
  </div>
)
