import { useState } from 'react'
import type { TemplateButton, TemplatePayload } from '../../src/sandbox/contract.ts'
import { texts } from '../texts/texts.ts'
import type { ChatActions } from './chat-actions.ts'
import { webUrlOf } from './links.ts'
import styles from './template-view.module.css'

const t = texts.sandbox

type Send = ChatActions['send']
type TemplateViewProps = { payload: TemplatePayload; title: string; tabIndex: number; send: Send }

export const TemplateView = ({ payload, title, tabIndex, send }: TemplateViewProps) => {
  if (payload.template_type === 'button') {
    return (
      <div className={styles.card} title={title}>
        <p className={styles.text}>{payload.text}</p>
        <Buttons buttons={payload.buttons} tabIndex={tabIndex} send={send} />
      </div>
    )
  }
  return (
    <div className={styles.cards} title={title}>
      {payload.elements.map((element, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the cards of a message never change
        <div className={styles.card} key={index}>
          <CardPicture url={element.image_url} />
          <div className={styles.words}>
            <p className={styles.title}>{element.title}</p>
            {element.subtitle !== undefined && <p className={styles.subtitle}>{element.subtitle}</p>}
          </div>
          <Buttons buttons={element.buttons ?? []} tabIndex={tabIndex} send={send} />
        </div>
      ))}
    </div>
  )
}

const CardPicture = ({ url }: { url: string | undefined }) => {
  const [broken, setBroken] = useState(false)
  const address = url === undefined ? undefined : webUrlOf(url)
  if (address === undefined || broken) return null
  return <img className={styles.picture} src={address} alt="" loading="lazy" onError={() => setBroken(true)} />
}

type ButtonsProps = { buttons: TemplateButton[]; tabIndex: number; send: Send }

const Buttons = ({ buttons, tabIndex, send }: ButtonsProps) => (
  <div className={styles.buttons}>
    {buttons.map((button, index) => (
      // biome-ignore lint/suspicious/noArrayIndexKey: the buttons of a message never change
      <CardButton key={index} button={button} tabIndex={tabIndex} send={send} />
    ))}
  </div>
)

type CardButtonProps = { button: TemplateButton; tabIndex: number; send: Send }

const CardButton = ({ button, tabIndex, send }: CardButtonProps) => {
  const { title } = button
  if (button.type === 'postback') {
    const request = { title, payload: button.payload }
    return (
      <button type="button" tabIndex={tabIndex} onClick={() => send({ kind: 'postback', request })}>
        {title}
      </button>
    )
  }
  if (button.type === 'phone_number') {
    return (
      <a href={`tel:${button.payload}`} tabIndex={tabIndex}>
        {title}
      </a>
    )
  }
  const href = webUrlOf(button.url)
  if (href === undefined) {
    return (
      <span className={styles.unusable} title={t.unusable}>
        {title}
      </span>
    )
  }
  return (
    <a href={href} target="_blank" rel="noopener noreferrer" tabIndex={tabIndex}>
      {title}
    </a>
  )
}
