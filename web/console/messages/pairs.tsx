import styles from './waterfall.module.css'

type PairsProps = { heading: string; pairs: Record<string, string>; open?: boolean }

/** Names and values, behind a heading that opens. */
export const Pairs = ({ heading, pairs, open = false }: PairsProps) => {
  const entries = Object.entries(pairs)
  if (entries.length === 0) return null
  return (
    <details open={open} className={styles.pairs}>
      <summary>
        {heading} ({entries.length})
      </summary>
      <dl>
        {entries.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </details>
  )
}
