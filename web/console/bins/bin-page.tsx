import { Button } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, useNavigate, useParams } from '@tanstack/react-router'
import { type KeyboardEvent, useEffect, useId, useRef, useState } from 'react'
import type { BinChange, BinView } from '../../../src/console/contract/bins.ts'
import { texts } from '../../texts/texts.ts'
import { CopyField } from '../../ui/copy-field.tsx'
import { Notice } from '../../ui/notice.tsx'
import { PageTitle } from '../../ui/page-title.tsx'
import { Problem } from '../../ui/problem.tsx'
import { call, generalProblem, may, sentenceOf } from '../api.ts'
import channels from '../channels/channels.module.css'
import { useDraft } from '../channels/use-draft.ts'
import { useAccount } from '../frame/use-account.ts'
import { Confirm } from '../settings/people-dialogs.tsx'
import { BinUses } from './bin-uses.tsx'
import { BinVersions } from './bin-versions.tsx'
import styles from './bins.module.css'
import { binQuery, binsPath, binsQuery } from './queries.ts'
import { TwimlEditor } from './twiml-editor.tsx'
import { TwimlFindings } from './twiml-findings.tsx'
import { useTwimlCheck } from './use-twiml-check.ts'

const t = texts.console.bins

export const BinPage = () => {
  const account = useAccount()
  const { name = '' } = useParams({ strict: false })
  const bin = useQuery(binQuery(account.sid, name))
  const list = `/${account.sid}/bins`
  if (bin.data === undefined) {
    if (bin.error === null) return null
    return (
      <Notice heading={texts.console.failedHeading} text={sentenceOf(bin.error)}>
        <Button component={Link} to={list as string}>
          {t.title}
        </Button>
      </Notice>
    )
  }
  return (
    <>
      <Link className={channels.back} to={list as string}>
        {t.title}
      </Link>
      <PageTitle title={bin.data.name} account={account.name} />
      <Bin key={bin.data.name} bin={bin.data} />
    </>
  )
}

const Bin = ({ bin }: { bin: BinView }) => {
  const account = useAccount()
  const client = useQueryClient()
  const mayChange = may(account, 'configure')
  // `base`: the version that is edited, as what somebody else saves meanwhile must not be overwritten.
  const saved = { twiml: bin.twiml, base: { version: bin.version, twiml: bin.twiml } }
  const [{ twiml, base }, change] = useDraft(`pagewire-bin ${account.sid} ${bin.name}`, saved)
  const setTwiml = (text: string) => change({ twiml: text })
  const isChanged = twiml !== base.twiml
  const field = useRef<HTMLTextAreaElement>(null)
  const describedBy = useId()
  const { check, error, isChecking } = useTwimlCheck(account.sid, twiml)

  // Somebody else saved, and nothing is typed here.
  useEffect(() => {
    if (isChanged || bin.version === base.version) return
    change({ twiml: bin.twiml, base: { version: bin.version, twiml: bin.twiml } })
  }, [bin, base, isChanged, change])

  const save = useMutation({
    mutationFn: (text: string) =>
      call<BinView>('PUT', `${binsPath(account.sid)}/${bin.name}`, {
        twiml: text,
        version: base.version,
      } satisfies BinChange),
    onSuccess: async (now) => {
      change({ twiml: now.twiml, base: { version: now.version, twiml: now.twiml } })
      client.setQueryData(binQuery(account.sid, bin.name).queryKey, now)
      notifications.show({ message: t.savedAs(now.version) })
      await client.invalidateQueries({ queryKey: binsQuery(account.sid).queryKey, exact: true })
    },
  })
  const hasErrors = check?.mistakes.some(({ level }) => level === 'error') === true
  const saveByKey = (event: KeyboardEvent) => {
    if (event.key !== 's' || !(event.ctrlKey || event.metaKey)) return
    event.preventDefault()
    if (mayChange && isChanged && !hasErrors) save.mutate(twiml)
  }
  return (
    <div className={styles.columns}>
      <div>
        <section className={channels.section}>
          {/* biome-ignore lint/a11y/noStaticElementInteractions: Ctrl+S is a shortcut of the button below */}
          <div className={channels.body} onKeyDown={saveByKey}>
            <TwimlEditor
              text={twiml}
              mistakes={check?.mistakes ?? []}
              readOnly={!mayChange}
              field={field}
              describedBy={describedBy}
              onChange={setTwiml}
            />
            <p id={describedBy} className={channels.soft}>
              {mayChange ? t.editorHint : t.readOnly}
            </p>
            <Problem text={generalProblem(save.error ?? error)} />
            {mayChange && (
              <div className={channels.actions}>
                <Button onClick={() => save.mutate(twiml)} loading={save.isPending} disabled={!isChanged || hasErrors}>
                  {t.save}
                </Button>
                {isChanged && (
                  <>
                    <Button variant="default" onClick={() => setTwiml(base.twiml)}>
                      {t.discard}
                    </Button>
                    <span className={channels.soft}>{t.unsaved}</span>
                  </>
                )}
              </div>
            )}
            {check !== undefined && <TwimlFindings check={check} isChecking={isChecking} field={field} />}
          </div>
        </section>
      </div>
      <div>
        <section className={channels.section}>
          <div className={channels.body}>
            <CopyField label={t.url} value={bin.url} />
            <CopyField label={t.path} value={bin.path} />
            <p className={channels.soft}>{t.pathHint}</p>
          </div>
        </section>
        <BinUses bin={bin} />
        <BinVersions bin={bin} mayRestore={mayChange} isChanged={isChanged} restore={(text) => save.mutate(text)} />
        {mayChange && <RemoveCard bin={bin} />}
      </div>
    </div>
  )
}

const RemoveCard = ({ bin }: { bin: BinView }) => {
  const account = useAccount()
  const client = useQueryClient()
  const navigate = useNavigate()
  const [asking, setAsking] = useState(false)
  const remove = useMutation({
    mutationFn: () => call<void>('DELETE', `${binsPath(account.sid)}/${bin.name}`),
    onSuccess: async () => {
      notifications.show({ message: t.removed(bin.name) })
      await navigate({ to: `/${account.sid}/bins` as string })
      client.removeQueries({ queryKey: binQuery(account.sid, bin.name).queryKey })
      await client.invalidateQueries({ queryKey: binsQuery(account.sid).queryKey })
    },
  })
  return (
    <section className={channels.section}>
      <div className={channels.body}>
        <Problem text={generalProblem(remove.error)} />
        <div className={channels.actions}>
          <Button color="red" variant="outline" loading={remove.isPending} onClick={() => setAsking(true)}>
            {t.remove}
          </Button>
          <span className={channels.soft}>{t.removeLead}</span>
        </div>
      </div>
      <Confirm
        opened={asking}
        title={t.removeHeading(bin.name)}
        text={t.removeText(bin.uses.length + bin.foreignUses)}
        action={t.removeDo(bin.name)}
        onClose={() => setAsking(false)}
        onConfirm={() => {
          setAsking(false)
          remove.mutate()
        }}
      />
    </section>
  )
}
