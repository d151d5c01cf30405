import { Navigate } from '@tanstack/react-router'
import { texts } from '../../texts/texts.ts'
import { Notice } from '../../ui/notice.tsx'
import { useMe } from '../api.ts'
import { lastAccount } from './last-account.ts'

/** `/` leads to the overview of the account that was looked at last. */
export const Home = () => {
  const { accounts } = useMe()
  const last = lastAccount()
  const account = accounts.find(({ sid }) => sid === last) ?? accounts[0]
  if (!account) return <Notice heading={texts.console.noAccountsHeading} text={texts.console.noAccounts} />
  return <Navigate to="/$accountSid/overview" params={{ accountSid: account.sid }} replace />
}
