import { Button, Drawer, NativeSelect, SegmentedControl } from '@mantine/core'
import { useState } from 'react'
import type { Fault, FaultName, FaultSetting, Page, TokenState } from '../../src/sandbox/contract.ts'
import { texts } from '../texts/texts.ts'
import { putFault, removeFault, resetFaults, setToken } from './api.ts'
import styles from './dial.module.css'
import { DialClock } from './dial-clock.tsx'
import { FaultRow } from './dial-fault-row.tsx'
import { errorNames, isErrorName, outcomeNames, outcomeOf } from './dial-outcomes.ts'
import { useDialChange, useFaults } from './use-dial.ts'

const t = texts.dial

const ON_THE_WAY = [
  'slow',
  'reset-after',
  'reset-before',
  'bad-answer',
  'not-json',
  'html-500',
  'usage',
  'limits',
] as const
const WEBHOOKS = ['duplicate', 'late', 'reorder', 'batch', 'echo-first', 'no-echo', 'no-mids', 'seconds'] as const
const REFRESH_MS = 2000
const TOKEN_STATES = Object.entries(t.tokenStates).map(([value, label]) => ({ value, label }))

type DialPanelProps = { opened: boolean; close: () => void; page: Page | undefined }

/** Everything that can go wrong, and the time. Each change holds at once. */
export const DialPanel = ({ opened, close, page }: DialPanelProps) => (
  <Drawer
    opened={opened}
    onClose={close}
    position="right"
    size={460}
    title={t.title}
    closeButtonProps={{ 'aria-label': texts.close }}
  >
    {page !== undefined && <Dial page={page} />}
  </Drawer>
)

const Dial = ({ page }: { page: Page }) => {
  const faults = useFaults(REFRESH_MS)
  const change = useDialChange()
  const [scope, setScope] = useState<'page' | 'all'>('page')
  const where = scope === 'all' ? 'all' : page.id
  const shown = faults.filter((fault) => fault.page === where)
  const find = (name: FaultName) => shown.find((fault) => fault.name === name)
  const set = (name: FaultName, setting: FaultSetting) => change.mutate(() => putFault(where, name, setting))
  const remove = (name: FaultName) => change.mutate(() => removeFault(where, name))
  const row = (name: FaultName) => (
    <FaultRow
      key={`${where} ${name}`}
      name={name}
      fault={find(name)}
      busy={change.isPending}
      set={set}
      remove={remove}
    />
  )
  const activeErrors = shown.filter((fault) => isErrorName(fault.name))
  return (
    <div className={styles.panel}>
      <p>{t.intro}</p>
      {change.error !== null && (
        <p className={styles.problem} role="alert">
          {t.failed} {change.error.message}
        </p>
      )}
      <DialClock change={change} />

      <section>
        <h3>{t.token}</h3>
        <NativeSelect
          aria-label={t.token}
          description={t.tokenHint}
          classNames={{ description: styles.words }}
          data={TOKEN_STATES}
          value={page.token}
          onChange={({ currentTarget }) => {
            const state = currentTarget.value as TokenState
            change.mutate(() => setToken(page.id, state))
          }}
        />
      </section>

      <SegmentedControl
        fullWidth
        aria-label={t.scope}
        value={scope}
        onChange={setScope}
        data={[
          { value: 'page', label: withCount(t.thisPage, faults, page.id) },
          { value: 'all', label: withCount(t.allPages, faults, 'all') },
        ]}
      />

      <section>
        <h3>{t.errors}</h3>
        <NativeSelect
          label={t.addError}
          value=""
          onChange={({ currentTarget }) => isErrorName(currentTarget.value) && set(currentTarget.value, {})}
        >
          <option value="">{t.choose}</option>
          {outcomeNames.map((outcome) => (
            <optgroup key={outcome} label={t.outcomes[outcome].label}>
              {errorNames
                .filter((name) => outcomeOf(name) === outcome && find(name) === undefined)
                .map((name) => (
                  <option key={name} value={name}>
                    {t.errorNames[name]}
                  </option>
                ))}
            </optgroup>
          ))}
        </NativeSelect>
        <ul className={styles.list}>{activeErrors.map((fault) => row(fault.name))}</ul>
      </section>
      <section>
        <h3>{t.sends}</h3>
        <ul className={styles.list}>{ON_THE_WAY.map(row)}</ul>
      </section>
      <section>
        <h3>{t.webhooks}</h3>
        <ul className={styles.list}>{WEBHOOKS.map(row)}</ul>
      </section>
      <section>
        <Button variant="default" fullWidth onClick={() => change.mutate(resetFaults)}>
          {t.reset}
        </Button>
        <p className={styles.hint}>{t.resetHint}</p>
      </section>
    </div>
  )
}

const withCount = (label: string, faults: Fault[], where: string): string => {
  const count = faults.filter((fault) => fault.page === where).length
  return count === 0 ? label : `${label} (${count})`
}
