import { NativeSelect } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { texts } from '../texts/texts.ts'
import { useAccount } from './frame/use-account.ts'
import { sendersQuery } from './senders.ts'
import { useAddress } from './use-address.ts'

const t = texts.console.seeing

/** One Page, or all: `sender` in the address. As wide as ever, so that nothing moves when the names come. */
export const PageSelect = () => {
  const account = useAccount()
  const [search, change] = useAddress()
  const senders = useQuery(sendersQuery(account.sid))
  return (
    <NativeSelect
      w={190}
      aria-label={t.page}
      value={search.sender ?? ''}
      onChange={(event) => change({ sender: event.currentTarget.value })}
      data={[
        { value: '', label: t.allPages },
        ...(senders.data ?? []).map(({ sid, name }) => ({ value: sid, label: name })),
      ]}
    />
  )
}
