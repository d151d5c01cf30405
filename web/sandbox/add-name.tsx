import { Button, Modal, TextInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { Page, Person } from '../../src/sandbox/contract.ts'
import { texts } from '../texts/texts.ts'
import styles from './add-name.module.css'
import { addPage, addPerson } from './api.ts'
import { stateKey } from './threads.ts'

const t = texts.sandbox

/** As long as Facebook's own names may be. */
const NAME_LENGTH = 75

type AddProps<Added> = { opened: boolean; close: () => void; added: (what: Added) => void }

type AddNameProps<Added> = AddProps<Added> & {
  heading: string
  label: string
  hint: string
  action: string
  add: (name: string) => Promise<Added>
}

const AddName = <Added,>({ opened, close, added, heading, label, hint, action, add }: AddNameProps<Added>) => {
  const client = useQueryClient()
  const [name, setName] = useState('')
  const [missing, setMissing] = useState(false)
  const adding = useMutation({
    mutationFn: add,
    networkMode: 'always',
    onSuccess: async (what) => {
      // Before anything leads to the new one, so that it is known there.
      await client.invalidateQueries({ queryKey: stateKey })
      leave()
      added(what)
    },
  })
  const leave = () => {
    close()
    setName('')
    setMissing(false)
    adding.reset()
  }
  const problem = missing ? t.nameMissing : adding.error?.message
  return (
    <Modal opened={opened} onClose={leave} title={heading} closeButtonProps={{ 'aria-label': texts.close }} centered>
      <form
        className={styles.form}
        noValidate
        onSubmit={(event) => {
          event.preventDefault()
          setMissing(name.trim() === '')
          if (name.trim() !== '') adding.mutate(name.trim())
        }}
      >
        <TextInput
          data-autofocus
          label={label}
          description={hint}
          value={name}
          maxLength={NAME_LENGTH}
          autoComplete="off"
          error={problem}
          onChange={({ currentTarget }) => {
            setName(currentTarget.value)
            setMissing(false)
          }}
        />
        <div className={styles.actions}>
          <Button variant="default" onClick={leave}>
            {texts.cancel}
          </Button>
          <Button type="submit" loading={adding.isPending}>
            {action}
          </Button>
        </div>
      </form>
    </Modal>
  )
}

export const AddPerson = (props: AddProps<Person>) => (
  <AddName
    {...props}
    heading={t.addPerson}
    label={t.personName}
    hint={t.personNameHint}
    action={t.addPersonDo}
    add={addPerson}
  />
)

export const AddPage = (props: AddProps<Page>) => (
  <AddName {...props} heading={t.addPage} label={t.pageName} hint={t.pageNameHint} action={t.addPageDo} add={addPage} />
)
