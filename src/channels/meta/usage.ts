import type { Json, Usage } from '#core/channel.ts'
import type { Headers } from './exchange.ts'
import { asObject, parseJson } from './json.ts'

const MINUTE_MS = 60_000

/**
 * The usage headers of an answer (meta.md 4): percentages of call count and time, of the app, the Page and the business
 * case. The largest counts. Undefined when there are none, or none that can be read.
 */
export function usageOf(headers: Headers): Usage | undefined {
  const shares = [
    ...share(read(headers['x-app-usage'])),
    ...share(read(headers['x-page-usage'])),
    ...businessShares(read(headers['x-business-use-case-usage'])),
  ]
  if (shares.length === 0) return undefined
  return {
    percent: Math.max(...shares.map(({ percent }) => percent)),
    regainMs: Math.max(...shares.map(({ regainMs }) => regainMs)),
  }
}

/** Keyed by business or Page; only what concerns Messenger counts. */
function businessShares(json: Json | undefined): Usage[] {
  return Object.values(asObject(json) ?? {})
    .flatMap((list) => (Array.isArray(list) ? list : []))
    .filter((item) => ['messenger', 'pages'].includes(String(asObject(item)?.type ?? 'messenger')))
    .flatMap((item) => share(item))
}

function share(json: Json | undefined): Usage[] {
  const item = asObject(json)
  if (!item) return []
  const values = [item.call_count, item.total_time, item.total_cputime].filter((value) => typeof value === 'number')
  const minutes = typeof item.estimated_time_to_regain_access === 'number' ? item.estimated_time_to_regain_access : 0
  return values.length === 0 ? [] : [{ percent: Math.max(...values), regainMs: minutes * MINUTE_MS }]
}

function read(header: string | string[] | undefined): Json | undefined {
  return typeof header === 'string' && header.length <= 16_384 ? parseJson(header) : undefined
}
