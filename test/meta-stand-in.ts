/**
 * Another stand-in for Meta than the built-in Messenger, and independent of it: a Graph API that knows Pages and tokens,
 * keeps every send, and answers as told. What a caller must never do is noted in `violations`.
 */
import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export const META_APP = { appId: '424242424242', appSecret: 'the secret of the app', verifyToken: 'open sesame' }

export type Send = { pageId: string; psid: string; mid: string; body: SendBody }
export type SendBody = {
  recipient: { id: string }
  messaging_type: string
  tag?: string
  message: { text?: string; attachment?: { type: string; payload: { url: string } }; metadata?: string }
}

export type GraphError = {
  code: number
  subcode?: number
  message?: string
  status?: number
  headers?: Record<string, string>
}
/** An error; that the connection is broken without an answer; or that answer or break wait for something. */
export type SendAnswer = GraphError | 'reset' | { after: Promise<unknown>; reset?: true; refusal?: GraphError }

export type MetaStandIn = {
  url: string
  violations: string[]
  /** Everything that was asked, as `METHOD path?query`. */
  calls: string[]
  addPage: (pageId: string, name: string) => string
  /** The Page's tokens so far are dead; answers the new one. */
  renewToken: (pageId: string) => string
  /** The fields that the app is subscribed to at the Page; undefined when it is not. */
  subscribedFields: (pageId: string) => string | undefined
  sendsTo: (psid: string) => Send[]
  /** How the next sends to this person are answered; those after them succeed. */
  answerNext: (psid: string, ...answers: SendAnswer[]) => void
  stop: () => Promise<void>
}

type Page = { name: string; token: string; fields: string | undefined }

export async function startMetaStandIn(): Promise<MetaStandIn> {
  const pages = new Map<string, Page>()
  const sends: Send[] = []
  const answers = new Map<string, SendAnswer[]>()
  const violations: string[] = []
  const calls: string[] = []
  let counter = 0

  const newToken = (pageId: string) => `EAAstandin${pageId}n${++counter}`
  const pageOf = (id: string): Page => {
    const page = pages.get(id)
    if (!page) throw new Error(`there is no Page ${id}`)
    return page
  }

  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? '/', 'http://stand-in')
    const body = await readJson(request)
    calls.push(`${request.method} ${request.url}`)
    const token = /^Bearer (\S+)$/.exec(request.headers.authorization ?? '')?.[1] ?? ''
    const expected = createHmac('sha256', META_APP.appSecret).update(token).digest('hex')
    const { appsecret_proof: proof = url.searchParams.get('appsecret_proof') } = body as { appsecret_proof?: string }
    if (token === '') violations.push(`no token in the header of ${request.method} ${url.pathname}`)
    if (/EAA|access_token/.test(request.url ?? '')) violations.push(`a token in the URL ${request.url}`)
    if (proof !== expected) violations.push(`a wrong appsecret_proof for ${url.pathname}`)
    const [, version, id = '', edge = ''] = url.pathname.split('/')
    if (version !== 'v25.0') violations.push(`the version ${version}`)

    const page = [...pages.values()].find((each) => each.token === token)
    if (!page) return refuse(response, { code: 190, subcode: 460, message: 'Error validating access token' })
    const own = pages.get(id)
    if (own && own !== page) return refuse(response, { code: 190, message: 'A token of another Page' })
    if (!own) return answer(response, { id, name: `Person ${id.slice(-4)}` })
    if (edge === 'subscribed_apps') {
      page.fields = request.method === 'DELETE' ? undefined : (body as { subscribed_fields: string }).subscribed_fields
      return answer(response, { success: true })
    }
    if (edge === '') return answer(response, { id, name: page.name })

    const { recipient } = body as SendBody
    const send = { pageId: id, psid: recipient.id, mid: `m_${++counter}_${recipient.id}`, body: body as SendBody }
    sends.push(send)
    const told = answers.get(recipient.id)?.shift()
    if (told === 'reset') return void request.socket.resetAndDestroy()
    if (told && 'code' in told) return refuse(response, told)
    await told?.after
    if (told?.reset) return void request.socket.resetAndDestroy()
    if (told?.refusal) return refuse(response, told.refusal)
    answer(response, { recipient_id: recipient.id, message_id: send.mid })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    violations,
    calls,
    addPage(pageId, name) {
      const token = newToken(pageId)
      pages.set(pageId, { name, token, fields: undefined })
      return token
    },
    renewToken(pageId) {
      pageOf(pageId).token = newToken(pageId)
      return pageOf(pageId).token
    },
    subscribedFields: (pageId) => pageOf(pageId).fields,
    sendsTo: (psid) => sends.filter((send) => send.psid === psid),
    answerNext: (psid, ...more) => void answers.set(psid, [...(answers.get(psid) ?? []), ...more]),
    async stop() {
      if (!server.listening) return
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

async function readJson(request: IncomingMessage): Promise<object> {
  let text = ''
  for await (const chunk of request.setEncoding('utf8')) text += chunk
  return text === '' ? {} : JSON.parse(text)
}

function answer(response: ServerResponse, json: unknown, status = 200, headers: Record<string, string> = {}): void {
  response
    .writeHead(status, { 'Content-Type': 'application/json; charset=UTF-8', ...headers })
    .end(JSON.stringify(json))
}

function refuse(response: ServerResponse, error: GraphError): void {
  const { code, subcode, message = `refused with ${code}`, status = 400, headers } = error
  const body = { message: `(#${code}) ${message}`, type: 'OAuthException', code, fbtrace_id: 'AtraceId' }
  answer(response, { error: { ...body, ...(subcode && { error_subcode: subcode }) } }, status, headers)
}
