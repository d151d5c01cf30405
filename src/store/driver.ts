/**
 * The PostgreSQL driver, mended as it is loaded. When the server ends connections while they are at work, version 3.4.9
 * ends our whole process, waits forever, or mistakes one answer for another (porsager/postgres issues 1154 and 1208;
 * all seen in test/jobs/stress.test.ts, 2026-11). A version that no longer has these lines is left alone.
 */
import { registerHooks } from 'node:module'

type Mend = { file: string; lines: string; mended: string }

const MENDS: Mend[] = [
  {
    // The driver's own first query may fail like any other: nobody waits for its promise.
    file: 'connection.js',
    lines: 'return fetchArrayTypes()',
    mended: 'return fetchArrayTypes().catch(() => {})',
  },
  {
    // Thrown from a timer, where no caller can catch it.
    file: 'connection.js',
    lines: 'const x = socket.write(chunk, fn)',
    mended: `if (socket === null) {
      chunk = nextWriteTimer = null
      error(Errors.connection('CONNECTION_CLOSED', options, socket))
      query = null
      return false
    }
    const x = socket.write(chunk, fn)`,
  },
  {
    // Whatever was under way ends with its connection: nothing of it may meet the answers of the next one.
    file: 'connection.js',
    lines: `    if (initial)
      return reconnect()

    !hadError && (query || sent.length) && error(`,
    mended: `    chunk = nextWriteTimer = errorResponse = results = null
    result = new Result()
    rows = 0
    if (initial) {
      query = null
      return reconnect()
    }

    ;(query || sent.length) && error(`,
  },
  {
    file: 'connection.js',
    lines: 'closedTime = performance.now()\n    hadError &&',
    mended: 'query = null\n    closedTime = performance.now()\n    hadError &&',
  },
  {
    // The rest of a transaction whose connection is gone must not run on the next one, which is somebody else's.
    file: 'index.js',
    lines: 'let savepoints = 0\n',
    mended: 'let savepoints = 0, gone = null\n',
  },
  {
    file: 'index.js',
    lines: 'connection.onclose = reject)',
    mended: 'connection.onclose = (reason) => { gone = reason; reject(reason) })',
  },
  {
    file: 'index.js',
    lines: 'q.catch(e => uncaughtError || (uncaughtError = e))\n',
    mended: 'q.catch(e => uncaughtError || (uncaughtError = e))\n        if (gone) return q.reject(gone)\n',
  },
]

const hooks = registerHooks({
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context)
    const file = /\/postgres\/src\/(\w+\.js)$/.exec(url)?.[1]
    const mends = MENDS.filter((mend) => mend.file === file)
    if (mends.length === 0 || !loaded.source) return loaded
    const source = mends.reduce(
      (text, { lines, mended }) => text.replace(lines, () => mended),
      Buffer.from(loaded.source as Uint8Array).toString(),
    )
    return { ...loaded, source }
  },
})
export const { default: postgres } = await import('postgres')
hooks.deregister()
