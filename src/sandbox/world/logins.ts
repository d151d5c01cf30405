/** What people allow apps in the login dialog, and the codes and tokens that come of it. */
import type { Person } from '../contract.ts'
import type { App } from './apps.ts'
import { newAccessToken, newLoginCode } from './names.ts'
import type { Sql, Tx } from './world.ts'

export type Grant = {
  appId: string
  personId: string
  scopes: string[]
  declined: string[]
  pages: { id: string; tasks: string[] }[]
}

/**
 * Replaces what the person allowed this app before. A Page whose token is dead gets a new one: whoever logs in again has
 * a new session. Answers a code.
 */
export async function allow(sql: Sql, grant: Grant, redirectUri: string, at: Date): Promise<string> {
  const { appId, personId, scopes, declined, pages } = grant
  const code = newLoginCode()
  await sql.begin(async (tx) => {
    await tx`
      insert into sandbox.grants (app_id, person_id, scopes, declined)
      values (${appId}, ${personId}, ${scopes}, ${declined})
      on conflict (app_id, person_id) do update set scopes = excluded.scopes, declined = excluded.declined`
    await tx`delete from sandbox.page_grants where app_id = ${appId} and person_id = ${personId}`
    for (const { id, tasks } of pages) {
      await tx`
        insert into sandbox.page_grants (app_id, person_id, page_id, tasks)
        values (${appId}, ${personId}, ${id}, ${tasks})`
      const [revived] = await tx`
        update sandbox.pages set token_state = 'valid' where id = ${id} and token_state <> 'valid' returning id`
      if (revived) await renewTokens(tx, id)
      await tx`
        insert into sandbox.page_tokens (token, page_id, app_id, person_id, scopes)
        values (${newAccessToken()}, ${id}, ${appId}, ${personId}, ${scopes})
        on conflict (page_id, app_id) do update set person_id = excluded.person_id, scopes = excluded.scopes`
    }
    await tx`
      insert into sandbox.login_codes (code, app_id, person_id, redirect_uri, issued_at)
      values (${code}, ${appId}, ${personId}, ${redirectUri}, ${at})`
  })
  return code
}

async function renewTokens(tx: Tx, pageId: string): Promise<void> {
  const held = await tx<
    { appId: string }[]
  >`select app_id as "appId" from sandbox.page_tokens where page_id = ${pageId}`
  for (const { appId } of held) {
    await tx`
      update sandbox.page_tokens set token = ${newAccessToken()}, issued_at = now()
      where page_id = ${pageId} and app_id = ${appId}`
  }
}

export type LoginCode = { code: string; personId: string; redirectUri: string; issuedAt: Date; used: boolean }

/** Used now, whatever becomes of it; `used` tells how it was before. */
export async function spendCode(sql: Tx, appId: string, code: string): Promise<LoginCode | undefined> {
  const [row] = await sql<LoginCode[]>`
    with before as (
      select * from sandbox.login_codes where code = ${code} and app_id = ${appId} for update
    )
    update sandbox.login_codes c set used = true from before b where c.code = b.code
    returning c.code, c.person_id as "personId", c.redirect_uri as "redirectUri", c.issued_at as "issuedAt", b.used`
  return row
}

export async function issueUserToken(
  sql: Tx,
  { appId, personId }: { appId: string; personId: string },
  issuedAt: Date,
  expiresAt: Date,
): Promise<string> {
  const token = newAccessToken()
  await sql`
    insert into sandbox.user_tokens (token, app_id, person_id, issued_at, expires_at)
    values (${token}, ${appId}, ${personId}, ${issuedAt}, ${expiresAt})`
  return token
}

export type UserTokenHolder = {
  app: App
  person: Pick<Person, 'id' | 'name'>
  scopes: string[]
  declined: string[]
  issuedAt: Date
  expiresAt: Date
}

export async function findUserToken(sql: Tx, token: string): Promise<UserTokenHolder | undefined> {
  const [row] = await sql<(App & Omit<UserTokenHolder, 'app' | 'person'> & { personId: string; personName: string })[]>`
    select a.id, a.name, a.secret, a.require_proof as "requireProof", h.id as "personId", h.name as "personName",
      g.scopes, g.declined, t.issued_at as "issuedAt", t.expires_at as "expiresAt"
    from sandbox.user_tokens t
    join sandbox.apps a on a.id = t.app_id
    join sandbox.people h on h.id = t.person_id
    join sandbox.grants g on g.app_id = t.app_id and g.person_id = t.person_id
    where t.token = ${token}`
  if (row === undefined) return undefined
  const { personId, personName, scopes, declined, issuedAt, expiresAt, ...app } = row
  return { app, person: { id: personId, name: personName }, scopes, declined, issuedAt, expiresAt }
}

export type GrantedPage = {
  id: string
  name: string
  number: number
  business: string | null
  tasks: string[]
  accessToken: string
}

/** In the order of making. */
export const listGrantedPages = (sql: Tx, appId: string, personId: string): Promise<GrantedPage[]> => sql<
  GrantedPage[]
>`
  select p.id, p.name, p.number, p.business, g.tasks, t.token as "accessToken"
  from sandbox.page_grants g
  join sandbox.pages p on p.id = g.page_id
  join sandbox.page_tokens t on t.page_id = p.id and t.app_id = g.app_id
  where g.app_id = ${appId} and g.person_id = ${personId} order by p.number`
