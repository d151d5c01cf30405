/** People as a Page knows them, and what was said. */
import type { Page } from '../contract.ts'
import type { DirectionName, MediaView, MessageStatusName } from './messages.ts'

/** GET …/contacts?search=&sender=&after= */
export type ContactPage = Page<ContactRow> & {
  /** The search took too long: so many contacts were looked at, and there are more. Null: all. */
  searched: number | null
}

export type ContactRow = {
  /** `XE…-address` */
  id: string
  senderSid: string
  page: string
  pageName: string
  address: string
  name: string | null
  /** How long the window is open from now, in milliseconds; 0: closed; null: has never written. */
  windowMs: number | null
  optedOutAt: string | null
  unreachableAt: string | null
  last: { body: string; numMedia: number; direction: DirectionName; at: string } | null
}

/** GET …/contacts/:id */
export type ContactDetail = ContactRow & {
  lastActionAt: string | null
  createdAt: string
  /** The message by which they opted out, when it is still there. */
  optedOutBy: { sid: string; body: string } | null
  unreachableBy: { sid: string; errorCode: number | null; errorText: string | null } | null
  /** What a message from here would be sent as, once the window is closed. */
  outsideWindow: 'account_update' | 'human_agent' | 'refuse'
  senderStatus: 'CREATING' | 'ONLINE' | 'OFFLINE'
}

/** GET …/contacts/:id/messages?after=: newest first. POST …/contacts/:id/messages writes one. */
export type ThreadPage = Page<ThreadMessage>
export type ThreadMessage = {
  sid: string
  direction: DirectionName
  status: MessageStatusName
  body: string
  media: MediaView[]
  errorCode: number | null
  errorText: string | null
  createdAt: string
}
/** The same `id` again changes nothing. */
export type Reply = { id: string; body: string }
