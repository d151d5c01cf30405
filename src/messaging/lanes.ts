/** A conversation has one lane for what came in and one for what goes out: each keeps its order. */
import { type ContactKey, contactKey } from '#store/contacts.ts'

export const laneOfReplies = (contact: ContactKey): string => `in:${contactKey(contact)}`
export const laneOfSends = (contact: ContactKey): string => `out:${contactKey(contact)}`
export const laneOfProfile = (contact: ContactKey): string => `profile:${contactKey(contact)}`
