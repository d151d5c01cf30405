import { createTheme, localStorageColorSchemeManager, type MantineColorsTuple } from '@mantine/core'
import { texts } from '../texts/texts.ts'

/** Shade 6 carries white text at 5.2:1. */
const wire: MantineColorsTuple = [
  '#eef4ff',
  '#dce8fe',
  '#bdd3fd',
  '#93b7fb',
  '#6897f5',
  '#3f78ec',
  '#2463e0',
  '#1d54c4',
  '#1b479f',
  '#1a3d80',
]

const dark: MantineColorsTuple = [
  '#e8eaed',
  '#c6cbd3',
  '#a7aeb9',
  '#7d8592',
  '#3b424d',
  '#2f353f',
  '#22262e',
  '#16191e',
  '#111317',
  '#0b0d10',
]

/** Of what is lost by a click. Shade 6 carries white text at 6.6:1. */
const red: MantineColorsTuple = [
  '#fdecea',
  '#fbd5d1',
  '#f5b0a9',
  '#ec857b',
  '#e15f53',
  '#cf3f32',
  '#b42318',
  '#991b12',
  '#7d150e',
  '#64100a',
]

/** The sign alone says nothing to who cannot see it. */
const closeButton = { defaultProps: { closeButtonProps: { 'aria-label': texts.close } } }

const systemFonts =
  "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', 'Noto Sans', 'Liberation Sans', Arial, sans-serif"

export const theme = createTheme({
  colors: { wire, dark, red },
  primaryColor: 'wire',
  primaryShade: 6,
  black: '#17191d',
  fontFamily: systemFonts,
  fontFamilyMonospace: "ui-monospace, SFMono-Regular, Menlo, Consolas, 'Liberation Mono', monospace",
  headings: { fontFamily: systemFonts, fontWeight: '650' },
  defaultRadius: 'md',
  cursorType: 'pointer',
  respectReducedMotion: true,
  components: { Modal: closeButton, Drawer: closeButton, Notification: closeButton },
})

/** The same key as in public/assets/color-scheme.v1.js. */
export const colorSchemeManager = localStorageColorSchemeManager({ key: 'pagewire-color-scheme' })
