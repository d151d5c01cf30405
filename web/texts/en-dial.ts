import type { ErrorName, FaultName, TokenState } from '../../src/sandbox/contract.ts'
import type { Outcome } from '../sandbox/dial-outcomes.ts'

type Words = { label: string; hint: string; amount?: string }

const errors: Record<ErrorName, string> = {
  'error-1': '1 – unknown error',
  'error-2': '2 – service trouble, told to pass',
  'error-1200': '1200 – temporary failure',
  'error-4': '4 – calls of the app',
  'error-17': '17 – calls of the user',
  'error-32': '32 – calls of the Page',
  'error-341': '341 – limit of the app',
  'error-613': '613 – too many sends',
  'error-80001': '80001 – calls of the Page, business limit',
  'error-80006': '80006 – messages, business limit',
  'error-10': '10 – no permission',
  'error-102': '102 – session is over',
  'error-104': '104 – wrong signature',
  'error-190': '190 – token is not valid',
  'error-200': '200 – no permission for the Page',
  'error-230': '230 – pages_messaging is missing',
  'error-100-2018001': '100/2018001 – no matching user',
  'error-551': '551 – person is not available',
  'error-200-1545041': '200/1545041 – person is not available',
  'error-10-2018108': '10/2018108 – person cannot receive messages',
  'error-10-1893015': '10/1893015 – person stopped notifications',
  'error-10-2018278': '10/2018278 – outside the window',
  'error-10-2534022': '10/2534022 – outside the window',
  'error-10-2018065': '10/2018065 – outside the window (older)',
  'error-100-1893061': '100/1893061 – dead message tag',
  'error-368': '368 – blocked for its behaviour',
  'error-10-1893063': '10/1893063 – Page restricted for a time',
  'error-100-2018008': '100/2018008 – file not fetched',
  'error-100-2018294': '100/2018294 – film took too long',
  'error-100-2018109': '100/2018109 – attachment too large',
  'error-36000': '36000 – picture too large',
  'error-100-2018047': '100/2018047 – upload failed',
  'error-100-2018074': '100/2018074 – wrong attachment id',
  'error-100-2018320': '100/2018320 – wrong template',
  'error-194': '194 – too few elements',
  'error-100': '100 – wrong parameter',
  'error-100-2534037': '100/2534037 – thread is not this app’s',
  'error-100-2018300': '100/2018300 – another app has the thread',
  'error-100-2018321': '100/2018321 – an automated flow has the thread',
}

const outcomes: Record<Outcome, { label: string; hint: string }> = {
  later: {
    label: 'Passing trouble',
    hint: 'Tried again with growing waits; Twilio code 63012 if it never gets through.',
  },
  slower: {
    label: 'Rate limits',
    hint: 'Tried again, the Page slowed down; Twilio code 63018 if it never gets through.',
  },
  offline: {
    label: 'Token and permissions',
    hint: 'Twilio code 63001: the Page goes offline until it is connected again.',
  },
  nobody: { label: 'No such person', hint: 'Failed with Twilio code 63003.' },
  unreachable: {
    label: 'Person unavailable',
    hint: 'Failed with Twilio code 63014; the person counts as unreachable.',
  },
  window: { label: 'Window closed', hint: 'Failed with Twilio code 63016.' },
  paused: { label: 'Page restricted', hint: 'The Page pauses with growing waits, and an alert: Twilio code 63013.' },
  mediaOnce: { label: 'Media not fetched', hint: 'Tried once more, then failed with Twilio code 63019.' },
  mediaSize: { label: 'Media too large', hint: 'Failed with Twilio code 63034.' },
  content: { label: 'Content refused', hint: 'Failed with Twilio code 63005.' },
  control: {
    label: 'Another app in control',
    hint: 'Waits for control as long as the message is valid; then Twilio code 63013.',
  },
}

const faults: Record<Exclude<FaultName, ErrorName>, Words> = {
  slow: {
    label: 'Slow answer',
    hint: 'Meta takes its time before it looks at the message. Other conversations go on.',
    amount: 'Milliseconds',
  },
  'reset-before': {
    label: 'Connection cut, message lost',
    hint: 'No answer, and Meta has nothing. Nobody can know: after 5 minutes without an echo, undelivered with Twilio code 63012.',
  },
  'reset-after': {
    label: 'Connection cut, message sent',
    hint: 'No answer, but the person sees it. The echo settles it; never a second copy.',
  },
  'bad-answer': {
    label: 'Sent, but an error answer',
    hint: 'Code 1/1357046. The echo settles it; never a second copy.',
  },
  'not-json': { label: 'Sent, but an answer cut short', hint: '200, and not JSON. The echo settles it.' },
  'html-500': { label: 'HTML page with status 500', hint: 'Nothing was sent: tried again with growing waits (63012).' },
  usage: {
    label: 'Usage headers',
    hint: 'Every answer tells how much of the quota is spent. From 80 % on the Page should slow down.',
    amount: 'Percent spent',
  },
  limits: {
    label: 'Keep Meta’s limits',
    hint: 'More than 300 texts, or 10 sounds or films, in a second are refused with 613. Better never hit.',
  },
  duplicate: {
    label: 'Twice or more',
    hint: 'The same webhook again, at once and within 2 seconds. One message, one callback.',
    amount: 'Extra copies',
  },
  late: { label: 'Late', hint: 'Later ones pass it by.', amount: 'Milliseconds' },
  reorder: { label: 'Out of order', hint: 'Held back for a moment, so that the next one comes first.' },
  batch: {
    label: 'Several in one',
    hint: 'Events of several people in one webhook, in several entries or several items. Every one counts.',
    amount: 'At most so many',
  },
  'echo-first': { label: 'Echo before the answer', hint: 'The echo of a send is there before the send is answered.' },
  'no-echo': {
    label: 'No echo',
    hint: 'Alone it changes nothing. With a lost answer: undelivered, 63012, after 5 minutes.',
  },
  'no-mids': { label: 'Deliveries without message ids', hint: 'Only “everything up to this moment” is told.' },
  seconds: { label: 'Seconds for milliseconds', hint: 'Times in webhooks a thousand times too small.' },
}

export const dial = {
  open: 'Dial: faults and time',
  title: 'Dial',
  intro: 'Let things go wrong on purpose and see that no message is lost, doubled or out of order.',
  active: (count: number) => (count === 1 ? '1 fault active' : `${count} faults active`),
  pretend: (time: string) => `Pretend time: ${time}`,
  change: 'Change',
  failed: 'That did not work.',

  clock: 'Time',
  clockHint: 'One clock for Pagewire and this Messenger: windows, retries and expiry follow it. It moves forward only.',
  realTime: 'It is the real time.',
  ahead: (time: string) => `${time} ahead of the real time.`,
  advances: [
    { label: '+1 h', spoken: 'Move 1 hour forward', hours: 1 },
    { label: '+23 h', spoken: 'Move 23 hours forward', hours: 23 },
    { label: '+24 h', spoken: 'Move 24 hours forward', hours: 24 },
    { label: '+7 days', spoken: 'Move 7 days forward', hours: 168 },
  ],
  days: (count: number) => (count === 1 ? '1 day' : `${count} days`),
  hours: (count: number) => (count === 1 ? '1 hour' : `${count} hours`),
  minutes: (count: number) => (count === 1 ? '1 minute' : `${count} minutes`),
  lessThanAMinute: 'Less than a minute',

  token: 'Page token',
  tokenHint:
    'Other than valid: every call with it is refused with 190. The Page goes offline (63001) until it is connected again.',
  tokenStates: {
    valid: 'Valid',
    expired: 'Expired (463)',
    password_changed: 'Password changed (460)',
    app_removed: 'App removed (458)',
    role_lost: 'Role lost (492)',
  } satisfies Record<TokenState, string>,

  scope: 'Faults of',
  thisPage: 'This Page',
  allPages: 'Every Page',
  errors: 'When the Page sends: Meta refuses',
  addError: 'Add an error',
  choose: 'Choose an error…',
  sends: 'When the Page sends: trouble on the way',
  webhooks: 'Webhooks from Meta',
  probability: (fault: string) => `Probability: ${fault}`,
  percent: 'Probability in %',
  count: 'How many times',
  countEmpty: 'no end',
  seed: 'Seed',
  hits: (count: number) => ['has not happened yet', 'happened once'][count] ?? `happened ${count} times`,
  remove: (fault: string) => `Remove: ${fault}`,
  reset: 'Reset everything',
  resetHint: 'Takes away every fault of every Page and makes all tokens valid. The time stays.',
  errorNames: errors,
  outcomes,
  faults,
}
