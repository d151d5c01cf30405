/** Gateways as users start them: separate processes of `src/main.ts`, each behind its own cable to the one database. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, mkdirSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { type Cable, layCable } from '../cable.ts'
import { freePort } from '../free-port.ts'

export type GatewayNode = {
  name: string
  url: string
  cable: Cable
  logFile: string
  state: 'starting' | 'up' | 'stopped' | 'down'
  /** Comes back when the node is ready. Tries again when the database was away. */
  start: () => Promise<void>
  kill: () => Promise<void>
  /** SIGTERM; answers how long it took to end. */
  terminate: () => Promise<number>
  freeze: () => void
  thaw: () => void
  /** At once, without waiting for it. */
  destroy: () => void
}

const MAIN = new URL('../../src/main.ts', import.meta.url).pathname
const WRONG_CLOCK = new URL('../process/wrong-clock.ts', import.meta.url).pathname
const READY_WITHIN_MS = 60_000

/** `clockWrongByMs`: what its machine's clock is ahead. `onExit`: a node ended that nobody had asked to. */
export async function makeNode(
  index: number,
  dir: string,
  databasePort: number,
  clockWrongByMs: number,
  environment: Record<string, string>,
  onExit: (node: GatewayNode, how: string) => void,
): Promise<GatewayNode> {
  const port = await freePort()
  const cable = await layCable(databasePort)
  const name = `node ${index + 1}`
  const logFile = join(dir, `node-${index + 1}.log`)
  const dataDir = join(dir, `data-${index + 1}`)
  mkdirSync(dataDir, { recursive: true })
  let child: ChildProcess | undefined
  let expected = false

  const launch = () => {
    const log = openSync(logFile, 'a')
    expected = false
    const started = spawn(process.execPath, [...(clockWrongByMs === 0 ? [] : ['--import', WRONG_CLOCK]), MAIN], {
      env: {
        ...process.env,
        WRONG_BY_MS: String(clockWrongByMs),
        LOG_LEVEL: 'info',
        PORT: String(port),
        DATABASE_URL: `postgres://pagewire@127.0.0.1:${cable.port}/postgres`,
        PAGEWIRE_DATA_DIR: dataDir,
        ...environment,
      },
      stdio: ['ignore', log, log],
    })
    closeSync(log)
    started.on('exit', (code, signal) => {
      if (node.state !== 'starting' && !expected) {
        node.state = 'down'
        onExit(node, `code ${code}, signal ${signal}`)
      }
    })
    return started
  }
  const hasEnded = () => !child || child.exitCode !== null || child.signalCode !== null
  const end = async (signal: 'SIGKILL' | 'SIGTERM') => {
    expected = true
    node.state = 'down'
    if (!child || hasEnded()) return
    const exit = once(child, 'exit')
    child.kill(signal)
    await exit
  }
  const isReady = () =>
    fetch(`${node.url}/readyz`, { signal: AbortSignal.timeout(1000) }).then(
      (answer) => answer.ok,
      () => false,
    )

  const node: GatewayNode = {
    name,
    url: `http://127.0.0.1:${port}`,
    cable,
    logFile,
    state: 'down',
    async start() {
      node.state = 'starting'
      const deadline = performance.now() + READY_WITHIN_MS
      while (performance.now() < deadline) {
        if (hasEnded()) child = launch()
        await wait(100)
        if (await isReady()) {
          node.state = 'up'
          return
        }
      }
      throw new Error(`${name} was not ready within ${READY_WITHIN_MS} ms`)
    },
    kill: () => end('SIGKILL'),
    async terminate() {
      const from = performance.now()
      await end('SIGTERM')
      return performance.now() - from
    },
    freeze() {
      node.state = 'stopped'
      child?.kill('SIGSTOP')
    },
    thaw() {
      child?.kill('SIGCONT')
      if (node.state === 'stopped') node.state = 'up'
    },
    destroy() {
      expected = true
      child?.kill('SIGKILL')
    },
  }
  return node
}
