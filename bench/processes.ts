/** Starting and ending the processes of a benchmark. */
import { type ChildProcess, fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import { freePort } from '../test/free-port.ts'
import type { LoadJob, LoadResult } from './load.ts'

const here = (name: string) => new URL(name, import.meta.url).pathname

const usualFlags: string[] = JSON.parse(readFileSync(here('../scripts/node-flags.json'), 'utf8'))

export type Running = { port: number; url: string; process: ChildProcess; stop: () => Promise<void> }

/** One of the small programs beside this file; ready when it answers. */
export async function startProgram(name: string, ...more: (string | number)[]): Promise<Running> {
  const port = await freePort()
  const child = fork(here(name), [port, ...more].map(String), { stdio: 'inherit' })
  await once(child, 'message')
  return { port, url: `http://127.0.0.1:${port}`, process: child, stop: () => end(child) }
}

/** A gateway as users start it, without the install step. */
export async function startGateway(environment: Record<string, string>, flags: string[] = []): Promise<Running> {
  const port = await freePort()
  // As `npm start` runs it.
  const child = spawn(process.execPath, [...usualFlags, ...flags, here('../src/main.ts')], {
    env: {
      ...process.env,
      NODE_COMPILE_CACHE: here('../node_modules/.cache/compiled'),
      LOG_LEVEL: 'warn',
      PORT: String(port),
      ...environment,
    },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const url = `http://127.0.0.1:${port}`
  for (let tries = 0; ; tries += 1) {
    const ready = await fetch(`${url}/readyz`).then(
      (answer) => answer.ok,
      () => false,
    )
    if (ready) break
    if (tries > 600 || child.exitCode !== null) throw new Error('the gateway did not start')
    await wait(50)
  }
  return { port, url, process: child, stop: () => end(child) }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill('SIGTERM')
  await once(child, 'exit')
}

export async function load(job: LoadJob): Promise<LoadResult> {
  const child = fork(here('load.ts'), { stdio: 'inherit', serialization: 'advanced' })
  const exit = once(child, 'exit')
  child.send(job)
  const [result] = (await once(child, 'message')) as [LoadResult]
  await exit
  return result
}

export function percentile(values: number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
}

export function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const [lower, upper] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]]
  return lower === undefined || upper === undefined ? 0 : (lower + upper) / 2
}
