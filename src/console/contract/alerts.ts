/** The debugger: what went wrong, by code. */
import type { Page } from '../contract.ts'
import type { AlertView, CodeView } from './messages.ts'

export type AlertRange = 'hour' | 'day' | 'week' | 'month'

/** GET …/alerts/groups?range= */
export type AlertGroups = {
  from: string
  stepMs: number
  groups: AlertGroup[]
  /** One per step of the time that had any. */
  series: { at: string; codes: Record<string, number> }[]
}

export type AlertGroup = CodeView & {
  level: 'error' | 'warning'
  count: number
  firstAt: string
  lastAt: string
}

/** GET …/alerts?code=&range=&after= */
export type AlertPage = Page<AlertView>
