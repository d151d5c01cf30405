// `npm test`: installs what is missing, checks style and types, then runs every test on a real PostgreSQL.
// `npm test -- test/journeys/a.test.ts` runs some.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { buildWeb } from './build-web.mjs'
import { environment, install, node, root } from './install.mjs'

install({ dev: true })
buildWeb()
const some = process.argv.slice(2)
const steps = [
  ...(some.length > 0
    ? []
    : [
        [join(root, 'node_modules', '.bin', 'biome'), 'check', '--error-on-warnings', '.'],
        [join(root, 'node_modules', '.bin', 'tsc'), '--noEmit', '-p', '.'],
        [join(root, 'node_modules', '.bin', 'tsc'), '--noEmit', '-p', 'web'],
      ]),
  [node, join(root, 'test', 'run.ts'), ...some],
]
for (const [program, ...args] of steps) {
  const done = spawnSync(program, args, { cwd: root, env: environment, stdio: 'inherit' })
  if (done.status !== 0) process.exit(done.status ?? 1)
}
