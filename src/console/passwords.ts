/** Passwords and one-time secrets. Argon2id with OWASP's parameters (Password Storage Cheat Sheet, 2026). */
import { argon2, createHash, randomBytes, randomInt, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'

const derive = promisify(argon2)
const MEMORY_KIB = 19_456
const PASSES = 2

export const MIN_PASSWORD = 10
const MAX_PASSWORD = 200

/** Why it is refused, as a sentence; undefined when it is fine. */
export function passwordProblem(password: string, email: string): string | undefined {
  if (password.length < MIN_PASSWORD) return `The password needs at least ${MIN_PASSWORD} characters`
  if (password.length > MAX_PASSWORD) return `The password may have at most ${MAX_PASSWORD} characters`
  if (new Set(password).size < 4 || password.toLowerCase() === email.toLowerCase()) {
    return 'This password is too easy to guess'
  }
  return undefined
}

export async function hashPassword(password: string): Promise<string> {
  const nonce = randomBytes(16)
  const tag = await run(password, nonce)
  return `argon2id$m=${MEMORY_KIB},t=${PASSES},p=1$${nonce.toString('base64')}$${tag.toString('base64')}`
}

/** Takes as long when there is nothing to compare with: the time must not tell whether a user exists. */
export async function isPassword(password: string, stored: string | null | undefined): Promise<boolean> {
  const [, , nonce = '', tag = ''] = (stored ?? '').split('$')
  const found = await run(password.slice(0, MAX_PASSWORD), nonce ? Buffer.from(nonce, 'base64') : NO_NONCE)
  const known = tag ? Buffer.from(tag, 'base64') : randomBytes(found.length)
  return known.length === found.length && timingSafeEqual(known, found)
}

const NO_NONCE = randomBytes(16)

const run = async (password: string, nonce: Buffer): Promise<Buffer> =>
  (await derive('argon2id', {
    message: Buffer.from(password.normalize('NFKC')),
    nonce,
    parallelism: 1,
    tagLength: 32,
    memory: MEMORY_KIB,
    passes: PASSES,
  })) as Buffer

/** 256 bits, for cookies and links. */
export const newSecret = (): string => randomBytes(32).toString('base64url')

/** Ten codes of 50 bits, each good for one sign-in without the second factor. */
export function newRecoveryCodes(): string[] {
  const letters = 'abcdefghjkmnpqrstuvwxyz23456789'
  const code = () => Array.from({ length: 10 }, () => letters[randomInt(letters.length)]).join('')
  return Array.from({ length: 10 }, code).map((text) => `${text.slice(0, 5)}-${text.slice(5)}`)
}

export const hashRecoveryCode = (code: string): string =>
  createHash('sha256')
    .update(code.toLowerCase().replaceAll(/[^a-z0-9]/g, ''))
    .digest('base64')
