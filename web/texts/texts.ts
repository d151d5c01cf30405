import { en } from './en.ts'

export type Catalogue = typeof en

/** The catalogue in use. */
export const texts: Catalogue = en
