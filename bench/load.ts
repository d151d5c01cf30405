/**
 * The load generator: a process of its own, on raw sockets, as cheap as it can be, so that it is not what is measured.
 * Reads one job as JSON from its parent, sends `count` requests over `connections` kept-alive connections, one at a time
 * on each, and answers with the times.
 */
import { connect } from 'node:net'

export type LoadJob = {
  host: string
  port: number
  /** Whole HTTP requests; sent in turn, from the first. */
  requests: string[]
  count: number
  connections: number
  /** Requests per second in all; undefined: as fast as answers come. */
  rate?: number
}

export type LoadResult = {
  seconds: number
  statuses: Record<string, number>
  latenciesMs: number[]
  /** When each request was written, in order, in milliseconds of the machine's clock. */
  sentAt: number[]
}

process.once('message', async (job: LoadJob) => {
  const result = await run(job)
  process.send?.(result, () => process.disconnect?.())
})

async function run({ host, port, requests, count, connections, rate }: LoadJob): Promise<LoadResult> {
  const buffers = requests.map((request) => Buffer.from(request))
  const statuses: Record<string, number> = {}
  const latenciesMs: number[] = []
  const sentAt: number[] = []
  let sent = 0
  let done = 0
  const startedAt = performance.now()
  await new Promise<void>((resolve, reject) => {
    const step = () => {
      if (done === count) resolve()
    }
    for (let index = 0; index < Math.min(connections, count); index += 1) {
      const socket = connect({ host, port, noDelay: true })
      let pending = ''
      let writtenAt = 0
      const next = () => {
        if (sent === count) return socket.end()
        const nth = sent++
        const write = () => {
          writtenAt = performance.now()
          sentAt[nth] = performance.timeOrigin + writtenAt
          socket.write(buffers[nth % buffers.length] as Buffer)
        }
        const dueIn = rate ? startedAt + (nth * 1000) / rate - performance.now() : 0
        if (dueIn > 1) setTimeout(write, dueIn)
        else write()
      }
      socket.setEncoding('latin1')
      socket.on('connect', next)
      socket.on('error', reject)
      socket.on('data', (chunk: string) => {
        pending += chunk
        const end = pending.indexOf('\r\n\r\n')
        if (end < 0) return
        const length = /content-length: (\d+)/i.exec(pending)
        const size = end + 4 + Number(length?.[1] ?? 0)
        if (!length && !/^HTTP\/1.1 204/.test(pending)) return reject(new Error(`no content-length: ${pending}`))
        if (pending.length < size) return
        const status = pending.slice(9, 12)
        statuses[status] = (statuses[status] ?? 0) + 1
        latenciesMs.push(performance.now() - writtenAt)
        pending = pending.slice(size)
        done += 1
        step()
        next()
      })
    }
  })
  return { seconds: (performance.now() - startedAt) / 1000, statuses, latenciesMs, sentAt }
}
