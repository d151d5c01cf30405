// `npm run schema`: writes src/store/schema.sql anew, from a database that has all migrations.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { environment, install, node, root } from './install.mjs'

install({ dev: true })
const done = spawnSync(node, [join(root, 'test', 'run.ts'), 'test/schema.test.ts'], {
  cwd: root,
  env: { ...environment, PAGEWIRE_WRITE_SCHEMA: '1' },
  stdio: 'inherit',
})
process.exit(done.status ?? 1)
