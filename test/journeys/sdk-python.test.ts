import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { walkThrough } from '../sdk-journey.ts'
import { snippetsOf } from '../snippets.ts'

/** The first Python that has the package; nothing is installed for this. */
const python = ['python3', '/usr/bin/python3'].find(
  (command) => spawnSync(command, ['-c', 'import twilio.rest']).status === 0,
)
const skip = python
  ? false
  : 'Python with the package twilio is not installed here (Debian: apt-get install python3-twilio)'

test('the lines of docs/sdks/python.md send, list, fetch and know our callbacks', { skip }, async () => {
  const [point = '', send = '', check = ''] = snippetsOf('sdks/python.md', 'python')
  const say = `import json
print(json.dumps({"made": made.sid, "newest": [m.sid for m in newest], "fetched": fetched.sid, "body": fetched.body, "status": fetched.status}))`
  const judge = `import json, os, sys
callback = json.loads(sys.argv[1])
print(json.dumps(is_ours(callback["url"], callback["params"], callback["signature"])))`
  const command = python as string
  await walkThrough(
    {
      send: { command, args: ['-c', [point, send, say].join('\n')] },
      check: (callback) => ({ command, args: ['-c', [point, check, judge].join('\n'), callback] }),
    },
    'Hello from Python 👋',
  )
})
