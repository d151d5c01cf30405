import { Button, Loader } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Outlet, useNavigate } from '@tanstack/react-router'
import { useEffect } from 'react'
import { texts } from '../../texts/texts.ts'
import { Notice } from '../../ui/notice.tsx'
import { meQuery, sentenceOf } from '../api.ts'

/** Everything inside belongs to somebody who is signed in; others are sent to the sign-in and back again. */
export const SignedIn = () => {
  const me = useQuery(meQuery)
  const navigate = useNavigate()
  const isNobody = me.data === null
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
