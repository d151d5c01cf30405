// Installs what is missing, by plain Node 20, before anything of the project's own dependencies is there.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('..', import.meta.url))
const modules = join(root, 'node_modules')
const stamp = join(modules, '.pagewire-installed')

/** `npm ci` once per package-lock.json; with `dev`, what the tests need too. */
export function install({ dev }) {
  const wanted = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex')
  const [lock, kind] = existsSync(stamp) ? readFileSync(stamp, 'utf8').split(' ') : []
  if (lock === wanted && (kind === 'all' || !dev)) return
  process.stdout.write(`Installing ${dev ? 'what the tests need' : 'Pagewire'} (once; about a minute) …\n`)
  const args = ['ci', '--no-audit', '--no-fund', '--loglevel=error', ...(dev ? [] : ['--omit=dev'])]
  const npm = process.env.npm_execpath
  const done = npm
    ? spawnSync(process.execPath, [npm, ...args], { cwd: root, stdio: 'inherit' })
    : spawnSync('npm', args, { cwd: root, stdio: 'inherit' })
  if (done.status !== 0) process.exit(done.status ?? 1)
  mkdirSync(modules, { recursive: true })
  writeFileSync(stamp, `${wanted} ${dev ? 'all' : 'run'}`)
}

/** Node 26, which comes as a dependency. */
export const node = join(modules, 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node')

export const environment = {
  ...process.env,
  PATH: [join(modules, 'node', 'bin'), join(modules, '.bin'), process.env.PATH].join(delimiter),
}
