import { ActionIcon, useComputedColorScheme, useMantineColorScheme } from '@mantine/core'
import { texts } from '../texts/texts.ts'
import { Icon } from './icons.tsx'

/** Choosing what the system says anyway goes back to following the system. */
export const ColorSchemeToggle = () => {
  const { setColorScheme } = useMantineColorScheme()
  const now = useComputedColorScheme('light', { getInitialValueInEffect: false })
  const next = now === 'dark' ? 'light' : 'dark'
  const label = next === 'dark' ? texts.useDark : texts.useLight
  const onClick = () => {
    const system = window.matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light'
    setColorScheme(next === system ? 'auto' : next)
  }
  return (
    <ActionIcon variant="subtle" color="gray" size="lg" aria-label={label} title={label} onClick={onClick}>
      <Icon name={next === 'dark' ? 'moon' : 'sun'} />
    </ActionIcon>
  )
}
