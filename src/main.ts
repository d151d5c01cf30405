/** The process: reads the settings, starts the app, says where it is, stops it when asked. */
import { type App, startApp } from './app.ts'
import { ConfigError, readConfig } from './config.ts'
import { rememberShown } from './credentials.ts'
import { portTaken } from './listen-address.ts'

const STOP_WITHIN_MS = 9500

function fail(problems: string[]): never {
  process.stderr.write(`Pagewire did not start:\n${problems.map((problem) => `  - ${problem}\n`).join('')}`)
  process.exit(1)
}

let isStopping = false
let app: App | undefined
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, stop)
// `scripts/start.mjs`, which started us, is gone, be it by `kill -9`.
process.on('disconnect', stop)

async function stop(): Promise<void> {
  if (isStopping) return
  isStopping = true
  setTimeout(() => process.exit(1), STOP_WITHIN_MS).unref()
  if (!app) return
  await app.stop()
  process.exit(0)
}

try {
  const config = await readConfig(process.env)
  app = await startApp(config)
  if (isStopping) {
    await app.stop()
    process.exit(0)
  }
  const show = (name: string, value: string) => process.stdout.write(`  ${name.padEnd(20)} ${value}\n`)
  process.stdout.write('\nPagewire is running.\n\n')
  show('Console', `${config.publicUrl}/`)
  if (config.sandbox && config.roles.includes('web')) show('Built-in Messenger', `${config.publicUrl}/sandbox/`)
  show('API base URL', config.publicUrl)
  show('Webhook for Meta', `${config.publicUrl}/webhooks/messenger`)
  show('Account SID', app.account.sid)
  if (config.generated.fresh && app.account.authToken === config.generated.authToken) {
    show('Auth token', `${app.account.authToken}   (shown once; also in ${config.dataDir}/credentials.json)`)
  }
  if (app.firstUser) {
    const { email, setupToken } = app.firstUser
    show('Sign in as', email)
    if (config.admin.password === config.generated.adminPassword) {
      show('Password', `${config.admin.password}   (shown once; also in ${config.dataDir}/credentials.json)`)
    }
    show('Or choose your own', `${config.publicUrl}/setup/${setupToken}   (once, within a day)`)
  }
  if (config.generated.fresh) rememberShown(config.dataDir)
  process.stdout.write('\n')
} catch (error) {
  if (error instanceof ConfigError) fail(error.problems)
  const { code, port } = error as { code?: string; port?: number }
  if (code === 'EADDRINUSE' && port) fail([portTaken(port)])
  fail([error instanceof Error ? error.message || String(code) : String(error)])
}
