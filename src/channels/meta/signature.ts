import { createHash, createHmac, timingSafeEqual } from 'node:crypto'

const HEADER = /^sha256=([0-9a-fA-F]{64})$/

/**
 * Whether `X-Hub-Signature-256` is the HMAC of these bytes with the app secret (meta.md 1.3). Only the raw bytes verify:
 * Meta signs its own escaping of the JSON. Without a secret nothing verifies.
 */
export function verifySignature(rawBody: Buffer, header: unknown, appSecret: string): boolean {
  const given = typeof header === 'string' ? HEADER.exec(header)?.[1] : undefined
  if (given === undefined || appSecret === '') return false
  return timingSafeEqual(Buffer.from(given, 'hex'), createHmac('sha256', appSecret).update(rawBody).digest())
}

/** Compares two secrets in a time that tells nothing of either, not even a length. */
export function secretsEqual(given: string, expected: string): boolean {
  return timingSafeEqual(sha256(given), sha256(expected))
}

/** Shows Meta that a call comes from the holder of the app secret (meta.md 2.11). */
export const appSecretProof = (accessToken: string, appSecret: string): string =>
  createHmac('sha256', appSecret).update(accessToken).digest('hex')

const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest()
