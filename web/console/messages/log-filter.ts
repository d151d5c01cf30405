import type { MessageFilter } from '../../../src/console/contract/messages.ts'
import type { Search } from '../use-address.ts'

const NAMES = ['sender', 'person', 'direction', 'status', 'code', 'from', 'until', 'text'] as const

/** Those that are asked for seldom. */
export const RARE = ['person', 'code', 'from', 'until']

/** What of the address is the filter. */
export const filterOf = (search: Search): MessageFilter =>
  Object.fromEntries(NAMES.flatMap((name) => (search[name] ? [[name, search[name]]] : [])))

export const isFiltered = (search: Search): boolean => Object.keys(filterOf(search)).length > 0

const two = (value: number): string => String(value).padStart(2, '0')

/** For an input of the viewer's own time; '' when there is none. */
export const toLocal = (iso: string | undefined): string => {
  const at = new Date(iso ?? '')
  if (Number.isNaN(at.getTime())) return ''
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}T${two(at.getHours())}:${two(at.getMinutes())}`
}

export const fromLocal = (local: string): string => {
  const at = new Date(local)
  return local === '' || Number.isNaN(at.getTime()) ? '' : at.toISOString()
}
