/** Pages: what they are called, who listens to them, and their Messenger profiles. */
import type { Page, TokenState } from '../contract.ts'
import { newAccessToken, newPageId } from './names.ts'
import type { Tx, World } from './world.ts'

export async function createPage(
  sql: Tx,
  appId: string,
  name: string,
  business: string | null = null,
): Promise<string> {
  const id = newPageId()
  await sql`insert into sandbox.pages (id, name, business) values (${id}, ${name}, ${business})`
  await sql`insert into sandbox.page_tokens (token, page_id, app_id) values (${newAccessToken()}, ${id}, ${appId})`
  return id
}

/** Oldest first; one of them when `pageId` is given. */
export async function listPages(world: World, pageId: string | null = null): Promise<Page[]> {
  const rows = await world.sql<Omit<Page, 'chatUrl'>[]>`
    select p.id, p.name, p.business, t.token as "accessToken", p.token_state as token,
      exists (
        select from sandbox.page_subscriptions s join sandbox.app_subscriptions a on a.app_id = s.app_id
        where s.page_id = p.id
      ) as subscribed
    from sandbox.pages p join sandbox.page_tokens t on t.page_id = p.id and t.app_id = ${world.appId}
    where ${pageId}::text is null or p.id = ${pageId}
    order by p.created_at, p.id`
  return rows.map((row) => ({ ...row, chatUrl: `${world.publicUrl}/?page=${row.id}` }))
}

/** False when there is no such Page. */
export async function setTokenState(sql: Tx, pageId: string, state: TokenState): Promise<boolean> {
  const done = await sql`update sandbox.pages set token_state = ${state} where id = ${pageId}`
  return done.count > 0
}

/** Of one Page, or of all. */
export const restoreTokens = (sql: Tx, pageId: string | null) => sql`
  update sandbox.pages set token_state = 'valid'
  where token_state <> 'valid' and (${pageId}::text is null or id = ${pageId})`

export async function putPageSubscription(sql: Tx, pageId: string, appId: string, fields: string[]): Promise<void> {
  await sql`
    insert into sandbox.page_subscriptions (page_id, app_id, fields) values (${pageId}, ${appId}, ${fields})
    on conflict (page_id, app_id) do update set fields = excluded.fields`
}

export async function removePageSubscription(sql: Tx, pageId: string, appId: string): Promise<void> {
  await sql`delete from sandbox.page_subscriptions where page_id = ${pageId} and app_id = ${appId}`
}

export const listPageSubscriptions = (sql: Tx, pageId: string) =>
  sql<{ id: string; name: string; fields: string[] }[]>`
    select a.id, a.name, s.fields from sandbox.page_subscriptions s join sandbox.apps a on a.id = s.app_id
    where s.page_id = ${pageId} order by a.id`

export type Property = 'get_started' | 'greeting' | 'ice_breakers' | 'persistent_menu'

export async function readProfile(sql: Tx, pageId: string): Promise<Partial<Record<Property, unknown>>> {
  const rows = await sql<{ name: Property; value: unknown }[]>`
    select name, value from sandbox.page_properties where page_id = ${pageId}`
  return Object.fromEntries(rows.map((row) => [row.name, row.value]))
}

export async function putProperty(sql: Tx, pageId: string, name: Property, value: unknown): Promise<void> {
  await sql`
    insert into sandbox.page_properties (page_id, name, value)
    values (${pageId}, ${name}, ${JSON.stringify(value)}::text::jsonb)
    on conflict (page_id, name) do update set value = excluded.value`
}

export async function removeProperties(sql: Tx, pageId: string, names: Property[]): Promise<void> {
  await sql`delete from sandbox.page_properties where page_id = ${pageId} and name in ${sql(names)}`
}
