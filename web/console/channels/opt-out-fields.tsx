import { Switch, TagsInput, Textarea } from '@mantine/core'
import type { OptOutView } from '../../../src/console/contract/channels.ts'
import { texts } from '../../texts/texts.ts'
import styles from './channels.module.css'

const t = texts.console.instance

const WORDS = ['stopKeywords', 'startKeywords', 'helpKeywords'] as const
const ANSWERS = ['stopText', 'startText', 'helpText'] as const

type OptOutFieldsProps = {
  optOut: OptOutView | null
  defaults: Required<OptOutView>
  inService: boolean
  readOnly: boolean
  onChange: (optOut: OptOutView | null) => void
}

/** What is left empty is as it is by default. */
export const OptOutFields = ({ optOut, defaults, inService, readOnly, onChange }: OptOutFieldsProps) => {
  const enabled = optOut?.enabled ?? true
  const change = (changes: Partial<Record<keyof OptOutView, unknown>>) => {
    const next = Object.fromEntries(
      Object.entries({ ...optOut, ...changes }).filter(([, value]) => value !== undefined),
    )
    onChange(Object.keys(next).length === 0 ? null : (next as OptOutView))
  }
  return (
    <>
      <Switch
        label={t.optOutOn}
        description={enabled ? (inService ? t.optOutService : undefined) : t.optOutOff}
        checked={enabled}
        disabled={readOnly}
        onChange={(event) => change({ enabled: event.currentTarget.checked ? undefined : false })}
      />
      {enabled &&
        WORDS.map((name, index) => (
          <div key={name} className={styles.field}>
            <TagsInput
              label={t[name]}
              description={optOut?.[name] === undefined ? t.byDefault(defaults[name].join(', ')) : undefined}
              value={optOut?.[name] ?? []}
              readOnly={readOnly}
              maxTags={20}
              splitChars={[',', ';']}
              clearable
              onChange={(words) => change({ [name]: words.length === 0 ? undefined : words })}
            />
            <Textarea
              mt="xs"
              label={t[ANSWERS[index]!]}
              placeholder={defaults[ANSWERS[index]!]}
              maxLength={1600}
              readOnly={readOnly}
              value={optOut?.[ANSWERS[index]!] ?? ''}
              onChange={(event) => change({ [ANSWERS[index]!]: event.currentTarget.value || undefined })}
            />
          </div>
        ))}
    </>
  )
}
