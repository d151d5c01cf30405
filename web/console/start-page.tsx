import { Button } from '@mantine/core'
import { useEffect } from 'react'
import { texts } from '../texts/texts.ts'
import { ColorSchemeToggle } from '../ui/color-scheme-toggle.tsx'
import { CopyField } from '../ui/copy-field.tsx'
import { Icon } from '../ui/icons.tsx'
import { FirstReply } from './first-reply.tsx'
import { useHealth, useShell } from './shell.ts'
import styles from './start-page.module.css'

const t = texts.console

export const StartPage = () => {
  const shell = useShell()
  const health = useHealth()
  useEffect(() => {
    document.title = t.windowTitle
  }, [])
  return (
    <div className={styles.page}>
      <header className={styles.head}>
        <span className={styles.name}>{texts.product}</span>
        {shell.data !== undefined && <span className={styles.version}>{t.version(shell.data.version)}</span>}
        <ColorSchemeToggle />
      </header>
      <main>
        <section className={styles.opening}>
          <h1>{t.tagline}</h1>
          {shell.data?.sandbox === true && (
            <Button component="a" href="/sandbox/" size="md" leftSection={<Icon name="chat" />}>
              {t.openMessenger}
            </Button>
          )}
          <p className={styles.health} role="status" data-health={health}>
            {t.health[health]}
          </p>
        </section>
        {shell.error !== null && shell.data === undefined && (
          <p role="alert" className={styles.problem}>
            {shell.error.message}{' '}
            <Button variant="subtle" size="compact-sm" onClick={() => shell.refetch()}>
              {texts.tryAgain}
            </Button>
          </p>
        )}
        {shell.data !== undefined && (
          <>
            <FirstReply shell={shell.data} />
            <section className={styles.base}>
              <h2>{t.baseHeading}</h2>
              <p>{t.baseText}</p>
              <CopyField label={t.baseLabel} value={shell.data.publicUrl} />
            </section>
          </>
        )}
      </main>
    </div>
  )
}
