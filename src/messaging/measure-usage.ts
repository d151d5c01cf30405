/** How much there is of what a usage trigger watches, in the day, month or year that runs now, or at all. */
import { type Day, type Step, startOf } from '#core/days.ts'
import { type Usage, usageCategories } from '#core/usage.ts'
import type { Sql } from '#store/connection.ts'
import { findUsageDays, readUsage } from '#store/usage.ts'
import type { Recurring, UsageTrigger } from '#store/usage-triggers.ts'

export type Meter = (
  trigger: Pick<UsageTrigger, 'accountSid' | 'usageCategory' | 'triggerBy' | 'recurring'>,
) => Promise<number>

const STEPS: Record<Recurring, Step | null> = { daily: 'day', monthly: 'month', yearly: 'year', alltime: null }

/**
 * A meter for triggers that are looked at together: it asks once per account and period, so it is good for one look
 * only. A parent's usage is with that of its subaccounts, as in its usage records.
 */
export function measureUsage(sql: Sql, channels: Iterable<string>): Meter {
  const categories = usageCategories(channels)
  const days = new Map<string, Promise<{ today: Day; since: Day }>>()
  const usages = new Map<string, Promise<Usage | undefined>>()
  const remember = <T>(known: Map<string, Promise<T>>, key: string, read: () => Promise<T>): Promise<T> => {
    const value = known.get(key) ?? read()
    known.set(key, value)
    return value
  }
  return async ({ accountSid, usageCategory, triggerBy, recurring }) => {
    // Nothing costs anything here.
    if (triggerBy === 'price') return 0
    const { today, since } = await remember(days, accountSid, () => findUsageDays(sql, accountSid))
    const usage = await remember(usages, `${accountSid} ${recurring}`, async () => {
      const step = STEPS[recurring]
      const from = step ? startOf(step, today) : since
      return (await readUsage(sql, { accountSid, includeSubaccounts: true, from, to: today, step: null })).get('')
    })
    const category = categories.find(({ name }) => name === usageCategory)
    return category && usage ? category.of(usage) : 0
  }
}
