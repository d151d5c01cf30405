const TIMEOUT_MS = 20_000

/** What the server or the network refused; `message` is a sentence for people. */
export class RequestProblem extends Error {
  /** 0 when no answer came at all. */
  readonly status: number
  /** The input that is meant, when it is one. */
  readonly field: string | undefined
  constructor(status: number, message: string, field?: string) {
    super(message)
    this.status = status
    this.field = field
  }
}

/** Calls our own server. `sentences` say what to show when it cannot be reached or answers without a sentence. */
export const requestJson = async <Answer>(
  path: string,
  init: RequestInit,
  sentences: { unreachable: string; unexpected: (status: number) => string },
): Promise<Answer> => {
  let response: Response
  try {
    response = await fetch(path, { ...init, signal: AbortSignal.timeout(TIMEOUT_MS) })
  } catch {
    throw new RequestProblem(0, sentences.unreachable)
  }
  const text = await response.text().catch(() => '')
  const body = parseJson(text)
  if (!response.ok) {
    throw new RequestProblem(response.status, errorOf(body) ?? sentences.unexpected(response.status), fieldOf(body))
  }
  return body as Answer
}

const parseJson = (text: string): unknown => {
  try {
    return text === '' ? undefined : JSON.parse(text)
  } catch {
    return undefined
  }
}

const errorOf = (body: unknown): string | undefined => {
  if (typeof body !== 'object' || body === null || !('error' in body)) return undefined
  return typeof body.error === 'string' && body.error !== '' ? asSentence(body.error) : undefined
}

const fieldOf = (body: unknown): string | undefined =>
  typeof body === 'object' && body !== null && 'field' in body && typeof body.field === 'string'
    ? body.field
    : undefined

const asSentence = (words: string): string => {
  const sentence = words[0]!.toLocaleUpperCase() + words.slice(1)
  return /[.!?]$/.test(sentence) ? sentence : `${sentence}.`
}
