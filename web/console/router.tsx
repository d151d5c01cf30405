/**
 * Every page of the console and its address. Pages come in their own files when they are first opened; each file exports
 * one component. What a page lets one choose (filters, a tab, what is open) stands in its address.
 */
import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
} from '@tanstack/react-router'
import { AppFrame } from './frame/app-frame.tsx'
import { Home } from './frame/home.tsx'
import { NotFound } from './frame/not-found.tsx'
import { SignedIn } from './frame/signed-in.tsx'

const root = createRootRoute({ component: Outlet, notFoundComponent: NotFound })

const page = <const P extends string>(path: P, load: () => Promise<Record<string, unknown>>, name: string) =>
  createRoute({ getParentRoute: () => root, path, component: lazyRouteComponent(load, name) })

const signedIn = createRoute({ getParentRoute: () => root, id: 'signed-in', component: SignedIn })
const home = createRoute({ getParentRoute: () => signedIn, path: '/', component: Home })
const me = createRoute({
  getParentRoute: () => signedIn,
  path: '/me',
  component: lazyRouteComponent(() => import('./me/me-page.tsx'), 'MePage'),
})

/** All pages of one account. */
const account = createRoute({
  getParentRoute: () => signedIn,
  path: '/$accountSid',
  component: AppFrame,
  notFoundComponent: NotFound,
  beforeLoad: ({ params }) => {
    if (!/^AC[0-9a-f]{32}$/.test(params.accountSid)) throw redirect({ to: '/' })
  },
})
const area = <const P extends string>(path: P, load: () => Promise<Record<string, unknown>>, name: string) =>
  createRoute({ getParentRoute: () => account, path, component: lazyRouteComponent(load, name) })

const routeTree = root.addChildren([
  page('/sign-in', () => import('./sign-in/sign-in-page.tsx'), 'SignInPage'),
  page('/setup/$token', () => import('./sign-in/link-page.tsx'), 'LinkPage'),
  page('/join/$token', () => import('./sign-in/link-page.tsx'), 'LinkPage'),
  signedIn.addChildren([
    home,
    me,
    account.addChildren([
      area('/messages', () => import('./messages/messages-page.tsx'), 'MessagesPage'),
      area('/messages/$sid', () => import('./messages/message-page.tsx'), 'MessagePage'),
      area('/events', () => import('./events/events-page.tsx'), 'EventsPage'),
      area('/contacts', () => import('./contacts/contacts-page.tsx'), 'ContactsPage'),
      area('/contacts/$id', () => import('./contacts/contact-page.tsx'), 'ContactPage'),
      area('/debugger', () => import('./debugger/debugger-page.tsx'), 'DebuggerPage'),
      area('/errors', () => import('./debugger/errors-page.tsx'), 'ErrorsPage'),
      area('/signature-check', () => import('./signature/signature-page.tsx'), 'SignaturePage'),
      area('/overview', () => import('./overview/overview-page.tsx'), 'OverviewPage'),
      area('/channels', () => import('./channels/channels-page.tsx'), 'ChannelsPage'),
      area('/channels/messenger', () => import('./channels/messenger-page.tsx'), 'MessengerPage'),
      area('/channels/messenger/new', () => import('./channels/new-sender-page.tsx'), 'NewSenderPage'),
      area('/channels/messenger/apps', () => import('./channels/meta-apps-page.tsx'), 'MetaAppsPage'),
      area('/channels/messenger/$senderSid', () => import('./channels/sender-page.tsx'), 'SenderPage'),
      area('/bins', () => import('./bins/bins-page.tsx'), 'BinsPage'),
      area('/bins/$name', () => import('./bins/bin-page.tsx'), 'BinPage'),
      area('/settings/account', () => import('./settings/account-page.tsx'), 'AccountPage'),
      area('/settings/keys', () => import('./settings/keys-page.tsx'), 'KeysPage'),
      area('/settings/subaccounts', () => import('./settings/subaccounts-page.tsx'), 'SubaccountsPage'),
      area('/settings/people', () => import('./settings/people-page.tsx'), 'PeoplePage'),
      area('/settings/audit', () => import('./settings/audit-page.tsx'), 'AuditPage'),
    ]),
  ]),
])

/** The address is written by hand in places (`href`), so its search is plain text, not JSON. */
export const router = createRouter({
  routeTree,
  defaultPreload: 'intent',
  scrollRestoration: true,
  parseSearch: (search) => Object.fromEntries(new URLSearchParams(search)),
  stringifySearch: (search) => {
    const given = Object.entries(search).filter(([, value]) => value !== undefined && value !== null && value !== '')
    const text = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString()
    return text === '' ? '' : `?${text}`
  },
})

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
}
