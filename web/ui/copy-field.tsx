import { Button } from '@mantine/core'
import { useEffect, useState } from 'react'
import { texts } from '../texts/texts.ts'
import styles from './copy-field.module.css'
import { copyText } from './copy-text.ts'
import { Icon } from './icons.tsx'

const COPIED_MS = 2000

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
      <Copy label={label} value={value} />
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

const Copy = ({ label, value }: { label: string; value: string }) => {
  const [copied, setCopied] = useState(false)
  useEffect(() => {
    if (!copied) return
    const timer = setTimeout(() => setCopied(false), COPIED_MS)
    return () => clearTimeout(timer)
  }, [copied])
  return (
    <Button
      variant="subtle"
      size="compact-xs"
      onClick={() => copyText(value).then(() => setCopied(true))}
      aria-label={texts.copyOf(label)}
      leftSection={<Icon name={copied ? 'check' : 'copy'} size={14} />}
    >
      <span aria-live="polite">{copied ? texts.copied : texts.copy}</span>
    </Button>
  )
}
