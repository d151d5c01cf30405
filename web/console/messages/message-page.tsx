import { Button, Loader } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import { useState } from 'react'
import type { MessageDetail, ReplayKind } from '../../../src/console/contract/messages.ts'
import { texts } from '../../texts/texts.ts'
import { Icon } from '../../ui/icons.tsx'
import { Notice } from '../../ui/notice.tsx'
import { PageTitle } from '../../ui/page-title.tsx'
import { Problem } from '../../ui/problem.tsx'
import { Time } from '../../ui/time.tsx'
import { generalProblem, get, may } from '../api.ts'
import card from '../card.module.css'
import { AlertLine } from '../debugger/alert-line.tsx'
import { useAccount } from '../frame/use-account.ts'
import { CodeBox } from './code-box.tsx'
import { MediaFile } from './media-file.tsx'
import { MessageFacts } from './message-facts.tsx'
import styles from './message-page.module.css'
import { Related } from './related.tsx'
import { ReplayDialog } from './replay-dialog.tsx'
import { StatusBadge } from './status-badge.tsx'
import { Waits } from './waits.tsx'
import { Waterfall } from './waterfall.tsx'

const t = texts.console.message

/** All that is known of one message. */
export const MessagePage = () => {
  const account = useAccount()
  const { sid = '' } = useParams({ strict: false })
  const detail = useQuery({
    queryKey: ['message', account.sid, sid],
    queryFn: () => get<MessageDetail>(`/accounts/${account.sid}/messages/${sid}`),
    meta: { live: ['message', 'alert'] },
    retry: false,
  })
  if (detail.isPending) return <Loader m="xl" aria-label={texts.console.loading} />
  if (!detail.data) {
    return <Notice heading={texts.console.failedHeading} text={generalProblem(detail.error) ?? ''} />
  }
  return <Detail key={sid} message={detail.data} problem={generalProblem(detail.error)} />
}

const Detail = ({ message, problem }: { message: MessageDetail; problem: string | null }) => {
  const account = useAccount()
  const [replaying, setReplaying] = useState<ReplayKind | null>(null)
  return (
    <>
      <Link to="/$accountSid/messages" params={{ accountSid: account.sid }} className={styles.back}>
        <Icon name="back" size={16} />
        {t.back}
      </Link>
      <PageTitle
        title={t.title[message.direction]}
        account={account.name}
        lead={
          <span className={styles.lead}>
            <StatusBadge status={message.status} />
            <Time at={message.createdAt} precise />
          </span>
        }
      >
        {may(account, 'configure') &&
          message.replays.map(({ kind }) => (
            <Button
              key={kind}
              variant="default"
              leftSection={<Icon name="again" size={16} />}
              onClick={() => setReplaying(kind)}
            >
              {texts.console.replay.kinds[kind]}
            </Button>
          ))}
      </PageTitle>
      <Problem text={problem} />
      <div className={styles.columns}>
        <div className={styles.main}>
          <Content message={message} />
          {message.error && <CodeBox error={message.error} detail={message.channelDetail} />}
          <section className={`${card.card} ${card.inner}`}>
            <h2>{t.wayHeading}</h2>
            <p className={card.soft}>{t.wayHint}</p>
            <Waterfall message={message} />
            <Waits message={message} />
          </section>
          {message.alerts.length > 0 && (
            <section className={card.card}>
              <h2 className={styles.heading}>{t.alertsHeading}</h2>
              {message.alerts.map((alert) => (
                <AlertLine key={alert.sid} alert={alert} isAlone />
              ))}
            </section>
          )}
        </div>
        <aside className={styles.side}>
          <MessageFacts message={message} />
          <Related message={message} />
        </aside>
      </div>
      <ReplayDialog message={message} kind={replaying} onClose={() => setReplaying(null)} />
    </>
  )
}

const Content = ({ message: { body, media } }: { message: MessageDetail }) => (
  <section className={`${card.card} ${card.inner}`}>
    {body === '' ? (
      <p className={card.soft}>{media.length > 0 ? t.noText : t.contentGone}</p>
    ) : (
      <p className={styles.body}>{body}</p>
    )}
    {media.map((file, nth) => (
      // biome-ignore lint/suspicious/noArrayIndexKey: files have their place in the message, and no other name
      <MediaFile key={nth} file={file} />
    ))}
  </section>
)
