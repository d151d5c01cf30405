import type { ReactNode } from 'react'
import { texts } from '../../texts/texts.ts'
import { ColorSchemeToggle } from '../../ui/color-scheme-toggle.tsx'
import styles from './door.module.css'

/** A page before anybody is signed in: one form in the middle. */
export const Door = ({ title, children }: { title: string; children: ReactNode }) => (
  <div className={styles.page}>
    <header className={styles.head}>
      <span className={styles.name}>{texts.product}</span>
      <ColorSchemeToggle />
    </header>
    <main className={styles.door}>
      <h1>{title}</h1>
      {children}
    </main>
  </div>
)
