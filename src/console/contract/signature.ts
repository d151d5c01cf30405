/** POST …/signature-check: what a server received, as it saw it. */
export type SignatureQuestion = {
  /** As the validator was given it. */
  url: string
  /** The form, as it came. Empty for GET. */
  params: string
  /** X-Twilio-Signature */
  signature: string
}

export type SignatureAnswer = {
  valid: boolean
  /** What the signature would be over, with these. */
  signedString: string
  expected: string
  findings: { kind: FindingKind; detail: string | null }[]
  /** Our own call with this signature, when it is found. */
  call: { messageSid: string; method: string; url: string; signedString: string; at: string } | null
}

/** What differs. `detail` names it: the URL that was called, the parameters that are meant, whose token it is. */
export type FindingKind =
  | 'format'
  | 'json'
  | 'scheme'
  | 'host'
  | 'port'
  | 'path'
  | 'slash'
  | 'query'
  | 'encoding'
  | 'missing'
  | 'extra'
  | 'changed'
  | 'get'
  | 'secondary'
  | 'rotated'
  | 'otherAccount'
  | 'unknown'
