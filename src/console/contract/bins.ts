/** TwiML bins. Below `/console/api/accounts/:accountSid/bins`. */

/** GET / */
export type BinList = { bins: BinRow[] }
export type BinRow = { name: string; url: string; updatedAt: string; uses: number; gist: string }

/** GET /:name. POST / takes `NewBin`, PUT /:name takes `BinChange`; both answer `BinView`. DELETE /:name → 204. */
export type BinView = {
  name: string
  /** Absolute. A callback URL may also be the path alone. */
  url: string
  path: string
  twiml: string
  version: number
  updatedAt: string
  versions: BinVersionView[]
  uses: BinUse[]
  /** Pages and services of other accounts that use it. */
  foreignUses: number
}

/** Newest first. `savedBy` null: Pagewire itself. */
export type BinVersionView = { version: number; savedBy: string | null; savedAt: string; bytes: number }

/** `sid` of a Page's instance, a messaging service or a TwiML application. */
export type BinUse = { kind: 'sender' | 'service' | 'application'; sid: string; name: string }

export type NewBin = { name: string; twiml: string }

/** `version`: the one that was edited. Somebody else may have saved a newer one: 409. */
export type BinChange = { twiml: string; version: number }

/** GET /:name/versions/:version */
export type BinText = { twiml: string }

/** POST /check takes `{ twiml }`. */
export type BinCheck = { mistakes: TwimlMistakeView[]; steps: TwimlStepView[] }
export type TwimlMistakeView = {
  level: 'error' | 'warning'
  code: number
  text: string
  line: number | null
  column: number | null
}
export type TwimlStepView =
  | { verb: 'message'; body: string; mediaUrls: string[]; to: string | null }
  | { verb: 'redirect'; url: string; method: 'GET' | 'POST' }
