/** TwiML bins: documents that Pagewire serves itself, with their history and what uses them. */
import { Type } from 'typebox'
import { resolveCallbackUrl } from '#core/callback-url.ts'
import { type Id, type SidPrefix, toSid } from '#core/ids.ts'
import { binNameOf } from '#messaging/bin-url.ts'
import { checkTwiml } from '#messaging/check-twiml.ts'
import { type AuditActor, insertAuditEntry } from '#store/audit.ts'
import {
  addBin,
  type Bin,
  findBinOf,
  findBinVersion,
  findUrlUsers,
  listBins,
  listBinVersions,
  removeBin,
  saveBin,
  type UrlUser,
} from '#store/bins.ts'
import type { Tx } from '#store/connection.ts'
import type { BinCheck, BinList, BinText, BinUse, BinView } from './contract/bins.ts'
import { Refusal, type Routes } from './route.ts'

/** What a URL shows as it is. */
const NAME = /^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$/
/** More is refused by `checkTwiml`, in words. */
const Twiml = Type.String({ maxLength: 1_000_000 })

export function binRoutes({ flow, add }: Routes): void {
  const { sql, publicUrl } = flow
  const url = '/accounts/:accountSid/bins'

  add({ method: 'GET', url, needs: 'view' }, async ({ account }): Promise<BinList> => {
    const users = await usersOf('/bins/')
    return {
      bins: (await listBins(sql, account.sid)).map(({ name, twiml, updatedAt }) => ({
        name,
        url: `${publicUrl}/bins/${name}`,
        updatedAt: updatedAt.toISOString(),
        uses: users.filter((user) => user.bins.has(name)).length,
        gist: gistOf(twiml),
      })),
    }
  })

  add(
    { method: 'POST', url: `${url}/check`, needs: 'view', body: Type.Object({ twiml: Twiml }) },
    async ({ body }): Promise<BinCheck> => checkTwiml(body.twiml),
  )

  add(
    {
      method: 'POST',
      url,
      needs: 'configure',
      body: Type.Object({ name: Type.String({ maxLength: 200 }), twiml: Twiml }),
    },
    async ({ account, actor, body }): Promise<BinView> => {
      const name = body.name.trim().toLowerCase()
      if (!NAME.test(name)) {
        throw new Refusal(400, 'A name has letters, digits and hyphens, 64 at most: it stands in the URL', 'name')
      }
      refuseMistakes(body.twiml)
      await sql.begin(async (tx) => {
        const bin = { name, accountSid: account.sid, twiml: body.twiml, savedBy: actor.name }
        if (!(await addBin(tx, bin)))
          throw new Refusal(409, `There is a bin named ${name} in this installation`, 'name')
        await note(tx, account.sid, actor, 'bin.created', name, { after: { twiml: body.twiml } })
      })
      return await viewOf(await binOf(account.sid, name))
    },
  )

  add({ method: 'GET', url: `${url}/:name`, needs: 'view' }, async ({ account, params }) =>
    viewOf(await binOf(account.sid, params.name)),
  )

  add(
    {
      method: 'PUT',
      url: `${url}/:name`,
      needs: 'configure',
      body: Type.Object({ twiml: Twiml, version: Type.Integer({ minimum: 1 }) }),
    },
    async ({ account, actor, params, body }): Promise<BinView> => {
      const bin = await binOf(account.sid, params.name)
      refuseMistakes(body.twiml)
      await sql.begin(async (tx) => {
        const change = { ...body, name: bin.name, accountSid: account.sid, savedBy: actor.name }
        if (!(await saveBin(tx, change))) {
          throw new Refusal(409, 'Somebody saved another version meanwhile. Copy your text, then load this page again.')
        }
        await note(tx, account.sid, actor, 'bin.updated', bin.name, {
          before: { twiml: bin.twiml },
          after: { twiml: body.twiml },
        })
      })
      return await viewOf(await binOf(account.sid, bin.name))
    },
  )

  add(
    { method: 'GET', url: `${url}/:name/versions/:version`, needs: 'view' },
    async ({ account, params }): Promise<BinText> => {
      const bin = await binOf(account.sid, params.name)
      const version = /^\d{1,9}$/.test(params.version ?? '') ? Number(params.version) : 0
      const twiml = await findBinVersion(sql, bin.name, version)
      if (twiml === undefined) throw new Refusal(404, 'This version is not kept any more')
      return { twiml }
    },
  )

  add({ method: 'DELETE', url: `${url}/:name`, needs: 'configure' }, async ({ account, actor, params }) => {
    const bin = await binOf(account.sid, params.name)
    await sql.begin(async (tx) => {
      await removeBin(tx, account.sid, bin.name)
      await note(tx, account.sid, actor, 'bin.removed', bin.name, { before: { twiml: bin.twiml } })
    })
  })

  async function binOf(accountSid: string, name = ''): Promise<Bin> {
    const bin = NAME.test(name) ? await findBinOf(sql, accountSid, name) : undefined
    if (!bin) throw new Refusal(404, 'There is no such bin in this account')
    return bin
  }

  async function viewOf(bin: Bin): Promise<BinView> {
    const path = `/bins/${bin.name}`
    const users = (await usersOf(path)).filter(({ bins }) => bins.has(bin.name))
    const own = users.filter(({ accountSid }) => accountSid === bin.accountSid)
    return {
      name: bin.name,
      url: publicUrl + path,
      path,
      twiml: bin.twiml,
      version: bin.version,
      updatedAt: bin.updatedAt.toISOString(),
      versions: (await listBinVersions(sql, bin.name)).map((version) => ({
        ...version,
        savedAt: version.savedAt.toISOString(),
      })),
      uses: own.map(useOf),
      foreignUses: users.length - own.length,
    }
  }

  /** Each with the names of the bins that it uses. */
  async function usersOf(text: string): Promise<(UrlUser & { bins: Set<string> })[]> {
    const users = await findUrlUsers(sql, text)
    return users.map((user) => {
      const names = user.urls.map((each) => binNameOf(resolveCallbackUrl(each, publicUrl), publicUrl))
      return { ...user, bins: new Set(names.filter((name) => name !== undefined)) }
    })
  }
}

const PREFIXES: Record<UrlUser['kind'], SidPrefix> = { sender: 'XE', service: 'MG', application: 'AP' }

function useOf({ kind, id, name }: UrlUser): BinUse {
  const sid = toSid(PREFIXES[kind], id as Id)
  return { kind, sid, name: name || sid }
}

/** What is said first, for a list. */
function gistOf(twiml: string): string {
  const { steps } = checkTwiml(twiml)
  const [first] = steps
  if (first === undefined) return ''
  return (first.verb === 'redirect' ? `→ ${first.url}` : first.body || first.mediaUrls[0] || '')
    .slice(0, 140)
    .toWellFormed()
}

/** Warnings are allowed: the document does something. */
function refuseMistakes(twiml: string): void {
  const error = checkTwiml(twiml).mistakes.find(({ level }) => level === 'error')
  if (!error) return
  const place = error.line === null ? '' : ` (line ${error.line}, column ${error.column})`
  throw new Refusal(400, error.text + place, 'twiml')
}

function note(
  tx: Tx,
  accountSid: string,
  actor: AuditActor,
  eventType: string,
  name: string,
  change: { before?: object; after?: object },
): Promise<void> {
  const entry = { accountSid, actor, source: 'console' as const, eventType, resourceType: 'bin', resourceSid: name }
  return insertAuditEntry(tx, { ...entry, ...change })
}
