import type { Finding } from '#messaging/signature-differences.ts'

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
  findings: Finding[]
  /** Our own call with this signature, when it is found. */
  call: { messageSid: string; method: string; url: string; signedString: string; at: string } | null
}
