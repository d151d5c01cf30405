/** The pretend Meta apps, their webhook subscriptions, and the tokens that Pages gave them. */
import type { TokenState } from '../contract.ts'
import { newAccessToken, newAppId, newAppSecret } from './names.ts'
import type { Tx } from './world.ts'

export type App = { id: string; name: string; secret: string; requireProof: boolean }
export type AppSubscription = { callbackUrl: string; fields: string[] }

/** The secret that the gateway runs with is the one that counts. */
export async function putApp(sql: Tx, appId: string, secret: string): Promise<void> {
  await sql`
    insert into sandbox.apps (id, name, secret) values (${appId}, 'Gateway', ${secret})
    on conflict (id) do update set secret = excluded.secret`
}

export async function findApp(sql: Tx, appId: string): Promise<App | undefined> {
  const [app] = await sql<App[]>`
    select id, name, secret, require_proof as "requireProof" from sandbox.apps where id = ${appId}`
  return app
}

export async function createApp(sql: Tx, name: string): Promise<Pick<App, 'id' | 'name' | 'secret'>> {
  const app = { id: newAppId(), name, secret: newAppSecret() }
  await sql`insert into sandbox.apps (id, name, secret) values (${app.id}, ${name}, ${app.secret})`
  return app
}

/** `personId`, `scopes`: who logged in for it and what was allowed; null: nobody, and everything. */
export type TokenHolder = {
  pageId: string
  pageName: string
  app: App
  issuedAt: Date
  state: TokenState
  personId: string | null
  scopes: string[] | null
}

export async function findToken(sql: Tx, token: string): Promise<TokenHolder | undefined> {
  const [row] = await sql<(App & Omit<TokenHolder, 'app'>)[]>`
    select a.id, a.name, a.secret, a.require_proof as "requireProof",
      p.id as "pageId", p.name as "pageName", t.issued_at as "issuedAt", p.token_state as state,
      t.person_id as "personId", t.scopes
    from sandbox.page_tokens t join sandbox.apps a on a.id = t.app_id join sandbox.pages p on p.id = t.page_id
    where t.token = ${token}`
  if (row === undefined) return undefined
  const { pageId, pageName, issuedAt, state, personId, scopes, ...app } = row
  return { pageId, pageName, issuedAt, state, personId, scopes, app }
}

/** Gives the app a token of every Page that it has none of. */
export async function issueTokens(sql: Tx, appId: string): Promise<void> {
  const missing = await sql<{ pageId: string }[]>`
    select p.id as "pageId" from sandbox.pages p
    where not exists (select from sandbox.page_tokens t where t.page_id = p.id and t.app_id = ${appId})`
  for (const { pageId } of missing) {
    await sql`
      insert into sandbox.page_tokens (token, page_id, app_id) values (${newAccessToken()}, ${pageId}, ${appId})
      on conflict (page_id, app_id) do nothing`
  }
}

export async function putAppSubscription(
  sql: Tx,
  appId: string,
  to: { callbackUrl: string; verifyToken: string; fields: string[] },
): Promise<void> {
  await sql`
    insert into sandbox.app_subscriptions (app_id, object, callback_url, verify_token, fields)
    values (${appId}, 'page', ${to.callbackUrl}, ${to.verifyToken}, ${to.fields})
    on conflict (app_id, object) do update set
      callback_url = excluded.callback_url, verify_token = excluded.verify_token, fields = excluded.fields`
}

export async function findAppSubscription(sql: Tx, appId: string): Promise<AppSubscription | undefined> {
  const [found] = await sql<AppSubscription[]>`
    select callback_url as "callbackUrl", fields from sandbox.app_subscriptions where app_id = ${appId}`
  return found
}

/** Without `fields` the whole subscription. */
export async function removeAppSubscription(sql: Tx, appId: string, fields: string[] | undefined): Promise<void> {
  if (fields === undefined) {
    await sql`delete from sandbox.app_subscriptions where app_id = ${appId}`
    return
  }
  await sql`
    update sandbox.app_subscriptions
    set fields = array(select unnest(fields) except select unnest(${fields}::text[])) where app_id = ${appId}`
}
