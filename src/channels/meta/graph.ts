import type { Dispatcher } from 'undici'
import { Pool } from 'undici'
import type { Json, ProviderApp, Usage } from '#core/channel.ts'
import { exchange, type HttpResult, type Unsent } from './exchange.ts'
import { parseJson } from './json.ts'
import { appSecretProof } from './signature.ts'
import { usageOf } from './usage.ts'

export type GraphOptions = {
  /** Where Meta is; may have a path. */
  graphUrl: string
  graphVersion: string
  /** For one call, waiting for a connection included. Default 20 s. */
  timeoutMs?: number
  /** For a send with media: Meta alone takes up to 75 s to fetch a video (meta.md 2.3). Default 90 s. */
  mediaTimeoutMs?: number
  /** Default 128. */
  maxConnections?: number
}

/** `json` is undefined when the answer is not JSON. */
export type GraphAnswer =
  | { kind: 'answered'; status: number; json: Json | undefined; usage?: Usage }
  | Exclude<HttpResult, { kind: 'answered' }>

export type GraphCall = {
  method: 'GET' | 'POST' | 'DELETE'
  /** Below the version; every id in it must be encoded. */
  path: string
  fields?: { [name: string]: Json }
  /** Null for the few calls that are about getting one. */
  accessToken: string | null
  app: ProviderApp
  /** Meta fetches a file of ours before it answers. */
  withMedia?: boolean
}

export type Graph = {
  call: (call: GraphCall) => Promise<GraphAnswer>
  /** Where a call to this path goes. */
  urlOf: (path: string) => string
  /**
   * Before the process ends: who has not got a connection soon is given up, so that it is known that nothing was sent.
   */
  giveUpUnsent: () => void
  close: () => Promise<void>
}

/** At the end of the process a connection must stand within so long. */
const CONNECT_AT_LAST_MS = 1000

/** One pool of kept-alive connections to the Graph API. The token goes in a header, never in a URL that someone logs. */
export function createGraph(options: GraphOptions): Graph {
  const { timeoutMs = 20_000, mediaTimeoutMs = 90_000, maxConnections = 128 } = options
  const base = new URL(options.graphUrl)
  const prefix = `${base.pathname.replace(/\/+$/, '')}/${options.graphVersion}/`
  // HTTP/1.1 and one request at a time on a connection: then "written" has one clear meaning (exchange.ts).
  const pool = new Pool(base.origin, {
    connections: maxConnections,
    pipelining: 1,
    allowH2: false,
    connectTimeout: Math.min(timeoutMs, 10_000),
    headersTimeout: 0,
    bodyTimeout: 0,
  })

  const unsent: Unsent = new Set()
  let leaving: NodeJS.Timeout | undefined
  return {
    urlOf: (path) => base.origin + prefix + path,
    call: async (call) => {
      const result = await exchange(pool, requestOf(prefix, call), call.withMedia ? mediaTimeoutMs : timeoutMs, unsent)
      if (result.kind !== 'answered') return result
      const usage = usageOf(result.headers)
      return { kind: 'answered', status: result.status, json: parseJson(result.text), ...(usage && { usage }) }
    },
    giveUpUnsent() {
      const giveUp = () => {
        for (const each of unsent) each()
      }
      leaving ??= setInterval(giveUp, CONNECT_AT_LAST_MS)
    },
    close: () => {
      clearInterval(leaving)
      return pool.close()
    },
  }
}

function requestOf(prefix: string, { method, path, accessToken, app, fields }: GraphCall): Dispatcher.DispatchOptions {
  const proof = accessToken === null ? {} : { appsecret_proof: appSecretProof(accessToken, app.appSecret) }
  const all = { ...fields, ...proof }
  const headers = {
    ...(accessToken !== null && { authorization: `Bearer ${accessToken}` }),
    accept: 'application/json',
    'user-agent': 'Pagewire',
  }
  if (method === 'POST') {
    return {
      method,
      path: prefix + path,
      headers: { ...headers, 'content-type': 'application/json' },
      body: JSON.stringify(all),
    }
  }
  const query = new URLSearchParams(Object.entries(all).map(([name, value]) => [name, String(value)]))
  return { method, path: `${prefix}${path}?${query}`, headers }
}
