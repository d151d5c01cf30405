import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { AccountChoice } from '../../../src/console/contract.ts'
import { texts } from '../../texts/texts.ts'
import { Icon } from '../../ui/icons.tsx'
import { shellQuery } from '../shell.ts'
import styles from './nav-links.module.css'
import { AREAS, type NavItem, SETTINGS, shownIn } from './navigation.ts'

const t = texts.console.nav

export const NavLinks = ({ account }: { account: AccountChoice }) => {
  const shell = useQuery(shellQuery)
  const link = ({ to, label, icon }: NavItem) => (
    <li key={to}>
      <Link
        className={styles.link}
        activeProps={{ className: styles.active, 'aria-current': 'page' }}
        to={`/${account.sid}/${to}` as string}
      >
        {icon && <Icon name={icon} size={18} />}
        {label}
      </Link>
    </li>
  )
  return (
    <>
      <ul className={styles.list}>{shownIn(account, AREAS).map(link)}</ul>
      <h2 className={styles.heading}>{t.settings}</h2>
      <ul className={styles.list}>{shownIn(account, SETTINGS).map(link)}</ul>
      {shell.data?.sandbox === true && (
        <ul className={styles.list}>
          <li>
            <a className={styles.link} href="/sandbox/" target="_blank" rel="noreferrer">
              <Icon name="chat" size={18} />
              {t.messenger}
            </a>
          </li>
        </ul>
      )}
    </>
  )
}
