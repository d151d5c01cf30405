import { Button, Modal } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import type { CurlCommand, EventView, ExchangeView, PartView, Step } from '../../../src/console/contract/messages.ts'
import { texts } from '../../texts/texts.ts'
import { CopyField } from '../../ui/copy-field.tsx'
import { Problem } from '../../ui/problem.tsx'
import { Time } from '../../ui/time.tsx'
import { generalProblem, get, may } from '../api.ts'
import { useAccount } from '../frame/use-account.ts'
import { Explanation, ExplanationLink } from './code-box.tsx'
import { Pairs } from './pairs.tsx'
import styles from './waterfall.module.css'

const t = texts.console.message

export const StepDetails = ({ step, messageSid }: { step: Step; messageSid: string }) => {
  const { sid } = useAccount()
  if (step.event) return <EventDetails event={step.event} />
  if (step.exchange) return <ExchangeDetails exchange={step.exchange} messageSid={messageSid} />
  if (step.part) return <PartDetails part={step.part} />
  if (!step.replay?.madeSid) return null
  return (
    <Link to="/$accountSid/messages/$sid" params={{ accountSid: sid, sid: step.replay.madeSid }}>
      {t.madeOpen}
    </Link>
  )
}

const json = (value: unknown): string => JSON.stringify(value, null, 2)

const EventDetails = ({ event }: { event: EventView }) => (
  <>
    <p className={styles.fact}>
      {t.event.happened}: <Time at={event.happenedAt} precise />
    </p>
    {event.note !== null && (
      <p className={styles.fact}>
        {t.event.note}: {event.note}
      </p>
    )}
    <CopyField label={t.event.raw} value={json(event.raw)} block />
  </>
)

const ExchangeDetails = ({ exchange, messageSid }: { exchange: ExchangeView; messageSid: string }) => {
  const account = useAccount()
  const [copying, setCopying] = useState(false)
  return (
    <>
      {exchange.error && (
        <div className={styles.error}>
          <Explanation error={exchange.error} />
          <ExplanationLink code={exchange.error.code} />
        </div>
      )}
      <h3 className={styles.part}>
        {t.exchange.request}
        {may(account, 'configure') && (
          <Button size="compact-xs" variant="default" onClick={() => setCopying(true)}>
            {t.exchange.curl}
          </Button>
        )}
      </h3>
      <code className={styles.url}>
        {exchange.method} {exchange.url}
      </code>
      <Pairs heading={t.exchange.params} pairs={exchange.params} open />
      <Pairs heading={t.exchange.headers} pairs={exchange.requestHeaders} />
      <CopyField label={t.exchange.signedString} value={exchange.signedString} />
      <h3 className={styles.part}>
        {t.exchange.response}
        {exchange.httpStatus !== null && <span className={styles.http}>{exchange.httpStatus}</span>}
      </h3>
      {exchange.httpStatus === null ? (
        <p className={styles.fact}>{t.exchange.noResponse}</p>
      ) : (
        <>
          <Pairs heading={t.exchange.headers} pairs={exchange.responseHeaders} />
          {exchange.responseBody === '' ? (
            <p className={styles.fact}>{t.exchange.noBody}</p>
          ) : (
            <CopyField label={t.exchange.body} value={exchange.responseBody} block />
          )}
        </>
      )}
      <Modal opened={copying} onClose={() => setCopying(false)} title={t.exchange.curlHeading} size="lg">
        <Curl path={`/accounts/${account.sid}/messages/${messageSid}/exchanges/${exchange.id}/curl`} />
      </Modal>
    </>
  )
}

const Curl = ({ path }: { path: string }) => {
  const curl = useQuery({ queryKey: [path], queryFn: () => get<CurlCommand>(path), staleTime: 0, retry: false })
  return (
    <>
      <p style={{ marginTop: 0 }}>{t.exchange.curlHint}</p>
      <Problem text={generalProblem(curl.error)} />
      {curl.data && <CopyField label="curl" value={curl.data.command} block />}
    </>
  )
}

const PartDetails = ({ part }: { part: PartView }) => (
  <>
    {part.error && (
      <div className={styles.error}>
        <Explanation error={part.error} />
        <ExplanationLink code={part.error.code} />
      </div>
    )}
    {part.attempts > 1 && <p className={styles.fact}>{t.part.attempts(part.attempts)}</p>}
    {part.request === null ? (
      <p className={styles.fact}>{t.part.requestGone}</p>
    ) : (
      <>
        <p className={styles.fact}>{t.part.rebuilt}</p>
        <CopyField label={t.part.request} value={callText(part.request)} block />
      </>
    )}
    {part.answer !== null && <CopyField label={t.part.answer} value={json(part.answer)} block />}
    {part.deliveredAt !== null && (
      <p className={styles.fact}>
        {t.part.deliveredAt}: <Time at={part.deliveredAt} precise />
      </p>
    )}
    {part.readAt !== null && (
      <p className={styles.fact}>
        {t.part.readAt}: <Time at={part.readAt} precise />
      </p>
    )}
  </>
)

const callText = ({ method, url, headers, body }: NonNullable<PartView['request']>): string =>
  [`${method} ${url}`, ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`), '', json(body)].join(
    '\n',
  )
