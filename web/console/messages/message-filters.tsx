import { Button, Collapse, NativeSelect, TextInput } from '@mantine/core'
import { useDebouncedCallback } from '@mantine/hooks'
import { useEffect, useState } from 'react'
import type { MessageStatusName } from '../../../src/console/contract/messages.ts'
import { texts } from '../../texts/texts.ts'
import { Icon } from '../../ui/icons.tsx'
import { PageSelect } from '../page-select.tsx'
import type { Search } from '../use-address.ts'
import { fromLocal, isFiltered, RARE, toLocal } from './log-filter.ts'
import styles from './message-filters.module.css'
import { PersonFilter } from './person-filter.tsx'

const t = texts.console.messages
const s = texts.console.seeing

const STATUSES = Object.entries(s.status) as [MessageStatusName, string][]

type MessageFiltersProps = {
  search: Search
  onChange: (changes: Search) => void
}

/** What is chosen stands in the address: it survives a reload, and may be sent to a colleague. */
export const MessageFilters = ({ search, onChange }: MessageFiltersProps) => {
  const [open, setOpen] = useState(RARE.some((name) => search[name]))
  return (
    <search className={styles.filters}>
      <Typed name="text" label={t.search} search={search} onChange={onChange} icon className={styles.wide} />
      <PageSelect />
      <NativeSelect
        aria-label={t.direction}
        value={search.direction ?? ''}
        onChange={(event) => onChange({ direction: event.currentTarget.value })}
        data={[
          { value: '', label: t.anyDirection },
          { value: 'in', label: t.in },
          { value: 'out', label: t.out },
        ]}
      />
      <NativeSelect
        aria-label={t.status}
        value={search.status ?? ''}
        onChange={(event) => onChange({ status: event.currentTarget.value })}
        data={[
          { value: '', label: t.anyStatus },
          { value: 'failed,undelivered', label: t.notArrived },
          { value: 'accepted,queued,sending', label: t.onTheWay },
          ...STATUSES.map(([value, label]) => ({ value, label })),
        ]}
      />
      <Button variant="default" aria-expanded={open} onClick={() => setOpen(!open)}>
        {open ? t.fewer : t.more}
      </Button>
      {isFiltered(search) && (
        <Button
          variant="subtle"
          onClick={() =>
            onChange(Object.fromEntries([...RARE, 'text', 'sender', 'direction', 'status'].map((name) => [name, ''])))
          }
        >
          {t.clear}
        </Button>
      )}
      <Collapse expanded={open} className={styles.rare}>
        <div className={styles.filters}>
          <PersonFilter given={search.person ?? ''} onChoose={(person) => onChange({ person })} />
          <Typed name="code" label={t.code} hint={t.codeHint} search={search} onChange={onChange} digits />
          {(['from', 'until'] as const).map((name) => (
            <TextInput
              key={name}
              type="datetime-local"
              label={t[name]}
              value={toLocal(search[name])}
              onChange={(event) => onChange({ [name]: fromLocal(event.currentTarget.value) })}
            />
          ))}
        </div>
      </Collapse>
    </search>
  )
}

type TypedProps = {
  name: string
  label: string
  hint?: string
  search: Search
  onChange: (changes: Search) => void
  icon?: boolean
  digits?: boolean
  className?: string | undefined
}

/** Searches when one pauses, not with every letter. */
const Typed = ({ name, label, hint, search, onChange, icon = false, digits = false, className }: TypedProps) => {
  const given = search[name] ?? ''
  const [typed, setTyped] = useState(given)
  useEffect(() => setTyped(given), [given])
  const apply = useDebouncedCallback((value: string) => onChange({ [name]: value }), 300)
  return (
    <TextInput
      {...(icon
        ? { 'aria-label': label, placeholder: label, leftSection: <Icon name="search" size={16} /> }
        : { label })}
      className={className ?? ''}
      description={hint}
      inputWrapperOrder={['label', 'input', 'description', 'error']}
      value={typed}
      {...(digits && { inputMode: 'numeric' as const })}
      onChange={(event) => {
        const value = digits ? event.currentTarget.value.replaceAll(/\D/g, '') : event.currentTarget.value
        setTyped(value)
        apply(value)
      }}
    />
  )
}
