import assert from 'node:assert/strict'
import { afterEach, test } from 'node:test'
import { hearTime, sharedClock, sharedNowMs } from './clock.ts'
import { newId } from './ids.ts'

const MINUTE_MS = 60_000
const REAL_MS = Date.now()
const MOMENT_MS = performance.now()

/** The store stood so far ahead of us in the middle of an answer that took `tookMs`. */
function hear(aheadMs: number, tookMs: number): void {
  hearTime(REAL_MS + aheadMs + tookMs / 2, MOMENT_MS, MOMENT_MS + tookMs)
}
const aheadMs = () => sharedNowMs() - Date.now()
const near = (actual: number, expected: number) =>
  assert.ok(Math.abs(actual - expected) < 20, `${actual} instead of ${expected}`)

afterEach(() => hear(0, 2))

test('the shared clock is the machine’s own until the store was heard, and then the store’s', () => {
  near(aheadMs(), 0)
  hear(7 * MINUTE_MS, 4)
  near(aheadMs(), 7 * MINUTE_MS)
  near(sharedClock.now().getTime(), Date.now() + 7 * MINUTE_MS)
  hear(-5 * MINUTE_MS, 4)
  near(aheadMs(), -5 * MINUTE_MS)
})

test('a slow answer that a quick one agrees with changes nothing', () => {
  hear(1000, 2)
  const before = aheadMs()
  hear(1400, 900)
  near(aheadMs(), before)
  hear(1600, 900)
  near(aheadMs(), 1600)
})

test('ids tell the time of the shared clock, and go on upwards when it goes back', () => {
  const madeAtMs = (id: string) => Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16)
  hear(7 * MINUTE_MS, 2)
  const ahead = newId()
  near(madeAtMs(ahead), Date.now() + 7 * MINUTE_MS)
  hear(0, 2)
  assert.ok(newId() > ahead)
})
