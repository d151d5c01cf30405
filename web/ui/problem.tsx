import styles from './problem.module.css'

/** What went wrong, said at once by screen readers. Nothing when nothing did. */
export const Problem = ({ text }: { text: string | null | undefined }) =>
  text ? (
    <p role="alert" className={styles.problem}>
      {text}
    </p>
  ) : null
