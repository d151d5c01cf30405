import { Button, Checkbox, Group, Modal, Progress, Radio } from '@mantine/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type {
  MessageCount,
  MessageFilter,
  ReplayBatch,
  ReplayKind,
  ReplayProgress,
} from '../../../src/console/contract/messages.ts'
import { texts } from '../../texts/texts.ts'
import { newUuid } from '../../ui/new-id.ts'
import { Problem } from '../../ui/problem.tsx'
import { call, generalProblem, get } from '../api.ts'
import card from '../card.module.css'
import { useAccount } from '../frame/use-account.ts'
import { queryOf } from '../use-address.ts'

const t = texts.console.replay
const KINDS: ReplayKind[] = ['inbound', 'send', 'status']
const LOOK_EVERY_MS = 500

type ReplayAllProps = {
  opened: boolean
  filter: MessageFilter
  /** The batch that is under way; it stands in the address, so that a reload does not lose it. */
  batchId: string | undefined
  onBatch: (id: string) => void
  onClose: () => void
}

export const ReplayAll = ({ opened, filter, batchId, onBatch, onClose }: ReplayAllProps) => (
  <Modal opened={opened} onClose={onClose} title={t.allHeading} size="lg">
    {batchId === undefined || batchId === '' ? (
      <Ask filter={filter} onBatch={onBatch} onClose={onClose} />
    ) : (
      <UnderWay id={batchId} onClose={onClose} />
    )}
  </Modal>
)

const kindFor = ({ direction, status }: MessageFilter): ReplayKind =>
  direction === 'out' || status?.includes('failed') ? 'send' : 'inbound'

const Ask = ({ filter, onBatch, onClose }: Pick<ReplayAllProps, 'filter' | 'onBatch' | 'onClose'>) => {
  const { sid } = useAccount()
  const [kind, setKind] = useState(kindFor(filter))
  const [replies, setReplies] = useState(true)
  // The same request, however often the button is pressed.
  const [id] = useState(() => newUuid())
  const count = useQuery({
    queryKey: ['replay-count', sid, filter, kind, id],
    queryFn: () => get<MessageCount>(`/accounts/${sid}/messages/count?${queryOf({ ...filter, kind })}`),
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  })
  const start = useMutation({
    mutationFn: ({ count: total, beforeSid }: MessageCount) => {
      const body: ReplayBatch = { id, kind, filter, beforeSid, total, ...(kind === 'inbound' && { replies }) }
      return call<ReplayProgress>('POST', `/accounts/${sid}/replays`, body)
    },
    onSuccess: () => onBatch(id),
  })
  const found = count.data
  return (
    <div className={card.form}>
      <Radio.Group label={t.allKind} value={kind} onChange={(value) => setKind(value as ReplayKind)} maw="none">
        {KINDS.map((each) => (
          <Radio key={each} mt="xs" value={each} label={t.allKinds[each]} description={t.texts[each]} />
        ))}
      </Radio.Group>
      {kind === 'inbound' && (
        <Checkbox
          label={t.replies}
          description={t.repliesOff}
          checked={replies}
          onChange={(event) => setReplies(event.currentTarget.checked)}
        />
      )}
      <p role="status" style={{ margin: 0, minHeight: '1.5em' }}>
        {found ? t.count(found.count, found.atLeast) : t.counting}
      </p>
      <p className={card.soft} style={{ margin: 0, maxWidth: 'none' }}>
        {t.skips}
      </p>
      <Problem text={generalProblem(count.error ?? start.error)} />
      <Group maw="none">
        <Button
          disabled={!found || found.count === 0}
          loading={start.isPending}
          onClick={() => found && start.mutate(found)}
        >
          {t.start(found?.count ?? 0)}
        </Button>
        <Button variant="default" onClick={onClose}>
          {texts.cancel}
        </Button>
      </Group>
    </div>
  )
}

const UnderWay = ({ id, onClose }: { id: string; onClose: () => void }) => {
  const { sid } = useAccount()
  const path = `/accounts/${sid}/replays/${id}`
  const batch = useQuery({
    queryKey: ['replay', sid, id],
    queryFn: () => get<ReplayProgress>(path),
    refetchInterval: ({ state }) => (state.data?.state === 'running' ? LOOK_EVERY_MS : false),
    retry: false,
  })
  const stop = useMutation({
    mutationFn: () => call<ReplayProgress>('POST', `${path}/stop`, {}),
    onSuccess: () => batch.refetch(),
  })
  const progress = batch.data
  const handled = (progress?.done ?? 0) + (progress?.skipped ?? 0)
  const share = progress?.state === 'done' ? 100 : (100 * handled) / Math.max(1, progress?.total ?? 1)
  const sentence = { running: t.running, done: t.finished, stopped: t.stopped }
  return (
    <div>
      <Problem text={generalProblem(batch.error ?? stop.error)} />
      <Progress.Root size="lg">
        <Progress.Section value={Math.min(100, share)} aria-label={t.progressLabel} />
      </Progress.Root>
      <p role="status">
        {progress && `${t.progress(progress.done, Math.max(progress.total, handled))}. `}
        {progress && progress.skipped > 0 && `${t.skipped(progress.skipped)}. `}
        {progress && sentence[progress.state]}
      </p>
      <Group>
        <Button variant="default" onClick={onClose}>
          {texts.close}
        </Button>
        {progress?.state === 'running' && (
          <Button color="red" variant="light" loading={stop.isPending} onClick={() => stop.mutate()}>
            {t.stop}
          </Button>
        )}
      </Group>
    </div>
  )
}
