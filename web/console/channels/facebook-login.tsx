import { Button } from '@mantine/core'
import type { FoundPages } from '../../../src/console/contract/channels.ts'
import { texts } from '../../texts/texts.ts'
import { Problem } from '../../ui/problem.tsx'
import styles from './channels.module.css'

const t = texts.console.instance

type FacebookLoginProps = {
  found: FoundPages
  /** There is something else to press first. */
  isSecond: boolean
}

/** The way to Facebook, and what the last way there brought. */
export const FacebookLogin = ({ found: { login, loginUrl, blocked, pages }, isSecond }: FacebookLoginProps) => {
  return (
    <>
      <Problem text={login?.problem ?? blocked} />
      {login !== null && login.problem === null && (
        <p className={styles.soft} role="status">
          {t.loggedIn(login.userName, pages.length)}
        </p>
      )}
      {login !== null && login.missing.length > 0 && (
        <p className={styles.note} data-tone="warn">
          {t.missing(login.missing)}
        </p>
      )}
      {loginUrl !== null && (
        <div className={styles.actions}>
          <Button component="a" href={loginUrl} variant={isSecond ? 'default' : 'filled'}>
            {login === null ? t.logIn : t.logInAgain}
          </Button>
          {login === null && <span className={styles.soft}>{t.logInHint}</span>}
        </div>
      )}
    </>
  )
}
