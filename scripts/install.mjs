// Installs what is missing, by plain Node 20, before anything of the project's own dependencies is there.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('..', import.meta.url))
const modules = join(root, 'node_modules')
const stamp = join(modules, '.pagewire-installed')

/** Node 26, which comes as a dependency. */
export const node = join(modules, 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node')

/** For the project's own programs. Code need not be stripped of its types a second time, nor the stripper be loaded. */
export const environment = {
  NODE_COMPILE_CACHE: join(modules, '.cache', 'compiled'),
  ...process.env,
  PATH: [join(modules, 'node', 'bin'), join(modules, '.bin'), process.env.PATH].join(delimiter),
}

/** Once per package-lock.json; with `dev`, what the tests need too. */
export function install({ dev }) {
  if (isInstalled({ dev })) return
  // An image or a package was made ready elsewhere, by whatever means: it is used as it is.
  if (!isWritable(root) && existsSync(node)) return
  alone(() => {
    // Another start may have done it while we waited.
    if (isInstalled({ dev })) return
    process.stdout.write(`Installing ${dev ? 'what the tests need' : 'Pagewire'} (once; about a minute) …\n`)
    // `npm ci` begins with removing everything, also from under a gateway that runs: not to add what the tests need.
    const verb = isInstalled({ dev: false }) ? ['install', '--no-save'] : ['ci']
    // Said outright, as NODE_ENV=production and the user's own settings would decide it otherwise.
    const kinds = ['--include=optional', dev ? '--include=dev' : '--omit=dev']
    npm([...verb, ...kinds, '--no-audit', '--no-fund', '--loglevel=error'])
    if (!existsSync(node)) {
      fail('Node 26 is missing after the install. Are install scripts switched off (npm config get ignore-scripts)?')
    }
    mkdirSync(modules, { recursive: true })
    writeFileSync(stamp, `${wanted()} ${dev ? 'all' : 'run'}`)
  })
}

const wanted = () =>
  createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex')

function isInstalled({ dev }) {
  const [lock, kind] = existsSync(stamp) ? readFileSync(stamp, 'utf8').split(' ') : []
  return lock === wanted() && (kind === 'all' || !dev)
}

function npm(args) {
  const own = process.env.npm_execpath
  // Of npm itself, not of yarn or pnpm, which set it too.
  const isNpm = own !== undefined && basename(own) === 'npm-cli.js'
  const [program, first] = isNpm ? [process.execPath, [own]] : ['npm', []]
  const done = spawnSync(program, [...first, ...args], { cwd: root, stdio: 'inherit' })
  if (done.error) fail(`npm could not be run: ${done.error.message}`)
  if (done.status !== 0) process.exit(done.status ?? 1)
}

export function fail(sentence) {
  process.stderr.write(`${sentence}\n`)
  process.exit(1)
}

export function isWritable(path) {
  try {
    accessSync(path, constants.W_OK)
    return true
  } catch {
    return false
  }
}

/** Of several starts in this folder, one at a time does `work`; the lock of one that was killed is no lock. */
export function alone(work) {
  const name = createHash('sha256').update(`${process.getuid?.()} ${root}`).digest('hex').slice(0, 16)
  const lock = join(tmpdir(), `pagewire-setup-${name}`)
  for (let told = false; ; ) {
    try {
      writeFileSync(lock, String(process.pid), { flag: 'wx', mode: 0o600 })
      break
    } catch (error) {
      if (error.code !== 'EEXIST') throw error
    }
    const holder = holderOf(lock)
    if (holder === undefined) {
      const aside = `${lock}.${process.pid}`
      // Only one of several can move it away.
      try {
        renameSync(lock, aside)
        rmSync(aside)
      } catch {}
      continue
    }
    if (!told) process.stdout.write(`Another start (process ${holder}) prepares this folder: waiting for it …\n`)
    told = true
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300)
  }
  try {
    return work()
  } finally {
    rmSync(lock, { force: true })
  }
}

/** The process that lives and holds the lock; undefined when there is none. */
function holderOf(lock) {
  try {
    const pid = Number(readFileSync(lock, 'utf8'))
    // Just made, and not written to yet.
    if (pid === 0) return Date.now() - statSync(lock).mtimeMs < 10_000 ? 'unknown' : undefined
    process.kill(pid, 0)
    return pid
  } catch (error) {
    return error.code === 'EPERM' ? 'of another user' : undefined
  }
}
