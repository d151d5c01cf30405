import type { Person } from '../../src/sandbox/contract.ts'
import type { Place } from './place.ts'

const KEY = 'pagewire-sandbox-person'

/** For links, which do not say who opens them. Per window, as each may be somebody else. */
export const rememberPerson = (id: string): void => {
  try {
    window.sessionStorage.setItem(KEY, id)
  } catch {
    // Without storage the page asks.
  }
}

export const rememberedPerson = (): string | null => {
  try {
    return window.sessionStorage.getItem(KEY)
  } catch {
    return null
  }
}

/** Who one is: as the address says, else as last in this window, else the only one there is. */
export const personToBe = (people: Person[], place: Place): Person | undefined => {
  const byId = (id: string | null) => people.find((person) => person.id === id)
  return byId(place.person) ?? byId(rememberedPerson()) ?? (people.length === 1 ? people[0] : undefined)
}
