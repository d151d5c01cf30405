import { Radio, TextInput } from '@mantine/core'
import type { OutsideWindow, SenderSettingsView } from '../../../src/console/contract/channels.ts'
import { texts } from '../../texts/texts.ts'
import { problemOf } from '../api.ts'
import styles from './channels.module.css'
import { UrlField } from './url-field.tsx'

const t = texts.console.instance

export const NEW_SETTINGS: SenderSettingsView = {
  uniqueName: null,
  callbackUrl: null,
  callbackMethod: 'POST',
  fallbackUrl: null,
  fallbackMethod: 'POST',
  statusCallbackUrl: null,
  statusCallbackMethod: 'POST',
  outsideWindow: 'account_update',
  optOut: null,
}

type FieldsProps = {
  settings: SenderSettingsView
  problem: unknown
  readOnly?: boolean
  onChange: (changes: Partial<SenderSettingsView>) => void
}

export const UniqueNameField = ({ settings, problem, readOnly = false, onChange }: FieldsProps) => (
  <TextInput
    className={styles.field}
    label={t.uniqueName}
    description={t.uniqueNameHint}
    maxLength={256}
    autoComplete="off"
    readOnly={readOnly}
    value={settings.uniqueName ?? ''}
    error={problemOf(problem, 'uniqueName')}
    onChange={(event) => onChange({ uniqueName: event.currentTarget.value || null })}
  />
)

export const UrlFields = ({ settings, problem, readOnly = false, onChange }: FieldsProps) => (
  <>
    <UrlField
      label={t.callbackUrl}
      hint={t.callbackUrlHint}
      url={settings.callbackUrl}
      method={settings.callbackMethod}
      error={problemOf(problem, 'callbackUrl')}
      readOnly={readOnly}
      onUrl={(callbackUrl) => onChange({ callbackUrl })}
      onMethod={(callbackMethod) => onChange({ callbackMethod })}
    />
    <UrlField
      label={t.fallbackUrl}
      hint={t.fallbackUrlHint}
      url={settings.fallbackUrl}
      method={settings.fallbackMethod}
      error={problemOf(problem, 'fallbackUrl')}
      readOnly={readOnly}
      onUrl={(fallbackUrl) => onChange({ fallbackUrl })}
      onMethod={(fallbackMethod) => onChange({ fallbackMethod })}
    />
    <UrlField
      label={t.statusCallbackUrl}
      hint={t.statusCallbackUrlHint}
      url={settings.statusCallbackUrl}
      method={settings.statusCallbackMethod}
      error={problemOf(problem, 'statusCallbackUrl')}
      readOnly={readOnly}
      onUrl={(statusCallbackUrl) => onChange({ statusCallbackUrl })}
      onMethod={(statusCallbackMethod) => onChange({ statusCallbackMethod })}
    />
  </>
)

export const OutsideWindowField = ({ settings, readOnly = false, onChange }: FieldsProps) => (
  <Radio.Group
    label={t.outsideWindow}
    value={settings.outsideWindow}
    readOnly={readOnly}
    onChange={(value) => onChange({ outsideWindow: value as OutsideWindow })}
  >
    {(Object.keys(t.outsideWindows) as OutsideWindow[]).map((each) => (
      <Radio
        key={each}
        mt="xs"
        value={each}
        disabled={readOnly && each !== settings.outsideWindow}
        label={t.outsideWindows[each]}
        description={t.outsideWindowHints[each]}
      />
    ))}
  </Radio.Group>
)
