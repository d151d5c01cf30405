/** Who calls: the token's holder, checked as Meta does (meta.md 3.2, 2.11). */

import { appSecretProof, isSame } from '../webhooks/sign.ts'
import type { App, TokenHolder } from '../world/apps.ts'
import { findApp, findToken } from '../world/apps.ts'
import { findUserToken, type UserTokenHolder } from '../world/logins.ts'
import type { Tx, World } from '../world/world.ts'
import { GraphError } from './error.ts'
import { type Params, textOf } from './params.ts'
import { tokenRefused } from './token-states.ts'

export type Caller = { kind: 'app'; app: App } | ({ kind: 'page' } & TokenHolder) | ({ kind: 'user' } & UserTokenHolder)

const refused = (message: string): GraphError => new GraphError(190, message)

/** A token may come in the header, the body or the query; the header wins. */
export function tokenOf(authorization: string | undefined, params: Params): string | undefined {
  const bearer = /^(?:Bearer|OAuth)\s+(\S+)$/i.exec(authorization ?? '')?.[1]
  return bearer ?? textOf(params.access_token, 'access_token', 1000)
}

export async function findCaller(world: World, token: string | undefined, params: Params): Promise<Caller> {
  if (!token) throw new GraphError(104, 'An access token is required to request this resource.')
  const caller = token.includes('|') ? await findAppCaller(world.sql, token) : await findHolder(world, token)
  const proof = textOf(params.appsecret_proof, 'appsecret_proof', 200)
  if (proof === undefined && caller.app.requireProof) {
    throw new GraphError(100, 'API calls from the server require an appsecret_proof argument', {
      type: 'GraphMethodException',
    })
  }
  if (proof !== undefined && !isSame(proof, appSecretProof(token, caller.app.secret))) {
    throw new GraphError(100, 'Invalid appsecret_proof provided in the API argument', { type: 'GraphMethodException' })
  }
  return caller
}

async function findAppCaller(sql: Tx, token: string): Promise<Caller> {
  const [appId, secret] = token.split('|', 2)
  const app = await findApp(sql, appId!)
  if (app === undefined || !isSame(secret!, app.secret)) throw refused('Invalid OAuth access token signature.')
  return { kind: 'app', app }
}

async function findHolder(world: World, token: string): Promise<Caller> {
  const malformed = !/^EAA[0-9A-Za-z]+$/.test(token)
  if (malformed) throw refused('Invalid OAuth access token - Cannot parse access token')
  const holder = await findToken(world.sql, token)
  if (holder === undefined) return findUserCaller(world, token)
  if (holder.state !== 'valid') throw tokenRefused(holder.state, holder.app.id, world.clock.now())
  return { kind: 'page', ...holder }
}

async function findUserCaller(world: World, token: string): Promise<Caller> {
  const user = await findUserToken(world.sql, token)
  if (user === undefined) throw refused('Invalid OAuth access token.')
  if (user.expiresAt <= world.clock.now()) throw tokenRefused('expired', user.app.id, world.clock.now())
  return { kind: 'user', ...user }
}
