import { type RefObject, useId } from 'react'
import type { TwimlMistakeView } from '../../../src/console/contract/bins.ts'
import { texts } from '../../texts/texts.ts'
import styles from './bins.module.css'

const t = texts.console.bins

const MIN_LINES = 12

type TwimlEditorProps = {
  text: string
  mistakes: TwimlMistakeView[]
  readOnly: boolean
  field: RefObject<HTMLTextAreaElement | null>
  describedBy: string
  onChange: (text: string) => void
}

/** A plain text field with the numbers of its lines: what assistive technology and browsers know is worth keeping. */
export const TwimlEditor = ({ text, mistakes, readOnly, field, describedBy, onChange }: TwimlEditorProps) => {
  const id = useId()
  const lines = text.split('\n')
  const levelOf = (line: number) => mistakes.find((mistake) => mistake.line === line)?.level
  return (
    <div>
      <label htmlFor={id} className={styles.label}>
        {t.document}
      </label>
      <div className={styles.editor}>
        <div className={styles.gutter} aria-hidden="true">
          {lines.map((_, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a line is its number
            <span key={index} data-level={levelOf(index + 1)}>
              {index + 1}
            </span>
          ))}
        </div>
        <textarea
          id={id}
          ref={field}
          className={styles.text}
          value={text}
          rows={Math.max(MIN_LINES, lines.length + 1)}
          wrap="off"
          spellCheck={false}
          autoCapitalize="off"
          autoComplete="off"
          readOnly={readOnly}
          aria-invalid={mistakes.some(({ level }) => level === 'error')}
          aria-describedby={describedBy}
          onChange={(event) => onChange(event.currentTarget.value)}
        />
      </div>
    </div>
  )
}

/** Puts the caret where a mistake stands. Lines and columns count from 1. */
export const goToPlace = (field: HTMLTextAreaElement | null, line: number, column: number): void => {
  if (field === null) return
  const before = field.value.split('\n').slice(0, line - 1)
  const at = before.reduce((sum, each) => sum + each.length + 1, 0) + column - 1
  field.focus()
  field.setSelectionRange(at, at)
}
