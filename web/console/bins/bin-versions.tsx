import { Badge, Button, Modal } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { BinView } from '../../../src/console/contract/bins.ts'
import { texts } from '../../texts/texts.ts'
import { CopyField } from '../../ui/copy-field.tsx'
import { Problem } from '../../ui/problem.tsx'
import { Time } from '../../ui/time.tsx'
import { generalProblem } from '../api.ts'
import channels from '../channels/channels.module.css'
import { useAccount } from '../frame/use-account.ts'
import { useAddress } from '../use-address.ts'
import styles from './bins.module.css'
import { binVersionQuery } from './queries.ts'

const t = texts.console.bins

type BinVersionsProps = {
  bin: BinView
  mayRestore: boolean
  /** What is typed and not saved would be lost. */
  isChanged: boolean
  restore: (twiml: string) => void
}

/** Every text that the bin has had; which one is looked at stands in the address. */
export const BinVersions = ({ bin, mayRestore, isChanged, restore }: BinVersionsProps) => {
  const [{ version }, change] = useAddress()
  const looked = bin.versions.find((each) => String(each.version) === version)?.version
  return (
    <section className={channels.section}>
      <h2>{t.history}</h2>
      <div className={channels.body}>
        <ul className={styles.plain}>
          {bin.versions.map((each) => (
            <li key={each.version}>
              {t.version(each.version)} {each.version === bin.version && <Badge variant="light">{t.newest}</Badge>}{' '}
              <Button
                variant="subtle"
                size="compact-xs"
                aria-label={t.lookLabel(each.version)}
                onClick={() => change({ version: String(each.version) }, true)}
              >
                {t.look}
              </Button>
              <div className={channels.soft}>
                <Time at={each.savedAt} /> {each.savedBy === null ? t.byPagewire : t.by(each.savedBy)}
              </div>
            </li>
          ))}
        </ul>
      </div>
      <Modal
        opened={looked !== undefined}
        onClose={() => change({ version: '' })}
        title={t.version(looked ?? 0)}
        size="lg"
      >
        {looked !== undefined && (
          <Version
            bin={bin}
            version={looked}
            mayRestore={mayRestore && looked !== bin.version}
            isChanged={isChanged}
            restore={(twiml) => {
              change({ version: '' })
              restore(twiml)
            }}
          />
        )}
      </Modal>
    </section>
  )
}

const Version = ({ bin, version, mayRestore, isChanged, restore }: BinVersionsProps & { version: number }) => {
  const account = useAccount()
  const text = useQuery(binVersionQuery(account.sid, bin.name, version))
  return (
    <>
      <Problem text={generalProblem(text.error)} />
      {text.data !== undefined && <CopyField label={t.document} value={text.data.twiml} block />}
      {mayRestore && text.data !== undefined && (
        <div className={channels.actions} style={{ marginTop: 16 }}>
          <Button disabled={isChanged} onClick={() => restore(text.data.twiml)}>
            {t.restore}
          </Button>
          {isChanged && <span className={channels.soft}>{t.restoreFirst}</span>}
        </div>
      )}
    </>
  )
}
