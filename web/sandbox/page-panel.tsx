import { Button, Drawer } from '@mantine/core'
import type { Page, ThreadDetail } from '../../src/sandbox/contract.ts'
import { texts } from '../texts/texts.ts'
import { CopyField } from '../ui/copy-field.tsx'
import type { ChatActions } from './chat-actions.ts'
import { connectCommand } from './connect-command.ts'
import styles from './panel.module.css'

const t = texts.sandbox

type PagePanelProps = {
  opened: boolean
  close: () => void
  page: Page | undefined
  thread: ThreadDetail | undefined
  setBlocked: ChatActions['setBlocked']
}

/** What a program has to know of this Page and of this person; the token only while it is needed to connect. */
export const PagePanel = ({ opened, close, page, thread, setBlocked }: PagePanelProps) => (
  <Drawer
    opened={opened}
    onClose={close}
    position="right"
    title={page?.name ?? t.aboutPage}
    closeButtonProps={{ 'aria-label': texts.close }}
  >
    {page !== undefined && (
      <div className={styles.panel}>
        {page.subscribed ? (
          <>
            <p>{t.connectDone}</p>
            <CopyField label={t.pageId} value={page.id} />
          </>
        ) : (
          <>
            <h3>{t.connectHeading}</h3>
            <p>{t.connectText}</p>
            <CopyField label={t.pageId} value={page.id} />
            <CopyField label={t.accessToken} value={page.accessToken} />
            <CopyField label={t.connectCommand} value={connectCommand(page, window.location.origin)} block />
          </>
        )}
        <h3>{t.addressesHeading}</h3>
        <CopyField label={t.pageAddress} value={`messenger:${page.id}`} />
        {thread !== undefined && (
          <CopyField label={t.personAddress(thread.person.name)} value={`messenger:${thread.psid}`} />
        )}
        <CopyField label={t.chatLink} value={page.chatUrl} />
        <p className={styles.hint}>{t.chatLinkHint(page.chatUrl.includes('?') ? '&ref=…' : '?ref=…')}</p>
        {thread !== undefined && (
          <>
            <Button variant="default" onClick={() => void setBlocked(!thread.blocked)}>
              {thread.blocked ? t.unblock : t.block}
            </Button>
            <p className={styles.hint}>{t.blockText}</p>
          </>
        )}
      </div>
    )}
  </Drawer>
)
