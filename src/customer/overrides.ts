/**
 * Twilio's connection overrides: `https://host/path#ct=2000&rc=2&rp=ct,5xx` (twilio.md 3.6; Twilio's page "Webhooks
 * (HTTP callbacks): Connection Overrides", read 2026-09). The fragment never leaves Pagewire.
 */
export type RetryCause = '4xx' | '5xx' | 'ct' | 'rt'

export type Overrides = {
  ok: true
  /** Without the fragment. */
  url: string
  connectTimeoutMs: number
  /** The longest wait for the answer's head, and then between any two pieces of it. */
  readTimeoutMs: number
  /** Everything together: connects, redirects and retries. */
  totalTimeoutMs: number
  retryCount: number
  retryPolicy: Set<RetryCause>
  /** Whether the customer chose the retries: a caller with a default of its own must yield to that. */
  given: { rc: boolean; rp: boolean }
}

const CAUSES: readonly RetryCause[] = ['4xx', '5xx', 'ct', 'rt']

export const MAX_CONNECT_TIMEOUT_MS = 10_000

const RANGES = {
  ct: [100, MAX_CONNECT_TIMEOUT_MS, 5_000],
  rt: [100, 15_000, 15_000],
  tt: [100, 15_000, 15_000],
  rc: [0, 5, 1],
} as const

type Refusal = { ok: false; code: 11240 | 11243; reason: string }

/**
 * Unknown keys are ignored, as an ordinary `#anchor` must not break a callback; so are `sni` and `e` (Twilio's edges),
 * which have no meaning here. A known key with a bad value is refused.
 */
export function parseOverrides(callbackUrl: string): Overrides | Refusal {
  const hash = callbackUrl.indexOf('#')
  const url = hash < 0 ? callbackUrl : callbackUrl.slice(0, hash)
  const pairs = new Map(new URLSearchParams(hash < 0 ? '' : callbackUrl.slice(hash + 1)))

  const numbers: Record<keyof typeof RANGES, number> = { ct: 0, rt: 0, tt: 0, rc: 0 }
  for (const key of ['ct', 'rt', 'tt', 'rc'] as const) {
    const [min, max, standard] = RANGES[key]
    const text = pairs.get(key)
    const value = text === undefined ? standard : /^\d{1,6}$/.test(text) ? Number(text) : -1
    if (value < min || value > max) {
      return { ok: false, code: 11240, reason: `Connection override ${key} must be a number from ${min} to ${max}` }
    }
    numbers[key] = value
  }

  const causes = (pairs.get('rp') ?? 'ct').split(',')
  const policy = new Set(causes.includes('all') ? CAUSES : CAUSES.filter((cause) => causes.includes(cause)))
  if (!causes.every((cause) => cause === 'all' || CAUSES.some((known) => known === cause))) {
    return { ok: false, code: 11243, reason: 'Connection override rp must be a list of 4xx, 5xx, ct, rt or all' }
  }
  return {
    ok: true,
    url,
    connectTimeoutMs: numbers.ct,
    readTimeoutMs: numbers.rt,
    totalTimeoutMs: numbers.tt,
    retryCount: numbers.rc,
    retryPolicy: policy,
    given: { rc: pairs.has('rc'), rp: pairs.has('rp') },
  }
}
