import { Menu, UnstyledButton } from '@mantine/core'
import type { Person } from '../../src/sandbox/contract.ts'
import { texts } from '../texts/texts.ts'
import { Avatar } from '../ui/avatar.tsx'
import { Icon } from '../ui/icons.tsx'
import styles from './person-switcher.module.css'

const t = texts.sandbox

type PersonSwitcherProps = {
  people: Person[]
  person: Person
  bePerson: (id: string) => void
  addPerson: () => void
}

export const PersonSwitcher = ({ people, person, bePerson, addPerson }: PersonSwitcherProps) => (
  <Menu width="target" position="bottom-start" shadow="md" transitionProps={{ duration: 120 }}>
    <Menu.Target>
      <UnstyledButton className={styles.switcher} aria-label={t.youAre(person.name)} title={t.switchPerson}>
        <Avatar name={person.name} kind="person" pictureUrl={person.pictureUrl} size={36} />
        <span className={styles.words}>
          <span className={styles.label}>{t.youAreLabel}</span>
          <span className={styles.name}>{person.name}</span>
        </span>
        <Icon name="chevron" />
      </UnstyledButton>
    </Menu.Target>
    <Menu.Dropdown className={styles.people} aria-label={t.people}>
      <Menu.RadioGroup value={person.id} onChange={bePerson}>
        {people.map((one) => (
          <Menu.RadioItem key={one.id} value={one.id} closeMenuOnClick>
            <span className={styles.option}>
              <Avatar name={one.name} kind="person" pictureUrl={one.pictureUrl} size={28} />
              {one.name}
            </span>
          </Menu.RadioItem>
        ))}
      </Menu.RadioGroup>
      <Menu.Divider />
      <Menu.Item leftSection={<Icon name="plus" size={18} />} onClick={addPerson}>
        {t.addPerson}
      </Menu.Item>
    </Menu.Dropdown>
  </Menu>
)
