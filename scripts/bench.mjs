// `npm run bench`: the benchmarks, under Node 26.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { environment, install, node, root } from './install.mjs'

install({ dev: true })
const done = spawnSync(node, [join(root, 'bench', 'run.ts'), ...process.argv.slice(2)], {
  cwd: root,
  env: environment,
  stdio: 'inherit',
})
process.exit(done.status ?? 1)
