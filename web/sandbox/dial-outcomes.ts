import type { ErrorName } from '../../src/sandbox/contract.ts'

/** What becomes of a message that Meta refuses: the groups in which the dial offers the errors. */
export type Outcome =
  | 'later'
  | 'slower'
  | 'offline'
  | 'nobody'
  | 'unreachable'
  | 'window'
  | 'paused'
  | 'mediaOnce'
  | 'mediaSize'
  | 'content'
  | 'control'

const OUTCOMES: Record<ErrorName, Outcome> = {
  'error-613': 'slower',
  'error-4': 'slower',
  'error-17': 'slower',
  'error-32': 'slower',
  'error-341': 'slower',
  'error-80001': 'slower',
  'error-80006': 'slower',
  'error-1': 'later',
  'error-2': 'later',
  'error-1200': 'later',
  'error-190': 'offline',
  'error-10': 'offline',
  'error-102': 'offline',
  'error-104': 'offline',
  'error-200': 'offline',
  'error-230': 'offline',
  'error-10-2018278': 'window',
  'error-10-2534022': 'window',
  'error-10-2018065': 'window',
  'error-100-1893061': 'window',
  'error-551': 'unreachable',
  'error-200-1545041': 'unreachable',
  'error-10-2018108': 'unreachable',
  'error-10-1893015': 'unreachable',
  'error-100-2018001': 'nobody',
  'error-368': 'paused',
  'error-10-1893063': 'paused',
  'error-100-2018008': 'mediaOnce',
  'error-100-2018294': 'mediaOnce',
  'error-100-2018109': 'mediaSize',
  'error-36000': 'mediaSize',
  'error-100': 'content',
  'error-100-2018047': 'content',
  'error-100-2018074': 'content',
  'error-100-2018320': 'content',
  'error-194': 'content',
  'error-100-2534037': 'control',
  'error-100-2018300': 'control',
  'error-100-2018321': 'control',
}

export const errorNames = Object.keys(OUTCOMES) as ErrorName[]
export const outcomeNames = [...new Set(Object.values(OUTCOMES))]
export const outcomeOf = (name: ErrorName): Outcome => OUTCOMES[name]
export const isErrorName = (name: string): name is ErrorName => Object.hasOwn(OUTCOMES, name)
