import { useParams } from '@tanstack/react-router'
import type { AccountChoice } from '../../../src/console/contract.ts'
import { useMe } from '../api.ts'

/** The account of the address. Only below `AppFrame`, which shows nothing when it is none of the visitor's. */
export const useAccount = (): AccountChoice => {
  const { accountSid } = useParams({ strict: false })
  return useMe().accounts.find(({ sid }) => sid === accountSid) as AccountChoice
}
