/** The areas of an account: what stands in the navigation, and who sees it. */
import type { Right } from '../../../src/console/contract.ts'
import { texts } from '../../texts/texts.ts'
import type { IconName } from '../../ui/icons.tsx'

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
  { to: 'signature-check', label: t.signature, icon: 'key', needs: 'secrets' },
]

export const SETTINGS: NavItem[] = [
  { to: 'settings/account', label: t.account, needs: 'view' },
  { to: 'settings/keys', label: t.keys, needs: 'secrets' },
  { to: 'settings/people', label: t.people, needs: 'view' },
  { to: 'settings/subaccounts', label: t.subaccounts, needs: 'accounts', mainOnly: true },
  { to: 'settings/audit', label: t.audit, needs: 'people' },
]
