import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { walkThrough } from '../sdk-journey.ts'
import { snippetsOf } from '../snippets.ts'

const [point = '', send = '', check = ''] = snippetsOf('sdks/node.md', 'js')
const BODY = 'Hello from Node 👋'
const SAY = `
console.log(JSON.stringify({ made: made.sid, newest: newest.map(({ sid }) => sid), fetched: fetched.sid, body: fetched.body, status: fetched.status }))`
const JUDGE = `
const { url, params, signature } = JSON.parse(process.argv.at(-1))
console.log(JSON.stringify(isOurs(url, params, signature)))`

const node = (code: string, ...args: string[]) => ({
  command: process.execPath,
  args: ['--input-type=module', '-e', code, '--', ...args],
})

test('the lines of docs/sdks/node.md send, list, fetch and know our callbacks', async () => {
  const program = { send: node(point + send + SAY), check: (callback: string) => node(point + check + JUDGE, callback) }
  await walkThrough(program, BODY)
})

test('a program that knows nothing of Pagewire is led here by docs/sdks/to-pagewire.cjs', async () => {
  const unchanged = `import twilio from 'twilio'
const client = twilio(process.env.TWILIO_ACCOUNT_SID, process.env.TWILIO_AUTH_TOKEN)
`
  const preload = fileURLToPath(new URL('../../docs/sdks/to-pagewire.cjs', import.meta.url))
  const environment = { NODE_OPTIONS: `--require ${preload}` }
  // A list of Monitor too: its host is another one, and its second page has our own address.
  const monitor = `
await client.messages(made.sid).feedback.create({ outcome: 'confirmed' })
for (const friendlyName of ['one', 'two']) await client.applications.create({ friendlyName })
const events = await client.monitor.v1.events.list({ pageSize: 1 })
if (events.length !== 3) throw new Error(\`\${events.length} events\`)`
  await walkThrough(
    {
      send: { ...node(unchanged + send + monitor + SAY), environment },
      check: (callback) => node(unchanged + check + JUDGE, callback),
    },
    BODY,
  )
})
