import { Autocomplete } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { useQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import type { ContactPage } from '../../../src/console/contract/contacts.ts'
import { texts } from '../../texts/texts.ts'
import { get } from '../api.ts'
import { useAccount } from '../frame/use-account.ts'

const t = texts.console.messages
const MAX_CHOICES = 10

/** Names are offered with the id behind them, which is what the filter holds. */
export const PersonFilter = ({ given, onChoose }: { given: string; onChoose: (person: string) => void }) => {
  const { sid } = useAccount()
  const [typed, setTyped] = useState(given)
  useEffect(() => setTyped(given), [given])
  const [asked] = useDebouncedValue(typed.trim(), 300)
  const isId = /^\d*$/.test(asked)
  useEffect(() => {
    if (isId && asked === typed.trim() && asked !== given) onChoose(asked)
  }, [isId, asked, typed, given, onChoose])
  const found = useQuery({
    queryKey: ['contact-choices', sid, asked],
    queryFn: () => get<ContactPage>(`/accounts/${sid}/contacts?search=${encodeURIComponent(asked)}`),
    enabled: !isId && asked.length > 1,
    staleTime: 60_000,
  })
  const choices = (found.data?.items ?? []).map(({ name, address }) => `${name ?? ''} (${address})`)
  return (
    <Autocomplete
      label={t.person}
      description={t.personHint}
      inputWrapperOrder={['label', 'input', 'description', 'error']}
      value={typed}
      onChange={setTyped}
      data={[...new Set(choices)].slice(0, MAX_CHOICES)}
      filter={({ options }) => options}
      onOptionSubmit={(choice) => onChoose(/\((\d+)\)$/.exec(choice)?.[1] ?? '')}
    />
  )
}
