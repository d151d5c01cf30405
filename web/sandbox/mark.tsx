import type { ThreadMessage } from '../../src/sandbox/contract.ts'
import { texts } from '../texts/texts.ts'
import { Icon, type IconName } from '../ui/icons.tsx'
import styles from './mark.module.css'
import { exactTime } from './times.ts'

const t = texts.sandbox

type MarkLook = { icon: IconName; tone: 'soft' | 'accent' | 'bad'; label: string }

const LOOKS = {
  pending: { icon: 'clock', tone: 'soft', label: t.pending },
  accepted: { icon: 'check', tone: 'accent', label: t.accepted },
  failed: { icon: 'alert', tone: 'bad', label: t.failed },
  undelivered: { icon: 'alert', tone: 'soft', label: t.undelivered },
  sent: { icon: 'check', tone: 'soft', label: t.sent },
  delivered: { icon: 'checks', tone: 'soft', label: t.delivered },
  read: { icon: 'checks', tone: 'accent', label: t.read },
  seen: { icon: 'checks', tone: 'accent', label: t.seen },
} satisfies Record<string, MarkLook>

/** Of the person's messages: whether the Page's app has the webhook, or has marked it as seen. Of the Page's: what the person's device did. */
const lookOf = ({ from, webhook, deliveredAt, readAt }: ThreadMessage): MarkLook & { at?: string } => {
  if (from === 'person') return readAt === null ? LOOKS[webhook ?? 'undelivered'] : { ...LOOKS.seen, at: readAt }
  if (readAt !== null) return { ...LOOKS.read, at: readAt }
  return deliveredAt === null ? LOOKS.sent : { ...LOOKS.delivered, at: deliveredAt }
}

export const Mark = ({ message }: { message: ThreadMessage }) => {
  const { icon, tone, label, at } = lookOf(message)
  const title = at === undefined ? label : t.markAt(label, exactTime(new Date(at)))
  return (
    <span className={styles.mark} data-tone={tone} role="img" aria-label={label} title={title}>
      <Icon name={icon} size={16} />
    </span>
  )
}

export const MarkLegend = () => (
  <dl className={styles.legend}>
    <Meanings
      heading={t.marksOfPerson}
      looks={[LOOKS.pending, LOOKS.accepted, LOOKS.seen, LOOKS.failed, LOOKS.undelivered]}
    />
    <Meanings heading={t.marksOfPage} looks={[LOOKS.sent, LOOKS.delivered, LOOKS.read]} />
  </dl>
)

const Meanings = ({ heading, looks }: { heading: string; looks: MarkLook[] }) => (
  <div>
    <dt>{heading}</dt>
    {looks.map(({ icon, tone, label }) => (
      <dd key={label}>
        <span className={styles.mark} data-tone={tone}>
          <Icon name={icon} size={16} />
        </span>
        {label}
      </dd>
    ))}
  </div>
)
