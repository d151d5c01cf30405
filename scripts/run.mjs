// Runs a program of the project's own under Node 26, with what the tests need: `node scripts/run.mjs bench/run.ts …`.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { buildWeb } from './build-web.mjs'
import { environment, install, node, root } from './install.mjs'

install({ dev: true })
buildWeb()
const [program, ...args] = process.argv.slice(2)
const done = spawnSync(node, [join(root, program), ...args], { cwd: root, env: environment, stdio: 'inherit' })
process.exit(done.status ?? 1)
