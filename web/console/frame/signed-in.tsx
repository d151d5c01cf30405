import { Button, Loader } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Outlet, useNavigate } from '@tanstack/react-router'
import { useEffect } from 'react'
import { texts } from '../../texts/texts.ts'
import { RequestProblem } from '../../ui/http.ts'
import { Notice } from '../../ui/notice.tsx'
import { meQuery, sentenceOf } from '../api.ts'

/** Everything inside belongs to somebody who is signed in; others are sent to the sign-in and back again. */
export const SignedIn = () => {
  const me = useQuery(meQuery)
  const navigate = useNavigate()
  const isNobody = me.data === null
  useSessionEnd()
  useEffect(() => {
    if (!isNobody) return
    const here = location.pathname + location.search
    void navigate({ to: '/sign-in', search: here === '/' ? {} : { to: here }, replace: true })
  }, [isNobody, navigate])
  if (me.data) return <Outlet />
  if (isNobody || me.error === null) return <Loader m="xl" aria-label={texts.console.loading} />
  return (
    <Notice heading={texts.console.failedHeading} text={sentenceOf(me.error)}>
      <Button onClick={() => me.refetch()}>{texts.tryAgain}</Button>
    </Notice>
  )
}

/** A session may end while a page is open: whatever hears of it first leads to the sign-in. */
const useSessionEnd = (): void => {
  const client = useQueryClient()
  useEffect(() => {
    const hear = (error: unknown) => {
      if (error instanceof RequestProblem && error.status === 401) client.setQueryData(meQuery.queryKey, null)
    }
    const stops = [
      client.getQueryCache().subscribe(({ query }) => hear(query.state.error)),
      client.getMutationCache().subscribe(({ mutation }) => hear(mutation?.state.error)),
    ]
    return () => {
      for (const stop of stops) stop()
    }
  }, [client])
}
