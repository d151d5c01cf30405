/** Accounts of very different sizes, as a fleet has them. Pure: the same seed gives the same accounts. */
import { randomOf } from '../../test/chaos/random.ts'

export type Account = {
  /** Its part of all messages; those of all accounts add up to 1. */
  share: number
  /** Of its Pages, the largest first; parts of all messages too. */
  pages: number[]
  /** Where its SID falls between 0 and 1: a hash spreads SIDs evenly. */
  hash: number
}

export const MAX_PAGES = 25
/** A Page for so many of the smallest accounts' messages: the large have all they may have. */
const PAGE_EVERY = 20

/** Parts that add up to 1, the nth in proportion to 1 / nth^skew (Zipf's law). */
export function zipf(count: number, skew: number): number[] {
  const weights = Array.from({ length: count }, (_, index) => (index + 1) ** -skew)
  const sum = weights.reduce((total, weight) => total + weight, 0)
  return weights.map((weight) => weight / sum)
}

/** The largest first. Within an account the Pages differ as the accounts do among themselves. */
export function makeAccounts(seed: number, count: number, skew: number): Account[] {
  const random = randomOf(seed, 'accounts')
  const shares = zipf(count, skew)
  const smallest = shares.at(-1) ?? 1
  return shares.map((share) => {
    const pages = Math.min(MAX_PAGES, Math.max(1, Math.floor(share / smallest / PAGE_EVERY)))
    return { share, pages: zipf(pages, skew).map((part) => part * share), hash: random.next() }
  })
}

export const hottestPage = (accounts: readonly Account[]): number =>
  Math.max(...accounts.map(({ pages }) => pages[0] ?? 0))
