import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { DataFolderInUse, holdFolder } from './folder-hold.ts'

let folder: string
let path: string

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pagewire-hold-'))
  path = join(folder, 'lock')
})
after(() => rm(folder, { recursive: true, force: true }))

/** A process of its own that tries to hold the folder, says whether it does, and stays until it is killed. */
function startHolder() {
  const program = `import { holdFolder } from ${JSON.stringify(join(import.meta.dirname, 'folder-hold.ts'))}
    try { holdFolder(${JSON.stringify(path)}, '/the/data'); console.log('holds') } catch (error) { console.log(error.message) }
    setInterval(() => {}, 1000)`
  return spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: ['ignore', 'pipe', 'inherit'] })
}
const saysOf = async (holder: ReturnType<typeof startHolder>) => String((await once(holder.stdout, 'data'))[0]).trim()

test('a folder is held by one at a time, and free when that one lets go', async () => {
  const letGo = holdFolder(path, '/the/data')
  assert.throws(
    () => holdFolder(path, '/the/data'),
    (error: Error) => {
      assert.ok(error instanceof DataFolderInUse)
      return /another Pagewire is running on \/the\/data/.test(error.message)
    },
  )
  letGo()
  const again = holdFolder(path, '/the/data')
  again()
  assert.deepEqual(await readdir(folder), ['lock'], 'nothing else is left')
})

test('of several processes that start together exactly one holds the folder, and when it is killed the next one may', async () => {
  const holders = Array.from({ length: 4 }, startHolder)
  try {
    const said = await Promise.all(holders.map(saysOf))
    assert.equal(said.filter((words) => words === 'holds').length, 1)
    assert.equal(said.filter((words) => words.startsWith('another Pagewire is running')).length, 3)
    const holder = holders[said.indexOf('holds')] as (typeof holders)[number]
    assert.throws(() => holdFolder(path, '/the/data'), DataFolderInUse)
    holder.kill('SIGKILL')
    await once(holder, 'exit')
    const letGo = holdFolder(path, '/the/data')
    letGo()
  } finally {
    for (const holder of holders) holder.kill('SIGKILL')
  }
})

test('a folder that cannot be written is not called in use', () => {
  assert.throws(
    () => holdFolder(join(folder, 'missing', 'lock'), '/the/data'),
    (error: Error) => !(error instanceof DataFolderInUse),
  )
})
