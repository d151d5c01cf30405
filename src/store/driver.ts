/**
 * The PostgreSQL driver, mended as it is loaded. When the server ends connections while they are at work, version 3.4.9
 * ends our whole process, waits forever, or mistakes one answer for another (porsager/postgres issues 1154 and 1208;
 * all seen in test/jobs/stress.test.ts, 2026-11). And it waits without end for a network that swallows everything: here
 * a query that hears nothing for `silent_after` seconds fails with CONNECTION_SILENT, and while the store is away one
 * query at a time tries to reach it and the others fail at once (test/store/silence.test.ts). A version that no longer
 * has these lines is left alone.
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
    if (initial && !hadError && !terminated) error(silence || Errors.connection('CONNECTION_CLOSED', options, socket))
    if (initial) {
      query = silence = null
      return reconnect()
    }

    ;(query || sent.length) && error(silence || `,
  },
  {
    // When every host of the URL has been tried it is time to say so.
    file: 'connection.js',
    lines: `    if (connection.queue === queues.connecting && options.host[retries + 1])
      return
`,
    mended: `    if (initial && ++retries < options.host.length)
      return
    retries = 0
`,
  },
  {
    file: 'connection.js',
    lines: 'closedTime = performance.now()\n    hadError &&',
    mended: 'query = null\n    closedTime = performance.now()\n    hadError &&',
  },
  {
    file: 'connection.js',
    lines: `    onclose(connection, Errors.connection('CONNECTION_CLOSED', options, socket))`,
    mended: `    const reason = silence || Errors.connection('CONNECTION_CLOSED', options, socket)
    silence = null
    onclose(connection, reason)`,
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
  {
    file: 'index.js',
    lines: '    socket          : o.socket,\n',
    mended: '    socket          : o.socket,\n    silent_after    : o.silent_after || Infinity,\n',
  },
  {
    // Seconds are counted, not compared: when it is us who stood still, what has come meanwhile is read in between.
    file: 'connection.js',
    lines: '      lifeTimer.start()\n',
    mended: `      lifeTimer.start()
      watch = setInterval(() => query && ++quietSeconds > options.silent_after && fallSilent(), 1000).unref()
`,
  },
  {
    file: 'connection.js',
    lines: 'let socket = null\n',
    mended: 'let socket = null, watch = null, quietSeconds = 0, silence = null\n',
  },
  {
    file: 'connection.js',
    lines: ': (query = q, query.active = true)\n',
    mended: ': (query = q, query.active = true, quietSeconds = 0)\n',
  },
  {
    // The connections that wait for nothing went the same way: the next query must not find out one by one.
    file: 'connection.js',
    lines: '  function data(x) {\n',
    mended: `  function fallSilent() {
    silence = Errors.connection('CONNECTION_SILENT', options, socket)
    while (queues.open.length) queues.open.shift().hangUp()
    socket.destroy()
  }

  function data(x) {
    quietSeconds = 0
`,
  },
  {
    // Said when the connection is closed: who asks again at once must not meet it.
    file: 'connection.js',
    lines: `    errored(Errors.connection('CONNECT_TIMEOUT', options, socket))`,
    mended: `    silence = Errors.connection('CONNECT_TIMEOUT', options, socket)`,
  },
  {
    file: 'connection.js',
    lines: '    terminate,\n',
    mended: '    terminate,\n    hangUp: () => socket && socket.destroy(),\n',
  },
  {
    file: 'connection.js',
    lines: '    lifeTimer.cancel()\n',
    mended: '    lifeTimer.cancel()\n    clearInterval(watch)\n',
  },
  {
    // Away: this connection could not be made, and no other one is there.
    file: 'connection.js',
    lines: '    initial && (queryError(initial, err), initial = null)\n',
    mended: `    if (initial) {
      if (queues.closed.length + queues.connecting.length >= options.max) queues.away = err.code
      queryError(initial, err)
      initial = null
    }
`,
  },
  {
    file: 'connection.js',
    lines: '  function ReadyForQuery(x) {\n',
    mended: '  function ReadyForQuery(x) {\n    queues.away = null\n',
  },
  {
    // A channel whose `listen` failed would be forgotten: all of them wait for the same connection.
    file: 'index.js',
    lines: '      fetch_types: false,\n',
    mended: '      fetch_types: false,\n      listens: true,\n',
  },
  {
    file: 'index.js',
    lines: '    if (open.length)\n',
    mended: `    if (queues.away && connecting.length && !options.listens)
      return query.reject(Errors.connection(queues.away, options))

    if (open.length)
`,
  },
  {
    file: 'index.js',
    lines: '    queries.length && connect(c, queries.shift())\n',
    mended: `    const away = queues.away || (e.code === 'CONNECTION_SILENT' && e.code)
    while (away && queries.length) queries.shift().reject(Errors.connection(away, options))
    queries.length && connect(c, queries.shift())
`,
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
