// Builds the pages when their sources have changed since the last build.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { environment, node, root } from './install.mjs'

export function buildWeb() {
  const dist = join(root, 'web', 'dist')
  const stamp = join(dist, '.built-from')
  const hash = createHash('sha256').update(readFileSync(join(root, 'package-lock.json')))
  for (const file of sources(join(root, 'web'))) hash.update(file).update(readFileSync(file))
  const wanted = hash.digest('hex')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return
  process.stdout.write('Building the pages …\n')
  const vite = join(root, 'node_modules', 'vite', 'bin', 'vite.js')
  const done = spawnSync(node, [vite, 'build', 'web', '--logLevel', 'warn'], {
    cwd: root,
    env: environment,
    stdio: 'inherit',
  })
  if (done.status !== 0) process.exit(done.status ?? 1)
  writeFileSync(stamp, wanted)
}

function sources(dir) {
  return readdirSync(dir)
    .filter((name) => name !== 'dist')
    .map((name) => join(dir, name))
    .sort()
    .flatMap((path) => (statSync(path).isDirectory() ? sources(path) : [path]))
}
