import type { FindingLevel } from '../../../src/console/contract/channels.ts'
import { Icon, type IconName } from '../../ui/icons.tsx'
import styles from './channels.module.css'

const ICONS: Record<FindingLevel | 'none', IconName> = {
  good: 'check',
  info: 'info',
  warning: 'alert',
  bad: 'alert',
  none: 'clock',
}

/** A level as sign and word: never by colour alone. */
export const LevelMark = ({ level, text }: { level: FindingLevel | 'none'; text: string }) => (
  <span className={styles.mark} data-level={level}>
    <Icon name={ICONS[level]} size={16} />
    {text !== '' && text}
  </span>
)
