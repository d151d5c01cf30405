import { Button, Textarea, TextInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { FormEvent } from 'react'
import type { SignatureAnswer, SignatureQuestion } from '../../../src/console/contract/signature.ts'
import { texts } from '../../texts/texts.ts'
import { CopyField } from '../../ui/copy-field.tsx'
import { Icon } from '../../ui/icons.tsx'
import { PageTitle } from '../../ui/page-title.tsx'
import { Problem } from '../../ui/problem.tsx'
import { call, generalProblem, problemOf } from '../api.ts'
import card from '../card.module.css'
import { useDraft } from '../channels/use-draft.ts'
import { useAccount } from '../frame/use-account.ts'
import styles from './signature.module.css'

const t = texts.console.signature
const NOTHING: SignatureQuestion = { url: '', params: '', signature: '' }

/** What is pasted is content of messages: it stands in no address, and is kept for this window alone. */
export const SignaturePage = () => {
  const account = useAccount()
  const [given, change] = useDraft<SignatureQuestion>(`pagewire-signature ${account.sid}`, NOTHING)
  const check = useMutation({
    mutationFn: () => call<SignatureAnswer>('POST', `/accounts/${account.sid}/signature-check`, given),
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    check.mutate()
  }
  const input = (name: keyof SignatureQuestion) => ({
    name,
    label: t[name],
    value: given[name],
    error: problemOf(check.error, name),
    autoComplete: 'off',
    spellCheck: false,
    onChange: (event: { currentTarget: { value: string } }) => change({ [name]: event.currentTarget.value }),
  })
  return (
    <>
      <PageTitle title={t.title} account={account.name} lead={t.lead} />
      <form className={`${card.card} ${card.inner} ${card.form} ${styles.form}`} onSubmit={submit}>
        <Problem text={generalProblem(check.error, 'url', 'params', 'signature')} />
        <TextInput {...input('url')} required description={t.urlHint} placeholder="https://example.com/sms" />
        <Textarea {...input('params')} autosize minRows={4} maxRows={14} description={t.paramsHint} />
        <TextInput {...input('signature')} required />
        <Button type="submit" loading={check.isPending}>
          {t.check}
        </Button>
      </form>
      <div aria-live="polite">{check.data && <Answer answer={check.data} />}</div>
    </>
  )
}

const Answer = ({ answer }: { answer: SignatureAnswer }) => {
  const { sid } = useAccount()
  const { valid, findings, call: ours } = answer
  return (
    <section className={`${card.card} ${card.inner} ${styles.answer}`}>
      <h2 className={valid ? styles.good : styles.bad}>
        <Icon name={valid ? 'check' : 'close'} /> {valid ? t.valid : t.invalid}
      </h2>
      {valid && <p>{t.validText}</p>}
      {findings.length > 0 && (
        <>
          <h3>{t.differs}</h3>
          <ul className={styles.findings}>
            {findings.map(({ kind, detail }) => (
              <li key={`${kind} ${detail}`}>{t.findings[kind](detail ?? '')}</li>
            ))}
          </ul>
        </>
      )}
      <CopyField label={t.signedString} value={answer.signedString} />
      <CopyField label={t.expected} value={answer.expected} />
      {ours && (
        <>
          <h3>{t.call}</h3>
          <CopyField label={t.callUrl} value={ours.url} />
          <CopyField label={t.callString} value={ours.signedString} />
          <p>
            <Link to="/$accountSid/messages/$sid" params={{ accountSid: sid, sid: ours.messageSid }}>
              {t.toMessage}
            </Link>
          </p>
        </>
      )}
    </section>
  )
}
