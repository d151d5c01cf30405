import assert from 'node:assert/strict'
import { rm } from 'node:fs/promises'
import { test } from 'node:test'
import { tableOf, tellViolations } from './ledger/ledger.ts'
import { makePlan } from './plan.ts'
import { runChaos } from './run.ts'

/** A bit of everything that can be broken, in half a minute; `npm run chaos` runs for longer. */
const PLAN = makePlan({ seconds: 28, seed: 2517, nodes: 2, people: 40 })
const DRAIN_WITHIN_MS = 45_000

test('kills, cuts, crashes, lost answers and repeated webhooks lose nothing, double nothing and keep every order', async (t) => {
  const lines: string[] = []
  const run = await runChaos(PLAN, DRAIN_WITHIN_MS, (line) => lines.push(line))
  t.diagnostic(
    `${run.evidence.said.length} events, ${run.evidence.created.length} creates, ${run.diary.length} disruptions`,
  )
  const { rows, violations } = run.ledger
  const told = violations.length > 0 ? await tellViolations(violations, run.logFiles) : ''
  await rm(run.dir, { recursive: true, force: true })

  assert.equal(told, '', `${lines.join('\n')}\n\n${tableOf(rows)}\n`)
  assert.ok(run.evidence.said.length > 40 && run.evidence.created.length > 40, 'there was something to lose')
  assert.ok(run.diary.length >= 5, 'enough was broken')
})
