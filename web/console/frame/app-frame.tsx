import { ActionIcon, Drawer } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { Outlet, useLocation } from '@tanstack/react-router'
import { type PropsWithChildren, useEffect } from 'react'
import { texts } from '../../texts/texts.ts'
import { ColorSchemeToggle } from '../../ui/color-scheme-toggle.tsx'
import { Icon } from '../../ui/icons.tsx'
import { TroubleBanner, useIsSettling } from '../channels/trouble-banner.tsx'
import { useLive } from '../live.ts'
import { AccountSwitcher } from './account-switcher.tsx'
import styles from './app-frame.module.css'
import { rememberAccount } from './last-account.ts'
import { NavLinks } from './nav-links.tsx'
import { isShown } from './navigation.ts'
import { NotFound } from './not-found.tsx'
import { useAccount } from './use-account.ts'
import { UserMenu } from './user-menu.tsx'

const t = texts.console

/** Navigation beside the content; behind a button where there is no room for it. */
export const AppFrame = () => {
  const account = useAccount()
  const [menuOpen, menu] = useDisclosure(false)
  const { pathname } = useLocation()
  const sid = account?.sid
  useLive(sid)
  useEffect(() => {
    if (sid !== undefined) rememberAccount(sid)
  }, [sid])
  // biome-ignore lint/correctness/useExhaustiveDependencies: every other page closes the menu that led to it
  useEffect(() => menu.close(), [pathname])
  if (account === undefined) return <NotFound />
  return (
    <div className={styles.frame}>
      <a className={styles.skip} href="#content">
        {t.nav.skip}
      </a>
      <header className={styles.head}>
        <ActionIcon
          className={styles.menuButton}
          variant="subtle"
          color="gray"
          size="lg"
          aria-label={t.nav.open}
          onClick={menu.open}
        >
          <Icon name="menu" />
        </ActionIcon>
        <AccountSwitcher account={account} />
        <div className={styles.tools}>
          <ColorSchemeToggle />
          <UserMenu />
        </div>
      </header>
      <nav className={styles.side} aria-label={t.nav.label}>
        <NavLinks account={account} />
      </nav>
      <Drawer opened={menuOpen} onClose={menu.close} title={texts.product} size={260} padding="md">
        <nav aria-label={t.nav.label}>
          <NavLinks account={account} />
        </nav>
      </Drawer>
      <Content account={account}>
        {account.status !== 'active' && (
          <p className={styles.banner} role="status">
            {account.status === 'closed' ? t.account.closedBanner : t.account.suspendedBanner}
          </p>
        )}
        <TroubleBanner accountSid={account.sid} />
        {isShown(account, pathname.split('/').slice(2).join('/')) ? <Outlet /> : <NotFound />}
      </Content>
    </div>
  )
}

const Content = ({ account, children }: PropsWithChildren<{ account: { sid: string } }>) => {
  const isSettling = useIsSettling(account.sid)
  return (
    <main className={styles.content} id="content" tabIndex={-1} data-settling={isSettling}>
      {children}
    </main>
  )
}
