import { type ReactNode, useEffect } from 'react'
import { texts } from '../texts/texts.ts'
import styles from './page-title.module.css'

type PageTitleProps = { title: string; account?: string | undefined; lead?: ReactNode; children?: ReactNode }

/** The heading of a page, its actions beside it, and the window's title. */
export const PageTitle = ({ title, account, lead, children }: PageTitleProps) => {
  useEffect(() => {
    document.title = texts.console.windowTitle(title, account)
  }, [title, account])
  return (
    <div className={styles.head}>
      <div className={styles.words}>
        <h1>{title}</h1>
        {lead !== undefined && <p>{lead}</p>}
      </div>
      {children !== undefined && <div className={styles.actions}>{children}</div>}
    </div>
  )
}
