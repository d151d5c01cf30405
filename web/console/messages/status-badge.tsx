import type { MessageStatusName } from '../../../src/console/contract/messages.ts'
import { texts } from '../../texts/texts.ts'
import styles from './status-badge.module.css'

const TONES: Record<MessageStatusName, 'good' | 'bad' | 'plain' | 'busy'> = {
  accepted: 'busy',
  scheduled: 'busy',
  queued: 'busy',
  sending: 'busy',
  sent: 'plain',
  delivered: 'good',
  read: 'good',
  failed: 'bad',
  undelivered: 'bad',
  canceled: 'plain',
  received: 'plain',
}

export const StatusBadge = ({ status }: { status: MessageStatusName }) => (
  <span className={styles.badge} data-tone={TONES[status]}>
    {texts.console.seeing.status[status]}
  </span>
)
