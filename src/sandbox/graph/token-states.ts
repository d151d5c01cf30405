/** What becomes of a Page's token, and what Meta then answers to every call with it (meta.md 3.2, 3.3). */
import type { TokenState } from '../contract.ts'
import { GraphError } from './error.ts'

const HOUR_MS = 3_600_000
const PST = 'America/Los_Angeles'

export function tokenRefused(state: Exclude<TokenState, 'valid'>, appId: string, now: Date): GraphError {
  const [subcode, message] = refusals[state](appId, now)
  return new GraphError(190, `Error validating access token: ${message}`, { subcode })
}

const refusals: Record<Exclude<TokenState, 'valid'>, (appId: string, now: Date) => [number, string]> = {
  expired: (_, now) => [
    463,
    `Session has expired on ${pacific(new Date(now.getTime() - HOUR_MS))}. The current time is ${pacific(now)}.`,
  ],
  password_changed: () => [
    460,
    'The session has been invalidated because the user changed their password or Facebook has changed the session for security reasons.',
  ],
  app_removed: (appId) => [458, `User has not authorized application ${appId}.`],
  role_lost: () => [492, 'The user no longer has a role on the Page.'],
}

/** `Wednesday, 14-Feb-18 18:00:00 PST`. */
function pacific(at: Date): string {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: PST,
    hourCycle: 'h23',
    weekday: 'long',
    day: '2-digit',
    month: 'short',
    year: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    timeZoneName: 'short',
  })
  const parts = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, value]))
  const { weekday, day, month, year, hour, minute, second, timeZoneName } = parts
  return `${weekday}, ${day}-${month}-${year} ${hour}:${minute}:${second} ${timeZoneName}`
}
