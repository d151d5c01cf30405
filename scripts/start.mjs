// `npm start`: installs what is missing, builds the pages, runs the gateway under Node 26.
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { buildWeb } from './build-web.mjs'
import { environment, fail, install, node, root } from './install.mjs'

install({ dev: false })
buildWeb()
// Less memory at the same speed (docs/PERFORMANCE.md): a small nursery, and a heap that is swept before it has grown to
// several times what lives in it.
const flags = JSON.parse(readFileSync(join(root, 'scripts', 'node-flags.json'), 'utf8'))
const gateway = spawn(node, [...flags, join(root, 'src', 'main.ts')], {
  cwd: process.cwd(),
  env: environment,
  // The channel carries nothing: its end tells the gateway that we are gone, be it by `kill -9`.
  stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
})
gateway.on('error', (error) => fail(`The gateway could not be run: ${error.message}`))
// The terminal sends Ctrl-C to both, and the gateway takes the second for the first; a supervisor's signal comes to us
// alone.
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(signal, () => gateway.kill(signal))
// npm passes SIGTERM and SIGINT on; killed in another way it leaves us to another parent.
if (process.env.npm_lifecycle_event !== undefined) {
  const npm = process.ppid
  const look = () => process.ppid !== npm && gateway.kill('SIGTERM')
  setInterval(look, 500).unref()
}
gateway.on('exit', (code) => process.exit(code ?? 1))
