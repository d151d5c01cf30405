/** `GET /oauth/access_token` (meta.md 5.6): a code, or a short-lived token, for a token. */
import { isSame } from '../webhooks/sign.ts'
import { type App, findApp } from '../world/apps.ts'
import { findUserToken, issueUserToken, spendCode } from '../world/logins.ts'
import type { World } from '../world/world.ts'
import { GraphError } from './error.ts'
import { type Params, textOf } from './params.ts'

const CODE_MS = 10 * 60_000
const SHORT_SECONDS = 5_400
/** 60 days, as Meta counts them. */
const LONG_SECONDS = 5_183_944

export async function accessToken(world: World, params: Params): Promise<unknown> {
  const app = await clientOf(world, params)
  const grant = textOf(params.grant_type, 'grant_type', 100) ?? 'authorization_code'
  if (grant === 'client_credentials') return { access_token: `${app.id}|${app.secret}`, token_type: 'bearer' }
  const now = world.clock.now()
  if (grant === 'fb_exchange_token') {
    const holder = await findUserToken(world.sql, textOf(params.fb_exchange_token, 'fb_exchange_token', 1000) ?? '')
    if (holder?.app.id !== app.id || holder.expiresAt <= now) {
      throw new GraphError(190, 'Error validating access token: the token to exchange is not valid.')
    }
    return issue(world, { appId: app.id, personId: holder.person.id }, now, LONG_SECONDS)
  }
  if (grant !== 'authorization_code') throw new GraphError(100, `(#100) Unknown grant_type ${grant}`)
  const personId = await redeem(world, app, params, now)
  return issue(world, { appId: app.id, personId }, now, SHORT_SECONDS)
}

async function clientOf(world: World, params: Params): Promise<App> {
  const id = textOf(params.client_id, 'client_id', 100)
  if (!id) throw new GraphError(101, 'Missing client_id parameter.')
  const app = await findApp(world.sql, id)
  if (app === undefined) {
    throw new GraphError(101, 'Error validating application. Cannot get application info due to a system error.')
  }
  const secret = textOf(params.client_secret, 'client_secret', 200)
  if (!secret) throw new GraphError(1, 'Missing client_secret parameter.')
  if (!isSame(secret, app.secret)) throw new GraphError(1, 'Error validating client secret.')
  return app
}

/** Answers whose code it was. */
async function redeem(world: World, app: App, params: Params, now: Date): Promise<string> {
  const refuse = (subcode: number, message: string) => new GraphError(100, message, { subcode })
  const redirectUri = textOf(params.redirect_uri, 'redirect_uri', 4096)
  const given = textOf(params.code, 'code', 4096)
  if (!given) throw new GraphError(100, 'Missing authorization code')
  const code = await spendCode(world.sql, app.id, given)
  if (code === undefined) throw new GraphError(100, 'Invalid verification code format.')
  if (code.used) throw refuse(36009, 'This authorization code has been used.')
  if (now.getTime() - code.issuedAt.getTime() > CODE_MS) {
    throw refuse(36007, 'This authorization code has expired.')
  }
  if (code.redirectUri !== redirectUri) {
    throw refuse(
      36008,
      'Error validating verification code. Please make sure your redirect_uri is identical to the one you used in the ' +
        'OAuth dialog request',
    )
  }
  return code.personId
}

async function issue(world: World, who: { appId: string; personId: string }, now: Date, seconds: number) {
  const token = await issueUserToken(world.sql, who, now, new Date(now.getTime() + seconds * 1000))
  return { access_token: token, token_type: 'bearer', expires_in: seconds }
}
