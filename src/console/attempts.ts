/**
 * Guessing is limited: by whom it is about, and by where it comes from. Every check of a password or a code goes through
 * here, also of those who are signed in, as a session may be somebody else's by then.
 */
import type { FastifyRequest } from 'fastify'
import type { Flow } from '#messaging/flow.ts'
import { type AttemptLimit, forgetFailures, giveBackAttempt, takeAttempt } from '#store/sessions.ts'
import { Refusal } from './route.ts'

/** Within 15 minutes. Somebody who knows the password does not miss it ten times. */
const MOST_ABOUT_ONE = 10
/** Many people may share an address, and behind a proxy that is not known as one all do. */
const MOST_FROM_ADDRESS = 100

/** `about` names what is guessed at. Throws when there were too many; what `isRight` denies counts. */
export async function attempt<T>(
  { sql }: Flow,
  { ip }: FastifyRequest,
  about: string,
  isRight: () => Promise<T | false>,
): Promise<T | false> {
  const limits: AttemptLimit[] = [
    { key: about, most: MOST_ABOUT_ONE },
    { key: `address:${ip}`, most: MOST_FROM_ADDRESS },
  ]
  if (!(await takeAttempt(sql, limits))) {
    throw new Refusal(429, 'Too many attempts. Please wait a quarter of an hour and try again.')
  }
  const right = await isRight()
  if (right !== false) await giveBackAttempt(sql, limits)
  return right
}

/** Once somebody is in, what they mistyped before is forgotten. */
export async function forgetAttempts({ sql }: Flow, ...about: string[]): Promise<void> {
  for (const key of about) await forgetFailures(sql, key)
}

export const ofEmail = (email: string): string => `email:${email.toLowerCase()}`
export const ofCode = (userId: string): string => `code:${userId}`
export const ofPassword = (userId: string): string => `password:${userId}`
