// `npm start`: installs what is missing, builds the pages, runs the gateway under Node 26.
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { buildWeb } from './build-web.mjs'
import { environment, install, node, root } from './install.mjs'

install({ dev: false })
buildWeb()
const gateway = spawn(node, ['--enable-source-maps', join(root, 'src', 'main.ts')], {
  cwd: process.cwd(),
  env: environment,
  stdio: 'inherit',
})
// The terminal sends Ctrl-C to both; a supervisor's signal comes to us alone.
for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => gateway.kill(signal))
gateway.on('exit', (code, signal) => process.exit(code ?? (signal ? 1 : 0)))
