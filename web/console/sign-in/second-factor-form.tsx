import { Button, TextInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import type { SignInAnswer } from '../../../src/console/contract.ts'
import { texts } from '../../texts/texts.ts'
import { Problem } from '../../ui/problem.tsx'
import { call, generalProblem, problemOf } from '../api.ts'
import { Door } from './door.tsx'

const t = texts.console.signIn

type SecondFactorFormProps = { onDone: (answer: SignInAnswer) => void; onStartOver: () => void }

export const SecondFactorForm = ({ onDone, onStartOver }: SecondFactorFormProps) => {
  const [code, setCode] = useState('')
  const confirm = useMutation({
    mutationFn: () => call<SignInAnswer>('POST', '/session/second-factor', { code }),
    onSuccess: onDone,
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    confirm.mutate()
  }
  return (
    <Door title={t.codeTitle}>
      <Problem text={generalProblem(confirm.error, 'code')} />
      <form onSubmit={submit}>
        <TextInput
          label={t.code}
          description={t.codeHint}
          autoComplete="one-time-code"
          required
          autoFocus
          value={code}
          error={problemOf(confirm.error, 'code')}
          onChange={(event) => setCode(event.currentTarget.value)}
        />
        <Button type="submit" loading={confirm.isPending}>
          {t.codeSubmit}
        </Button>
        <Button variant="subtle" onClick={onStartOver}>
          {t.startOver}
        </Button>
      </form>
    </Door>
  )
}
