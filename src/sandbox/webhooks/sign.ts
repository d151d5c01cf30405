/** Signatures with the app's secret: of webhook bodies (meta.md 1.3) and of access tokens (meta.md 2.11). */
import { createHmac, timingSafeEqual } from 'node:crypto'

const hmac = (algorithm: 'sha1' | 'sha256', key: string, message: string | Buffer): string =>
  createHmac(algorithm, key).update(message).digest('hex')

/** Both headers that Meta sends: much software in use checks only the older one. */
export const signatureHeaders = (body: string, appSecret: string): Record<string, string> => ({
  'X-Hub-Signature': `sha1=${hmac('sha1', appSecret, body)}`,
  'X-Hub-Signature-256': `sha256=${hmac('sha256', appSecret, body)}`,
})

export const isSame = (a: string, b: string): boolean => {
  const [left, right] = [Buffer.from(a), Buffer.from(b)]
  return left.length === right.length && timingSafeEqual(left, right)
}

export const appSecretProof = (accessToken: string, appSecret: string): string => hmac('sha256', appSecret, accessToken)
