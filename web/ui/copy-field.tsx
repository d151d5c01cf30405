import { Button, CopyButton } from '@mantine/core'
import { texts } from '../texts/texts.ts'
import styles from './copy-field.module.css'
import { Icon } from './icons.tsx'

type CopyFieldProps = {
  label: string
  value: string
  /** Several lines: shown in full, as code. */
  block?: boolean
}

export const CopyField = ({ label, value, block = false }: CopyFieldProps) => (
  <div className={styles.field}>
    <div className={styles.head}>
      <span className={styles.label}>{label}</span>
      <CopyButton value={value} timeout={2000}>
        {({ copied, copy }) => (
          <Button
            variant="subtle"
            size="compact-xs"
            onClick={copy}
            aria-label={texts.copyOf(label)}
            leftSection={<Icon name={copied ? 'check' : 'copy'} size={14} />}
          >
            <span aria-live="polite">{copied ? texts.copied : texts.copy}</span>
          </Button>
        )}
      </CopyButton>
    </div>
    {block ? (
      // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls sideways, so the keyboard must reach it
      <section className={styles.block} tabIndex={0} aria-label={label}>
        <pre>{value}</pre>
      </section>
    ) : (
      <code className={styles.value}>{value}</code>
    )}
  </div>
)
