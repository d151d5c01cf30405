import { Button, Drawer } from '@mantine/core'
import type { SandboxState } from '../../src/sandbox/contract.ts'
import { texts } from '../texts/texts.ts'
import { CopyField } from '../ui/copy-field.tsx'
import { Icon } from '../ui/icons.tsx'
import { MarkLegend } from './mark.tsx'
import styles from './panel.module.css'

const t = texts.sandbox

type AboutPanelProps = { opened: boolean; close: () => void; state: SandboxState }

export const AboutPanel = ({ opened, close, state }: AboutPanelProps) => (
  <Drawer
    opened={opened}
    onClose={close}
    position="right"
    title={t.about}
    closeButtonProps={{ 'aria-label': texts.close }}
  >
    <div className={styles.panel}>
      <p>{t.aboutText}</p>
      <p>{t.aboutHow}</p>
      <p>{t.aboutWindows}</p>
      <h3>{t.marks}</h3>
      <MarkLegend />
      <h3>{t.aboutAddresses}</h3>
      <CopyField label={t.graphUrl} value={state.graphUrl} />
      <CopyField label={t.appId} value={state.appId} />
      <Button component="a" href="/" variant="default" rightSection={<Icon name="out" size={16} />}>
        {t.toConsole}
      </Button>
    </div>
  </Drawer>
)
