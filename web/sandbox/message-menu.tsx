import { Menu } from '@mantine/core'
import { useState } from 'react'
import type { ThreadMessage } from '../../src/sandbox/contract.ts'
import { texts } from '../texts/texts.ts'
import { copyText } from '../ui/copy-text.ts'
import { Icon } from '../ui/icons.tsx'
import type { ChatActions } from './chat-actions.ts'
import styles from './message-menu.module.css'

const t = texts.sandbox

type MessageMenuProps = { message: ThreadMessage; tabIndex: number; actions: ChatActions }

/** Until it is wanted it is a bare button: a chat may have a thousand of them. */
export const MessageMenu = ({ message, tabIndex, actions }: MessageMenuProps) => {
  const [wanted, setWanted] = useState(false)
  const button = (
    <button
      type="button"
      className={styles.button}
      tabIndex={tabIndex}
      aria-label={t.messageActions}
      aria-haspopup="menu"
      {...(wanted ? {} : { onClick: () => setWanted(true) })}
    >
      <Icon name="more" size={18} />
    </button>
  )
  if (!wanted) return button
  const { text } = message
  return (
    <Menu defaultOpened position="top" shadow="md" transitionProps={{ duration: 100 }}>
      <Menu.Target>{button}</Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<Icon name="reply" size={16} />} onClick={() => actions.reply(message)}>
          {t.reply}
        </Menu.Item>
        {text !== null && text !== '' && (
          <Menu.Item leftSection={<Icon name="copy" size={16} />} onClick={() => void copyText(text)}>
            {t.copyText}
          </Menu.Item>
        )}
        {message.from === 'person' && (
          <Menu.Item
            className={styles.takeBack ?? ''}
            leftSection={<Icon name="undo" size={16} />}
            onClick={() => void actions.takeBack(message.mid)}
          >
            {t.takeBack}
          </Menu.Item>
        )}
      </Menu.Dropdown>
    </Menu>
  )
}
