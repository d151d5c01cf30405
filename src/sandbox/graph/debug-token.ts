/** `GET /debug_token` (meta.md 5.6): what a token is, asked with an app's token. */
import { type App, findToken } from '../world/apps.ts'
import { findUserToken, listGrantedPages } from '../world/logins.ts'
import type { World } from '../world/world.ts'
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
  if (holder === undefined) return debugUserToken(world, app, inputToken)
  if (holder.app.id !== app.id) return INVALID
  const refused = holder.state === 'valid' ? undefined : tokenRefused(holder.state, app.id, world.clock.now())
  const scopes = holder.scopes ?? SCOPES
  return {
    data: {
      ...errorOf(refused),
      app_id: app.id,
      type: 'PAGE',
      application: app.name,
      data_access_expires_at: 0,
      expires_at: 0,
      is_valid: refused === undefined,
      issued_at: seconds(holder.issuedAt),
      profile_id: holder.pageId,
      ...(holder.personId !== null && { user_id: holder.personId }),
      scopes,
      granular_scopes: granular(scopes, [holder.pageId]),
    },
  }
}

async function debugUserToken(world: World, app: App, token: string) {
  const user = await findUserToken(world.sql, token)
  if (user === undefined || user.app.id !== app.id) return INVALID
  const now = world.clock.now()
  const refused = user.expiresAt <= now ? tokenRefused('expired', app.id, now) : undefined
  const pages = await listGrantedPages(world.sql, app.id, user.person.id)
  return {
    data: {
      ...errorOf(refused),
      app_id: app.id,
      type: 'USER',
      application: app.name,
      data_access_expires_at: seconds(user.issuedAt) + 90 * 86_400,
      expires_at: seconds(user.expiresAt),
      is_valid: refused === undefined,
      issued_at: seconds(user.issuedAt),
      user_id: user.person.id,
      scopes: user.scopes,
      granular_scopes: granular(
        user.scopes,
        pages.map(({ id }) => id),
      ),
    },
  }
}

const INVALID = { data: { error: { code: 190, message: 'Invalid OAuth access token.' }, is_valid: false, scopes: [] } }

const seconds = (at: Date): number => Math.floor(at.getTime() / 1000)

const errorOf = (refused: GraphError | undefined) =>
  refused && { error: { code: refused.code, message: refused.message, subcode: refused.subcode } }

/** Permissions that are about Pages are given for each of them. */
const granular = (scopes: string[], pageIds: string[]) =>
  scopes.filter((scope) => scope.startsWith('pages_')).map((scope) => ({ scope, target_ids: pageIds }))
