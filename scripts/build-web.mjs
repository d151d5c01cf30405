// Builds the pages when their sources have changed since the last build.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { alone, environment, isWritable, node, root } from './install.mjs'

const web = join(root, 'web')
const dist = join(web, 'dist')
const stamp = join(dist, '.built-from')

export function buildWeb() {
  const wanted = hashOfSources()
  if (isBuilt(wanted)) return
  if (!isWritable(web) && existsSync(dist)) return
  alone(() => {
    if (isBuilt(wanted)) return
    process.stdout.write('Building the pages …\n')
    const vite = join(root, 'node_modules', 'vite', 'bin', 'vite.js')
    const done = spawnSync(node, [vite, 'build', 'web', '--logLevel', 'warn'], {
      cwd: root,
      // What a developer's shell says is not for the pages: they are always the finished ones.
      env: { ...environment, NODE_ENV: 'production' },
      stdio: 'inherit',
    })
    if (done.status !== 0) process.exit(done.status ?? 1)
    writeFileSync(stamp, wanted)
  })
}

const isBuilt = (wanted) => existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted

function hashOfSources() {
  const hash = createHash('sha256').update(readFileSync(join(root, 'package-lock.json')))
  for (const file of sources(web)) hash.update(file.slice(root.length)).update(readFileSync(file))
  return hash.digest('hex')
}

/** Without what editors leave behind. */
function sources(dir) {
  return readdirSync(dir)
    .filter((name) => name !== 'dist' && !name.startsWith('.'))
    .map((name) => join(dir, name))
    .sort()
    .flatMap((path) => (statSync(path).isDirectory() ? sources(path) : [path]))
}
