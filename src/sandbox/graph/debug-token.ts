/** `GET /debug_token` (meta.md 5.6): what a token is, asked with an app's token. */
import { findToken } from '../world/apps.ts'
import type { Handler } from './call.ts'
import { GraphError } from './error.ts'
import { neededText } from './params.ts'
import { tokenRefused } from './token-states.ts'

const SCOPES = ['pages_messaging', 'pages_manage_metadata', 'pages_show_list']

/** A token that is not valid is no error: the answer says so, with HTTP 200. */
export const debugToken: Handler = async (world, call) => {
  const inputToken = neededText(call.params.input_token, 'input_token', 1000)
  if (call.caller.kind !== 'app') {
    throw new GraphError(
      100,
      '(#100) You must provide an app access token, or a user access token that is an owner or developer of the app',
    )
  }
  const { app } = call.caller
  const holder = await findToken(world.sql, inputToken)
  if (holder === undefined || holder.app.id !== app.id) {
    const message = 'Invalid OAuth access token.'
    return { data: { error: { code: 190, message }, is_valid: false, scopes: [] } }
  }
  const refused = holder.state === 'valid' ? undefined : tokenRefused(holder.state, app.id, world.clock.now())
  const error = refused && { error: { code: refused.code, message: refused.message, subcode: refused.subcode } }
  return {
    data: {
      ...error,
      app_id: app.id,
      type: 'PAGE',
      application: app.name,
      data_access_expires_at: 0,
      expires_at: 0,
      is_valid: error === undefined,
      issued_at: Math.floor(holder.issuedAt.getTime() / 1000),
      profile_id: holder.pageId,
      scopes: SCOPES,
      granular_scopes: SCOPES.map((scope) => ({ scope, target_ids: [holder.pageId] })),
    },
  }
}
