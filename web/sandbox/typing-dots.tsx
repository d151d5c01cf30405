import { texts } from '../texts/texts.ts'
import { Avatar } from '../ui/avatar.tsx'
import styles from './typing-dots.module.css'

export const TypingDots = ({ pageName }: { pageName: string }) => (
  <div className={styles.row}>
    <Avatar name={pageName} kind="page" size={28} />
    <span className={styles.dots} role="img" aria-label={texts.sandbox.typing(pageName)}>
      <i />
      <i />
      <i />
    </span>
  </div>
)
