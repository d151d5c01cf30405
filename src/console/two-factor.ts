/** The second factor: codes of an authenticator app (RFC 6238), and recovery codes for when it is lost. */

import * as OTPAuth from 'otpauth'
import { renderSVG } from 'uqr'
import { sharedNowMs } from '#core/clock.ts'
import type { Flow } from '#messaging/flow.ts'
import { spendRecoveryCode, spendTotpStep, type User } from '#store/users.ts'
import type { TwoFactorStart } from './contract.ts'
import { hashRecoveryCode } from './passwords.ts'

const PERIOD_SECONDS = 30
/** A phone's clock may be off by this many steps. */
const WINDOW = 1

const totpOf = (secret: string, email: string) =>
  new OTPAuth.TOTP({
    issuer: 'Pagewire',
    label: email,
    digits: 6,
    period: PERIOD_SECONDS,
    secret: OTPAuth.Secret.fromBase32(secret),
  })

/** Kept nowhere until a first code of it has been confirmed. */
export function startTwoFactor(email: string): TwoFactorStart {
  const secret = new OTPAuth.Secret({ size: 20 }).base32
  const uri = totpOf(secret, email).toString()
  return { secret, uri, qrSvg: renderSVG(uri, { border: 2 }) }
}

/** The time step of a code that is right now; undefined when it is not. */
export function stepOf(secret: string, email: string, code: string): number | undefined {
  if (!/^[A-Z2-7]{16,64}$/.test(secret) || !/^\d{6}$/.test(code)) return undefined
  const timestamp = sharedNowMs()
  const delta = totpOf(secret, email).validate({ token: code, window: WINDOW, timestamp })
  return delta === null ? undefined : Math.floor(timestamp / 1000 / PERIOD_SECONDS) + delta
}

/** Each code counts once. */
export async function isSecondFactor({ sql }: Flow, user: User, entered: string): Promise<boolean> {
  if (user.totpSecret === null) return false
  const code = entered.replaceAll(/\s/g, '')
  const step = stepOf(user.totpSecret, user.email, code)
  if (step !== undefined) return await spendTotpStep(sql, user.id, step)
  return code.length >= 10 && (await spendRecoveryCode(sql, user.id, hashRecoveryCode(code)))
}
