/** The calls of the chat page to the built-in Messenger (src/sandbox/contract.ts). Each fails with a RequestProblem. */
import type {
  Clock,
  Fault,
  FaultName,
  FaultSetting,
  LoginDialog,
  LoginDialogAnswer,
  Page,
  Person,
  PostbackRequest,
  SandboxState,
  SayRequest,
  Thread,
  ThreadDetail,
  ThreadMessage,
  TokenState,
} from '../../src/sandbox/contract.ts'
import { texts } from '../texts/texts.ts'
import { requestJson } from '../ui/http.ts'

const ROOT = '/sandbox/api'

const call = <Answer>(path: string, init: RequestInit = {}): Promise<Answer> =>
  requestJson<Answer>(ROOT + path, init, {
    unreachable: texts.sandbox.unreachable,
    unexpected: texts.sandbox.unexpectedAnswer,
  })

const post = <Answer>(path: string, body: unknown): Promise<Answer> =>
  call(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })

const put = <Answer>(path: string, body: unknown): Promise<Answer> =>
  call(path, { method: 'PUT', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })

const threadPath = (pageId: string, personId: string) =>
  `/threads/${encodeURIComponent(pageId)}/${encodeURIComponent(personId)}`

export const fetchState = () => call<SandboxState>('/state')
export const addPerson = (name: string) => post<Person>('/people', { name })
export const addPage = (name: string) => post<Page>('/pages', { name })
export const fetchThreads = (personId: string) => call<Thread[]>(`/people/${encodeURIComponent(personId)}/threads`)
export const fetchThread = (pageId: string, personId: string) => call<ThreadDetail>(threadPath(pageId, personId))
export const say = (pageId: string, personId: string, request: SayRequest) =>
  post<ThreadMessage>(`${threadPath(pageId, personId)}/messages`, request)
export const tap = (pageId: string, personId: string, request: PostbackRequest) =>
  post<ThreadMessage>(`${threadPath(pageId, personId)}/postbacks`, request)
export const start = (pageId: string, personId: string, ref: string | null) =>
  post<ThreadDetail>(`${threadPath(pageId, personId)}/start`, ref === null ? {} : { ref })
export const markRead = (pageId: string, personId: string) => post<void>(`${threadPath(pageId, personId)}/read`, {})
export const takeBack = (pageId: string, personId: string, mid: string) =>
  call<void>(`${threadPath(pageId, personId)}/messages/${encodeURIComponent(mid)}`, { method: 'DELETE' })
export const upload = (file: File) =>
  call<{ url: string }>(`/uploads?name=${encodeURIComponent(file.name)}`, {
    method: 'POST',
    headers: { 'content-type': file.type },
    body: file,
  })
export const setBlocked = (pageId: string, personId: string, blocked: boolean) =>
  put<void>(`${threadPath(pageId, personId)}/blocked`, { blocked })
export const fetchClock = () => call<Clock>('/clock')
export const advanceClock = (advanceMs: number) => post<Clock>('/clock', { advanceMs })
export const fetchFaults = () => call<Fault[]>('/faults')
/** `where`: a Page's id, or `all`. */
export const putFault = (where: string, name: FaultName, setting: FaultSetting) =>
  put<Fault>(`/faults/${where}/${name}`, setting)
export const removeFault = (where: string, name: FaultName) =>
  call<void>(`/faults/${where}/${name}`, { method: 'DELETE' })
export const resetFaults = () => call<void>('/faults', { method: 'DELETE' })
export const setToken = (pageId: string, state: TokenState) => put<void>(`/pages/${pageId}/token`, { state })
/** `query`: of the dialog's address. */
export const fetchLoginDialog = (query: string) => call<LoginDialog>(`/login-dialog${query}`)
export const answerLoginDialog = (query: string, answer: LoginDialogAnswer) =>
  post<{ location: string }>(`/login-dialog${query}`, answer)
export const streamUrl = (personId: string) => `${ROOT}/stream?person=${encodeURIComponent(personId)}`
