import { Button } from '@mantine/core'
import type { RefObject } from 'react'
import type { BinCheck, TwimlMistakeView, TwimlStepView } from '../../../src/console/contract/bins.ts'
import { texts } from '../../texts/texts.ts'
import { LevelMark } from '../channels/level-mark.tsx'
import styles from './bins.module.css'
import { goToPlace } from './twiml-editor.tsx'

const t = texts.console.bins

type TwimlFindingsProps = { check: BinCheck; isChecking: boolean; field: RefObject<HTMLTextAreaElement | null> }

/** Where the document is wrong, and what it does. */
export const TwimlFindings = ({ check: { mistakes, steps }, isChecking, field }: TwimlFindingsProps) => (
  <>
    <div role="status" aria-busy={isChecking}>
      {mistakes.length === 0 ? (
        <LevelMark level={isChecking ? 'none' : 'good'} text={isChecking ? t.checking : t.correct} />
      ) : (
        <ul className={styles.mistakes} aria-label={t.mistakes}>
          {mistakes.map((mistake, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: the same mistake may be made twice
            <Mistake key={index} mistake={mistake} field={field} />
          ))}
        </ul>
      )}
    </div>
    {mistakes.every(({ level }) => level !== 'error') && (
      <div>
        <h2 style={{ fontSize: 14, margin: '0 0 8px' }}>{t.does}</h2>
        <ul className={styles.plain}>
          {steps.length === 0 && <li>{t.doesNothing}</li>}
          {steps.map((step, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: steps are done in their order
            <Step key={index} step={step} />
          ))}
        </ul>
      </div>
    )}
  </>
)

const Mistake = ({
  mistake: { level, code, text, line, column },
  field,
}: {
  mistake: TwimlMistakeView
  field: TwimlFindingsProps['field']
}) => (
  <li className={styles.mistake}>
    <LevelMark level={level === 'error' ? 'bad' : 'warning'} text={`${t[level]} ${code}`} />
    <span>{text}</span>
    {line !== null && column !== null && (
      <Button variant="subtle" size="compact-xs" onClick={() => goToPlace(field.current, line, column)}>
        {t.place(line, column)}
      </Button>
    )}
  </li>
)

const Step = ({ step }: { step: TwimlStepView }) =>
  step.verb === 'redirect' ? (
    <li>{t.doesGo(step.method, step.url)}</li>
  ) : (
    <li>
      {step.to === null ? t.doesSend : t.doesSendTo(step.to)}
      {step.mediaUrls.length > 0 && ` ${t.doesMedia(step.mediaUrls.length)}`}
      {step.body !== '' && <p className={styles.bubble}>{step.body}</p>}
    </li>
  )
