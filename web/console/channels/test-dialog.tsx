import { Button, Modal, NativeSelect, VisuallyHidden } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import type { CallbackName, SenderView, TestRequest, TestResult } from '../../../src/console/contract/channels.ts'
import { texts } from '../../texts/texts.ts'
import { Problem } from '../../ui/problem.tsx'
import { call, generalProblem } from '../api.ts'
import { useAccount } from '../frame/use-account.ts'
import styles from './channels.module.css'
import { LevelMark } from './level-mark.tsx'
import { messengerPath } from './queries.ts'

const t = texts.console.instance

const URLS: { value: CallbackName; label: string }[] = [
  { value: 'callback', label: t.callbackUrl },
  { value: 'fallback', label: t.fallbackUrl },
  { value: 'statusCallback', label: t.statusCallbackUrl },
]

type TestDialogProps = { sender: SenderView; opened: boolean; onClose: () => void }

/** A test request to the customer's server, when somebody asks for it, with the whole exchange. */
export const TestDialog = ({ sender, opened, onClose }: TestDialogProps) => {
  const account = useAccount()
  const [which, setWhich] = useState<CallbackName>('callback')
  const test = useMutation({
    mutationFn: () =>
      call<TestResult>('POST', `${messengerPath(account.sid)}/senders/${sender.sid}/test`, {
        which,
      } satisfies TestRequest),
  })
  return (
    <Modal opened={opened} onClose={onClose} title={t.testTitle} size="lg">
      <p>{t.testText}</p>
      <div className={styles.actions} style={{ alignItems: 'flex-end', marginBottom: 16 }}>
        <NativeSelect
          label={t.testWhich}
          value={which}
          data={URLS}
          data-autofocus
          onChange={(event) => {
            test.reset()
            setWhich(event.currentTarget.value as CallbackName)
          }}
        />
        <Button onClick={() => test.mutate()} loading={test.isPending}>
          {t.testDo}
        </Button>
      </div>
      <div aria-live="polite">
        <Problem text={generalProblem(test.error)} />
        {test.data !== undefined && <Result result={test.data} />}
      </div>
    </Modal>
  )
}

const Result = ({ result }: { result: TestResult }) => {
  const { exchanges, problem, replies, warnings, forgeryRefused } = result
  return (
    <>
      <ul className={styles.findings} style={{ marginBottom: 16 }}>
        <Line level={problem ? 'bad' : 'good'} text={problem ? `${problem.code}: ${problem.reason}` : t.testGood} />
        {problem === null && <Line level="good" text={`${t.testReplies(replies.length)} ${replies.join(' · ')}`} />}
        {warnings.map(({ code, text }) => (
          <Line key={code + text} level="warning" text={`${code}: ${text}`} />
        ))}
        {forgeryRefused !== null && (
          <Line
            level={forgeryRefused ? 'good' : 'warning'}
            text={forgeryRefused ? t.testForgeryGood : t.testForgeryBad}
          />
        )}
      </ul>
      {exchanges.map((exchange, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: they stay in the order in which they were made
        <section key={index} className={styles.exchange}>
          <h3>{t.testRequest(exchange.method, exchange.url)}</h3>
          <Block label={t.testParams} text={linesOf(exchange.requestParams)} />
          <Block label={t.testHeaders} text={linesOf(exchange.requestHeaders)} />
          <h3>{t.testAnswer(exchange.status, exchange.durationMs)}</h3>
          <Block label={t.testHeaders} text={linesOf(exchange.responseHeaders)} />
          <Block label={t.testBody} text={exchange.responseBody || t.testEmptyBody} />
        </section>
      ))}
    </>
  )
}

const Line = ({ level, text }: { level: 'good' | 'warning' | 'bad'; text: string }) => (
  <li className={styles.finding}>
    <LevelMark level={level} text="" />
    <p>
      <VisuallyHidden component="span">{t.levels[level]}: </VisuallyHidden>
      {text}
    </p>
  </li>
)

const Block = ({ label, text }: { label: string; text: string }) =>
  text === '' ? null : (
    <div>
      <span className={styles.soft}>{label}</span>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it may scroll, so the keyboard must reach it */}
      <pre className={styles.code} tabIndex={0}>
        {text}
      </pre>
    </div>
  )

const linesOf = (pairs: Record<string, string>): string =>
  Object.entries(pairs)
    .map(([name, value]) => `${name}: ${value}`)
    .join('\n')
