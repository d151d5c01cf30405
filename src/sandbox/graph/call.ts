/** One call of the Graph API after its token was checked. */
import type { TokenHolder } from '../world/apps.ts'
import type { World } from '../world/world.ts'
import type { Caller } from './caller.ts'
import { GraphError, unsupported } from './error.ts'
import type { Params } from './params.ts'

export type Call = {
  method: string
  /** The object in the path, `me` already replaced by the Page's id. */
  node: string
  params: Params
  caller: Caller
  version: string
  /** Beside what every answer has. */
  setHeader: (name: string, value: string) => void
}

/** Answers a call's JSON, or how it is broken, or throws a `GraphError`. */
export type Handler = (world: World, call: Call) => Promise<unknown>

/** The holder of the Page's own token; another Page's token sees no such object. */
export function pageCaller(call: Call): TokenHolder {
  if (call.caller.kind !== 'page') {
    throw new GraphError(190, '(#190) This method must be called with a Page Access Token')
  }
  if (call.node !== call.caller.pageId) throw unsupported(call.method, call.node)
  return call.caller
}
