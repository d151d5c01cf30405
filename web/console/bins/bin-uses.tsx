import { Link } from '@tanstack/react-router'
import type { BinView } from '../../../src/console/contract/bins.ts'
import { texts } from '../../texts/texts.ts'
import channels from '../channels/channels.module.css'
import { useAccount } from '../frame/use-account.ts'
import styles from './bins.module.css'

const t = texts.console.bins

export const BinUses = ({ bin: { uses, foreignUses } }: { bin: BinView }) => {
  const account = useAccount()
  return (
    <section className={channels.section}>
      <h2>{t.usedBy}</h2>
      <div className={channels.body}>
        {uses.length === 0 && foreignUses === 0 && <p className={channels.soft}>{t.usedByNobody}</p>}
        {uses.length > 0 && (
          <ul className={styles.plain}>
            {uses.map(({ kind, sid, name }) => (
              <li key={sid}>
                <span className={channels.soft}>{t.kinds[kind]}</span>{' '}
                {kind === 'sender' ? (
                  <Link to={`/${account.sid}/channels/messenger/${sid}` as string}>{name}</Link>
                ) : (
                  <>
                    {name} <code className={channels.soft}>{sid}</code>
                  </>
                )}
              </li>
            ))}
          </ul>
        )}
        {foreignUses > 0 && <p className={channels.soft}>{t.usedElsewhere(foreignUses)}</p>}
      </div>
    </section>
  )
}
