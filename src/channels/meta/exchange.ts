import type { Dispatcher } from 'undici'

/** `unsent`: not one byte of the request left. `unknown`: it was written and no whole answer came. */
export type HttpResult =
  | { kind: 'answered'; status: number; headers: Headers; text: string }
  | { kind: 'unsent'; cause: string }
  | { kind: 'unknown'; cause: string }

/** By lower-case name. */
export type Headers = Record<string, string | string[] | undefined>

const MAX_ANSWER_BYTES = 1 << 20

type Settle = (result: HttpResult) => void

/** Calls whose request is not written yet: each gives up one, as `unsent`. */
export type Unsent = Set<() => void>

/**
 * One request and its whole answer within `timeoutMs`, waiting for a free connection included. Never throws.
 *
 * Whether the request was written is told by `onRequestStart`: undici calls it when a connected (and, for https,
 * verified) socket is at hand, in the same turn and just before it writes the request to that socket (client-h1.js,
 * `writeH1`, read 2026-08 in 8.12). Up to there no byte can have left, and the call is among `unsent`; from there on we
 * assume that all of them have.
 */
export function exchange(
  dispatcher: Dispatcher,
  request: Dispatcher.DispatchOptions,
  timeoutMs: number,
  unsent: Unsent,
): Promise<HttpResult> {
  return new Promise((resolve) => {
    const handler = new ExchangeHandler(resolve, timeoutMs, unsent)
    try {
      dispatcher.dispatch(request, handler)
    } catch (error) {
      handler.fail(describe(error))
    }
  })
}

class ExchangeHandler implements Dispatcher.DispatchHandler {
  readonly #settle: Settle
  readonly #timer: NodeJS.Timeout
  readonly #unsent: Unsent
  readonly #giveUp = () => this.fail('given up before it was sent')
  #controller: Dispatcher.DispatchController | undefined
  #settled = false
  #status = 0
  #headers: Headers = {}
  #chunks: Buffer[] = []
  #bytes = 0

  constructor(settle: Settle, timeoutMs: number, unsent: Unsent) {
    this.#settle = settle
    this.#unsent = unsent
    unsent.add(this.#giveUp)
    this.#timer = setTimeout(() => this.fail(`no answer within ${timeoutMs} ms`), timeoutMs)
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    // Given up while it waited for a connection; or started before, and a send must never be written twice.
    if (this.#settled || this.#controller) controller.abort(new Error('given up'))
    else {
      this.#controller = controller
      this.#unsent.delete(this.#giveUp)
    }
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: Headers): void {
    this.#status = status
    this.#headers = headers
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#bytes += chunk.length
    if (this.#bytes > MAX_ANSWER_BYTES) this.fail('the answer is too large')
    else this.#chunks.push(chunk)
  }

  onResponseEnd(): void {
    const text = Buffer.concat(this.#chunks).toString('utf8')
    this.#finish({ kind: 'answered', status: this.#status, headers: this.#headers, text })
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.fail(describe(error))
  }

  fail(cause: string): void {
    if (this.#settled) return
    this.#finish({ kind: this.#controller ? 'unknown' : 'unsent', cause })
    this.#controller?.abort(new Error(cause))
  }

  #finish(result: HttpResult): void {
    if (this.#settled) return
    this.#settled = true
    clearTimeout(this.#timer)
    this.#unsent.delete(this.#giveUp)
    this.#settle(result)
  }
}

/** The error's code where it has one: messages may hold what was sent. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return 'failed'
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name
}
