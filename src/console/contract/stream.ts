/** GET …/stream: server-sent events, the name being `kind`. What changed is asked for anew. */
export type StreamEvent = {
  kind: 'message' | 'alert' | 'sender'
  accountSid: string
  /** The SID of one that changed, where it is known; there may be others. */
  sid: string | null
}
