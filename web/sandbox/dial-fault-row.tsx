import { NumberInput, Slider, Switch } from '@mantine/core'
import { useEffect, useRef, useState } from 'react'
import type { Fault, FaultName, FaultSetting } from '../../src/sandbox/contract.ts'
import { texts } from '../texts/texts.ts'
import styles from './dial.module.css'
import { isErrorName, outcomeOf } from './dial-outcomes.ts'

const t = texts.dial

type Words = { label: string; hint: string; amount?: string }

const wordsOf = (name: FaultName): Words =>
  isErrorName(name) ? { label: t.errorNames[name], hint: t.outcomes[outcomeOf(name)].hint } : t.faults[name]

const AMOUNTS = ['ms', 'times', 'percent', 'size'] as const

/** What may be set again: all but what the server counts. */
const settingOf = ({ page: _page, name: _name, hits: _hits, ...setting }: Fault): FaultSetting => setting

type FaultRowProps = {
  name: FaultName
  /** Undefined: it is off. */
  fault: Fault | undefined
  /** A change is on its way. */
  busy: boolean
  set: (name: FaultName, setting: FaultSetting) => void
  remove: (name: FaultName) => void
}

export const FaultRow = ({ name, fault, busy, set, remove }: FaultRowProps) => {
  const { label, hint, amount } = wordsOf(name)
  // Several changes in a row build on each other, though the server has told of none yet.
  const latest = useRef<FaultSetting | null>(null)
  useEffect(() => {
    if (!busy) latest.current = null
  }, [busy])
  const change = (part: FaultSetting) => {
    if (fault === undefined) return
    latest.current = { ...(latest.current ?? settingOf(fault)), ...part }
    set(name, latest.current)
  }
  const unit = fault === undefined ? undefined : AMOUNTS.find((each) => fault[each] !== undefined)
  return (
    <li className={styles.fault} data-on={fault !== undefined}>
      <Switch
        label={label}
        description={hint}
        checked={fault !== undefined}
        classNames={{ track: styles.track, description: styles.words }}
        onChange={({ currentTarget }) => (currentTarget.checked ? set(name, {}) : remove(name))}
      />
      {fault !== undefined && (
        <div className={styles.settings}>
          {name !== 'limits' && (
            <>
              <Probability label={t.probability(label)} value={fault.probability} change={change} />
              <Amount
                label={t.count}
                value={fault.count}
                min={1}
                max={1_000_000}
                empty={t.countEmpty}
                change={(count) => change({ count })}
              />
              <Amount
                label={t.seed}
                value={fault.seed}
                min={0}
                max={2 ** 32 - 1}
                change={(seed) => seed !== null && change({ seed })}
              />
            </>
          )}
          {unit !== undefined && amount !== undefined && (
            <Amount
              label={amount}
              value={fault[unit] ?? null}
              min={unit === 'size' ? 2 : unit === 'percent' ? 0 : 1}
              max={unit === 'times' ? 5 : unit === 'size' ? 50 : unit === 'percent' ? 1000 : 604_800_000}
              change={(value) => value !== null && change({ [unit]: value })}
            />
          )}
          <p className={styles.hits}>{t.hits(fault.hits)}</p>
        </div>
      )}
    </li>
  )
}

const Probability = ({
  label,
  value,
  change,
}: {
  label: string
  value: number
  change: (part: FaultSetting) => void
}) => {
  const [percent, setPercent] = useState(value * 100)
  useEffect(() => setPercent(Math.round(value * 10_000) / 100), [value])
  return (
    <div className={styles.probability}>
      <Slider
        thumbLabel={label}
        label={null}
        step={5}
        value={percent}
        onChange={setPercent}
        onChangeEnd={(end) => change({ probability: end / 100 })}
      />
      <Amount
        label={t.percent}
        value={percent}
        min={0}
        max={100}
        decimals={2}
        change={(now) => now !== null && change({ probability: now / 100 })}
      />
    </div>
  )
}

type AmountProps = {
  label: string
  value: number | null
  min: number
  max: number
  decimals?: number
  /** What an empty field means; without it an empty field goes back to what it was. */
  empty?: string
  change: (value: number | null) => void
}

/** Holds what is typed until one leaves the field or presses Enter. */
const Amount = ({ label, value, min, max, decimals = 0, empty, change }: AmountProps) => {
  const [typed, setTyped] = useState<number | string>(value ?? '')
  useEffect(() => setTyped(value ?? ''), [value])
  const commit = () => {
    const next = typed === '' ? null : Math.min(max, Math.max(min, Number(typed)))
    if (next === null && empty === undefined) setTyped(value ?? '')
    else if (next !== value) change(next)
  }
  return (
    <NumberInput
      label={label}
      placeholder={empty}
      value={typed}
      min={min}
      max={max}
      decimalScale={decimals}
      allowNegative={false}
      clampBehavior="blur"
      hideControls
      onChange={setTyped}
      onBlur={commit}
      onKeyDown={({ key }) => key === 'Enter' && commit()}
    />
  )
}
