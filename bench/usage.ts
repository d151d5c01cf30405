/** What processes take of the machine: resident memory and processor time, as Linux tells them in `/proc`. */
import { readFileSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'

/** USER_HZ, in which `/proc` counts: 100 on every Linux that Node runs on (proc(5)). */
const TICKS_PER_SECOND = 100

/** Resident memory of a process, in MB; 0 when it is gone. */
export async function memoryMb(pid: number | undefined): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024
}

export type MemorySample = { atS: number; mb: number }

/** Looks at a process's memory again and again; `stop` answers what was seen, from the first to the last. */
export function watchMemory(pid: number | undefined, everyMs = 250): { stop: () => MemorySample[] } {
  const samples: MemorySample[] = []
  const startedAt = performance.now()
  const look = async () => {
    const mb = await memoryMb(pid)
    if (mb > 0) samples.push({ atS: (performance.now() - startedAt) / 1000, mb })
  }
  const timer = setInterval(look, everyMs)
  return {
    stop() {
      clearInterval(timer)
      return samples
    },
  }
}

export const mostMb = (samples: readonly MemorySample[]): number => Math.max(0, ...samples.map(({ mb }) => mb))

type Process = { pid: number; parent: number; ticks: number }

/** Fields of proc_pid_stat(5); the second, the name, may hold anything. The ended children it has waited for count too. */
function readProcess(pid: number): Process | undefined {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? []
    const [parent, user, system, childUser, childSystem] = [1, 11, 12, 13, 14].map((nth) => Number(fields[nth]))
    return { pid, parent: parent ?? 0, ticks: (user ?? 0) + (system ?? 0) + (childUser ?? 0) + (childSystem ?? 0) }
  } catch {
    return undefined
  }
}

/** Processor seconds that a process and all its descendants have taken so far. */
export async function cpuSeconds(root: number | undefined): Promise<number> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number)
  const all = pids.map(readProcess).filter((each) => each !== undefined)
  const family = new Set([root])
  // A parent may have a higher number than its child.
  for (let before = 0; before < family.size; ) {
    before = family.size
    for (const { pid, parent } of all) if (family.has(parent)) family.add(pid)
  }
  return all.filter(({ pid }) => family.has(pid)).reduce((sum, { ticks }) => sum + ticks, 0) / TICKS_PER_SECOND
}
