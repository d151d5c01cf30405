import type { ReactNode } from 'react'
import styles from './notice.module.css'

type NoticeProps = { heading: string; text: string; icon?: ReactNode; children?: ReactNode }

/** Fills a place that has nothing to show: what is the matter, and what to do about it. */
export const Notice = ({ heading, text, icon, children }: NoticeProps) => (
  <div className={styles.notice}>
    {icon}
    <h2>{heading}</h2>
    <p>{text}</p>
    <div className={styles.actions}>{children}</div>
  </div>
)
