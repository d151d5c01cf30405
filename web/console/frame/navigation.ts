/** The areas of an account: what stands in the navigation, and who sees it. */
import type { AccountChoice, Right } from '../../../src/console/contract.ts'
import { texts } from '../../texts/texts.ts'
import type { IconName } from '../../ui/icons.tsx'
import { may } from '../api.ts'

const t = texts.console.nav

export type NavItem = {
  to: string
  label: string
  icon?: IconName
  needs: Right
  /** Not in a subaccount. */
  mainOnly?: boolean
}

export const AREAS: NavItem[] = [
  { to: 'overview', label: t.overview, icon: 'dial', needs: 'view' },
  { to: 'messages', label: t.messages, icon: 'list', needs: 'view' },
  { to: 'contacts', label: t.contacts, icon: 'people', needs: 'view' },
  { to: 'channels', label: t.channels, icon: 'plug', needs: 'view' },
  { to: 'bins', label: t.bins, icon: 'file', needs: 'view' },
  { to: 'debugger', label: t.debugger, icon: 'alert', needs: 'view' },
  { to: 'errors', label: t.errorCodes, icon: 'info', needs: 'view' },
  { to: 'signature-check', label: t.signature, icon: 'key', needs: 'secrets' },
]

export const SETTINGS: NavItem[] = [
  { to: 'settings/account', label: t.account, needs: 'view' },
  { to: 'settings/keys', label: t.keys, needs: 'secrets' },
  { to: 'settings/people', label: t.people, needs: 'view' },
  { to: 'settings/subaccounts', label: t.subaccounts, needs: 'accounts', mainOnly: true },
  { to: 'settings/audit', label: t.audit, needs: 'people' },
]

/** Pages that the navigation does not name, with a right of their own. */
const OTHERS: Pick<NavItem, 'to' | 'needs' | 'mainOnly'>[] = [{ to: 'channels/messenger/new', needs: 'configure' }]

const shows = (account: AccountChoice, { needs, mainOnly }: Pick<NavItem, 'needs' | 'mainOnly'>): boolean =>
  may(account, needs) && !(mainOnly && account.parentSid !== null)

export const shownIn = (account: AccountChoice, items: NavItem[]): NavItem[] =>
  items.filter((item) => shows(account, item))

/** Whether an address below the account leads somewhere for this visitor; what is below a page goes by it. */
export function isShown(account: AccountChoice, path: string): boolean {
  const within = ({ to }: { to: string }) => path === to || path.startsWith(`${to}/`)
  const item = [...OTHERS, ...SETTINGS, ...AREAS].find(within)
  return item === undefined || shows(account, item)
}
