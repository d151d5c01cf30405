import type { Dispatcher } from 'undici'
import { Pool } from 'undici'
import type { Json, ProviderApp, Usage } from '#core/channel.ts'
import { exchange, type HttpResult } from './exchange.ts'
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
  accessToken: string
  app: ProviderApp
  /** Meta fetches a file of ours before it answers. */
  withMedia?: boolean
}

export type Graph = { call: (call: GraphCall) => Promise<GraphAnswer>; close: () => Promise<void> }

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

  return {
    call: async (call) => {
      const result = await exchange(pool, requestOf(prefix, call), call.withMedia ? mediaTimeoutMs : timeoutMs)
      if (result.kind !== 'answered') return result
      const usage = usageOf(result.headers)
      return { kind: 'answered', status: result.status, json: parseJson(result.text), ...(usage && { usage }) }
    },
    close: () => pool.close(),
  }
}

function requestOf(prefix: string, call: GraphCall): Dispatcher.DispatchOptions {
  const fields = { ...call.fields, appsecret_proof: appSecretProof(call.accessToken, call.app.appSecret) }
  const headers = { authorization: `Bearer ${call.accessToken}`, accept: 'application/json', 'user-agent': 'Pagewire' }
  if (call.method === 'POST') {
    return {
      method: 'POST',
      path: prefix + call.path,
      headers: { ...headers, 'content-type': 'application/json' },
      body: JSON.stringify(fields),
    }
  }
  const query = new URLSearchParams(Object.entries(fields).map(([name, value]) => [name, String(value)]))
  return { method: call.method, path: `${prefix}${call.path}?${query}`, headers }
}
