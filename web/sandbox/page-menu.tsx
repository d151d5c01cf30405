import { ActionIcon, Menu } from '@mantine/core'
import type { TemplateButton } from '../../src/sandbox/contract.ts'
import { texts } from '../texts/texts.ts'
import { Icon } from '../ui/icons.tsx'
import type { ChatActions } from './chat-actions.ts'
import { webUrlOf } from './links.ts'

const t = texts.sandbox

type PageMenuProps = { items: TemplateButton[]; send: ChatActions['send'] }

/** The persistent menu that a Page may have beside the composer. */
export const PageMenu = ({ items, send }: PageMenuProps) => {
  if (items.length === 0) return null
  return (
    <Menu position="top-start" shadow="md" transitionProps={{ duration: 100 }}>
      <Menu.Target>
        <ActionIcon variant="subtle" size={40} radius="xl" aria-label={t.menu} title={t.menu}>
          <Icon name="menu" size={22} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {items.map((item, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a Page's menu keeps its order
          <PageMenuItem key={index} item={item} send={send} />
        ))}
      </Menu.Dropdown>
    </Menu>
  )
}

const PageMenuItem = ({ item, send }: { item: TemplateButton; send: ChatActions['send'] }) => {
  if (item.type === 'postback') {
    const request = { title: item.title, payload: item.payload }
    return <Menu.Item onClick={() => send({ kind: 'postback', request })}>{item.title}</Menu.Item>
  }
  const href = item.type === 'phone_number' ? `tel:${item.payload}` : webUrlOf(item.url)
  if (href === undefined) return <Menu.Item disabled>{item.title}</Menu.Item>
  return (
    <Menu.Item component="a" href={href} target="_blank" rel="noopener noreferrer">
      {item.title}
    </Menu.Item>
  )
}
