import { Button } from '@mantine/core'
import type { ReactNode } from 'react'
import { Icon } from '../../ui/icons.tsx'
import { Notice } from '../../ui/notice.tsx'
import { PageTitle } from '../../ui/page-title.tsx'
import { Problem } from '../../ui/problem.tsx'
import { generalProblem } from '../api.ts'
import card from '../card.module.css'
import { useAccount } from '../frame/use-account.ts'

type MadeListProps<Item> = {
  words: { title: string; lead: string; make: string; emptyHeading: string; empty: string }
  /** Undefined until they are known. */
  items: readonly Item[] | undefined
  problem: unknown
  onMake: () => void
  row: (item: Item) => ReactNode
}

/** What one has made of a kind, and the button that makes another. */
export const MadeList = <Item,>({ words, items, problem, onMake, row }: MadeListProps<Item>) => {
  const account = useAccount()
  return (
    <>
      <PageTitle title={words.title} account={account.name} lead={words.lead}>
        <Button leftSection={<Icon name="plus" size={16} />} onClick={onMake}>
          {words.make}
        </Button>
      </PageTitle>
      <Problem text={generalProblem(problem)} />
      {items?.length === 0 && <Notice heading={words.emptyHeading} text={words.empty} />}
      {items !== undefined && items.length > 0 && <section className={card.card}>{items.map(row)}</section>}
    </>
  )
}
