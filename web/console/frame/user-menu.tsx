import { ActionIcon, Menu } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { texts } from '../../texts/texts.ts'
import { Avatar } from '../../ui/avatar.tsx'
import { initialsOf } from '../../ui/initials.ts'
import { call, useMe } from '../api.ts'
import { forgetDrafts } from '../channels/use-draft.ts'

const t = texts.console.you

export const UserMenu = () => {
  const me = useMe()
  const navigate = useNavigate()
  const client = useQueryClient()
  const name = me.name || me.email
  const signOut = async () => {
    await call('DELETE', '/session')
    client.clear()
    forgetDrafts()
    await navigate({ to: '/sign-in' })
  }
  return (
    <Menu position="bottom-end" width={240}>
      <Menu.Target>
        <ActionIcon variant="transparent" size={34} aria-label={t.menu(name, initialsOf(name))}>
          <Avatar name={name} kind="person" size={30} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{me.email}</Menu.Label>
        <Menu.Item onClick={() => navigate({ to: '/me' })}>{t.profile}</Menu.Item>
        <Menu.Item onClick={signOut}>{t.signOut}</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}
