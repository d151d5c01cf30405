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
  path = join(folder, 'hold')
})
after(() => rm(folder, { recursive: true, force: true }))

/** As a holder that is killed leaves it: a socket that nobody listens to. */
async function leaveBehind(): Promise<void> {
  const listening = `net.createServer().listen(${JSON.stringify(path)}, () => console.log('listens'))`
  const holder = spawn(process.execPath, ['-e', listening], { stdio: ['ignore', 'pipe', 'inherit'] })
  await once(holder.stdout, 'data')
  holder.kill('SIGKILL')
  await once(holder, 'exit')
  assert.deepEqual(await readdir(folder), ['hold'])
}

test('a folder is held by one at a time, and free when that one lets go', async () => {
  const letGo = await holdFolder(path, '/the/data')
  await assert.rejects(holdFolder(path, '/the/data'), (error: Error) => {
    assert.ok(error instanceof DataFolderInUse)
    return /another Pagewire is running on \/the\/data/.test(error.message)
  })
  letGo()
  const again = await holdFolder(path, '/the/data')
  again()
})

test('of many that find what a killed one left behind, exactly one holds the folder', async () => {
  for (let round = 0; round < 10; round += 1) {
    await leaveBehind()
    const tries = await Promise.allSettled(Array.from({ length: 8 }, () => holdFolder(path, '/the/data')))
    const held = tries.filter((each) => each.status === 'fulfilled')
    assert.equal(held.length, 1)
    await assert.rejects(holdFolder(path, '/the/data'), DataFolderInUse)
    assert.deepEqual(await readdir(folder), ['hold'], 'nothing else is left')
    for (const { value: letGo } of held) letGo()
  }
})
