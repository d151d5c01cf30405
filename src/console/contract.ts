/**
 * What the console's HTTP API answers, as types for the browser (`web/`). No value lives here, and nothing secret ever
 * passes without a sign-in.
 *
 * GET /console/api/shell   → Shell   open to everybody
 */

/** What the start page needs before anybody has signed in. */
export type Shell = {
  version: string
  /** The base URL for API clients, without a slash at its end. */
  publicUrl: string
  /** Whether the built-in Messenger is served at `/sandbox/`. */
  sandbox: boolean
}
