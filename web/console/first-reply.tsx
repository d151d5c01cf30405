import { Tabs } from '@mantine/core'
import type { ReactNode } from 'react'
import type { Shell } from '../../src/console/contract.ts'
import { texts } from '../texts/texts.ts'
import { CopyField } from '../ui/copy-field.tsx'
import styles from './first-reply.module.css'
import { SNIPPETS } from './snippets.ts'

const t = texts.console.start

/** From nothing to a reply: with the built-in Messenger when it is on, else with a Page of Facebook. */
export const FirstReply = ({ shell }: { shell: Shell }) => (
  <section>
    <h2>{t.firstReply}</h2>
    <ol className={styles.steps}>
      {shell.sandbox ? (
        <Step heading={<a href="/sandbox/">{t.steps.write}</a>} text={t.steps.writeText} />
      ) : (
        <Step heading={t.steps.connect} text={t.steps.connectText} />
      )}
      <Step heading={t.steps.answer} text={t.steps.answerText}>
        <p>
          <a href="/bins/welcome">{t.steps.answerLink}</a>. {t.steps.answerOwn}
        </p>
      </Step>
      <Step heading={t.steps.send} text={shell.sandbox ? t.steps.sendText : t.steps.sendTextNoSandbox}>
        <Tabs defaultValue={SNIPPETS[0]!.language} keepMounted={false}>
          <Tabs.List aria-label={t.snippetTabs}>
            {SNIPPETS.map(({ language }) => (
              <Tabs.Tab key={language} value={language}>
                {language}
              </Tabs.Tab>
            ))}
          </Tabs.List>
          {SNIPPETS.map(({ language, code }) => (
            <Tabs.Panel key={language} value={language} pt="sm">
              <CopyField label={t.snippet(language)} value={code(shell.publicUrl)} block />
            </Tabs.Panel>
          ))}
        </Tabs>
      </Step>
    </ol>
  </section>
)

const Step = ({ heading, text, children }: { heading: ReactNode; text: string; children?: ReactNode }) => (
  <li className={styles.step}>
    <h3>{heading}</h3>
    <p>{text}</p>
    {children}
  </li>
)
