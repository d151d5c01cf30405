import assert from 'node:assert/strict'

/** Asks again until it is so; fails after five seconds. */
export async function eventually(isSo: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 5000
  while (!(await isSo())) {
    assert.ok(Date.now() < deadline, 'it never became so')
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
