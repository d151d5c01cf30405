/** Accounts of the 2010 API: subaccounts are made, listed, renamed, suspended and closed here (twilio.md 6.2). */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { ApiError } from '#core/errors.ts'
import { changeAccount, createSubaccount } from '#messaging/change-account.ts'
import type { Flow } from '#messaging/flow.ts'
import { type Account, type AccountStatus, findAccount, listAccounts } from '#store/accounts.ts'
import { notFound } from './answers.ts'
import { accountOf, type Caller, callerOf } from './authenticate.ts'
import { formOf, readQuery } from './form.ts'
import { readFriendlyName } from './form-values.ts'
import { rfc2822 } from './message-json.ts'
import { listJson, readPage, toPage } from './paging.ts'

const LIST = '/2010-04-01/Accounts.json'
const ITEM = '/2010-04-01/Accounts/:accountSid(^[A-Za-z0-9]+).json'
const STATUSES: readonly AccountStatus[] = ['active', 'suspended', 'closed']

export function accountRoutes(scope: FastifyInstance, flow: Flow): void {
  scope.post(LIST, async (request, reply) => {
    const account = await createSubaccount(flow, accountOf(request), readFriendlyName(formOf(request)))
    return reply.code(201).send(accountJson(account, callerOf(request)))
  })

  scope.get(LIST, async (request) => {
    const page = readPage(request.url, ['AC'])
    const query = readQuery(request.url)
    const filter = {
      ownerSid: accountOf(request),
      friendlyName: query.one('FriendlyName')?.replaceAll('\0', '').toWellFormed() || null,
      status: readStatus(query.one('Status')) ?? null,
    }
    const found = await listAccounts(flow.sql, flow.vault, filter, page.edge, page.size + 1)
    const shown = toPage(LIST, page, found, (account) => account.sid)
    return listJson('accounts', page, shown, (account) => accountJson(account, callerOf(request)))
  })

  scope.get(ITEM, async (request) => accountJson(await find(request), callerOf(request)))

  scope.post(ITEM, { config: { servesInactive: true } }, async (request) => {
    const caller = callerOf(request)
    const form = formOf(request)
    const status = readStatus(form.one('Status'))
    const change = { friendlyName: readFriendlyName(form), status }
    return accountJson(await changeAccount(flow, caller.accountSid, accountOf(request), change), caller)
  })

  async function find(request: FastifyRequest): Promise<Account> {
    const account = await findAccount(flow.sql, flow.vault, accountOf(request))
    if (!account) throw notFound(request)
    return account
  }
}

/** An empty one is as none. */
function readStatus(text: string | null): AccountStatus | undefined {
  if (text === null || text === '') return undefined
  const status = STATUSES.find((each) => each === text)
  if (!status) throw new ApiError('account_status_invalid')
  return status
}

/** The token is shown to who came with a token, its own or its parent's: a key must not become more than a key. */
function accountJson(account: Account, caller: Caller) {
  const uri = `/2010-04-01/Accounts/${account.sid}`
  return {
    auth_token: caller.by === 'token' ? account.authToken : null,
    date_created: rfc2822(account.createdAt),
    date_updated: rfc2822(account.updatedAt),
    friendly_name: account.friendlyName,
    owner_account_sid: account.parentSid ?? account.sid,
    sid: account.sid,
    status: account.status,
    subresource_uris: {
      signing_keys: `${uri}/SigningKeys.json`,
      usage: `${uri}/Usage/Records.json`,
      keys: `${uri}/Keys.json`,
      applications: `${uri}/Applications.json`,
      messages: `${uri}/Messages.json`,
      balance: `${uri}/Balance.json`,
    },
    type: 'Full',
    uri: `${uri}.json`,
  }
}
