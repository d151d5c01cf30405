/** The kinds of webhooks that a gateway needs of a Page (meta.md 1.7). The app and the Page subscribe to them, each. */
export const SUBSCRIBED_FIELDS = [
  'messages',
  'messaging_postbacks',
  'messaging_referrals',
  'messaging_optins',
  'messaging_handovers',
  'messaging_policy_enforcement',
  'message_deliveries',
  'message_reads',
  'message_echoes',
  'message_edits',
  'message_reactions',
  'standby',
]

/** Without these something that was promised does not work; what each is for. */
export const NEEDED_FIELDS: Record<string, string> = {
  messages: 'what people write',
  messaging_postbacks: 'taps on buttons',
  message_deliveries: 'the status delivered',
  message_reads: 'the status read',
  message_echoes: 'sends whose answer was lost',
}
