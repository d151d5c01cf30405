import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { SenderView } from '../../../src/console/contract/channels.ts'
import { texts } from '../../texts/texts.ts'
import { CopyField } from '../../ui/copy-field.tsx'
import { Time } from '../../ui/time.tsx'
import { shellQuery } from '../shell.ts'
import styles from './channels.module.css'

const t = texts.console.instance

/** What never changes of a Page, to copy, and the way to write to it. */
export const FactsCard = ({ sender }: { sender: SenderView }) => {
  const shell = useQuery(shellQuery)
  const sandbox = shell.data?.sandbox === true
  const { name, pageId, address, link, qrSvg, app, service, createdAt } = sender
  return (
    <section className={styles.section}>
      <h2>{t.facts}</h2>
      <div className={styles.body}>
        <div className={styles.facts}>
          <div className={styles.factList}>
            <CopyField label={t.pageName} value={name} />
            <CopyField label={t.pageId} value={pageId} />
            <CopyField label={t.address} value={address} />
            <CopyField label={t.link} value={link} />
          </div>
          <img className={styles.qr} alt={t.qr(name)} src={`data:image/svg+xml,${encodeURIComponent(qrSvg)}`} />
        </div>
        <div className={styles.actions}>
          <strong>{t.tryIt}</strong>
          {sandbox && (
            <Button component="a" href={`/sandbox/m/${pageId}`} target="_blank" rel="noreferrer">
              {t.tryItSandbox}
            </Button>
          )}
          <Button component="a" href={link} target="_blank" rel="noreferrer" variant="default">
            {t.tryItMessenger}
          </Button>
          <span className={styles.soft}>{t.tryItHint}</span>
        </div>
        <p className={styles.soft}>
          {t.since} <Time at={createdAt} /> {t.through(app.name ?? app.id)}.
          {service !== null && ` ${service.decides ? t.serviceDecides(service.name) : t.service(service.name)}`}
        </p>
      </div>
    </section>
  )
}
