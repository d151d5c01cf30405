/** `/{page}/messenger_profile`: Get Started button, greeting, questions, menu (meta.md 5.3). */
import type { TemplateButton } from '../contract.ts'
import { type Property, putProperty, readProfile, removeProperties } from '../world/pages.ts'
import { type Handler, pageCaller } from './call.ts'
import { invalid, required } from './error.ts'
import { isRecord, listOf, namesOf, neededText, type Params, recordOf } from './params.ts'
import { readButton } from './template.ts'

export type Greeting = { locale: string; text: string }[]
export type IceBreakers = { locale: string; call_to_actions: { question: string; payload: string }[] }[]
export type PersistentMenu = { locale: string; composer_input_disabled: boolean; call_to_actions: TemplateButton[] }[]

const READERS: Record<Property, (value: unknown) => unknown> = {
  get_started: (value) => {
    const button = recordOf(value, 'get_started')
    if (button === undefined) throw required('get_started')
    return { payload: neededText(button.payload, 'get_started[payload]', 1000) }
  },
  greeting: (value): Greeting =>
    perLocale(value, 'greeting').map(({ locale, entry, name }) => ({
      locale,
      text: neededText(entry.text, `${name}[text]`, 160),
    })),
  ice_breakers: readIceBreakers,
  persistent_menu: (value): PersistentMenu =>
    perLocale(value, 'persistent_menu').map(({ locale, entry, name }) => ({
      locale,
      composer_input_disabled: entry.composer_input_disabled === true,
      call_to_actions: upTo(20, entry.call_to_actions ?? [], `${name}[call_to_actions]`).map((item, index) =>
        readButton(item, `${name}[call_to_actions][${index}]`, 30),
      ),
    })),
}

/** The older flat form, a list of questions, is read as the one for everybody. */
function readIceBreakers(value: unknown): IceBreakers {
  const list = listOf(value, 'ice_breakers') ?? []
  const isFlat = list.some((item) => isRecord(item) && 'question' in item)
  const nested = isFlat ? [{ locale: 'default', call_to_actions: list }] : list
  return perLocale(nested, 'ice_breakers').map(({ locale, entry, name }) => ({
    locale,
    call_to_actions: upTo(4, entry.call_to_actions, `${name}[call_to_actions]`).map((item, index) => {
      const at = `${name}[call_to_actions][${index}]`
      if (!isRecord(item)) throw invalid(`param ${at} must be a JSON object.`)
      return {
        question: neededText(item.question, `${at}[question]`, 80),
        payload: neededText(item.payload, `${at}[payload]`, 1000),
      }
    }),
  }))
}

function upTo(max: number, value: unknown, name: string): unknown[] {
  const list = listOf(value, name)
  if (list === undefined) throw required(name)
  if (list.length > max) throw invalid(`param ${name} has too many elements.`)
  return list
}

function perLocale(value: unknown, property: string): { locale: string; entry: Params; name: string }[] {
  return upTo(50, value, property).map((entry, index) => {
    const name = `${property}[${index}]`
    if (!isRecord(entry)) throw invalid(`param ${name} must be a JSON object.`)
    return { locale: neededText(entry.locale ?? 'default', `${name}[locale]`, 20), entry, name }
  })
}

const PROPERTIES = Object.keys(READERS) as Property[]

const isProperty = (name: string): name is Property => (PROPERTIES as string[]).includes(name)

export const handleMessengerProfile: Handler = async (world, call) => {
  const { pageId } = pageCaller(call)
  const known = await readProfile(world.sql, pageId)
  if (call.method === 'POST') {
    const given = PROPERTIES.filter((name) => call.params[name] !== undefined)
    if (given.length === 0) throw invalid('The request does not contain any property to set')
    const values = given.map((name) => ({ name, value: READERS[name](call.params[name]) }))
    if (given.includes('persistent_menu') && !given.includes('get_started') && known.get_started === undefined) {
      throw invalid('You must set a Get Started button if you also wish to use persistent menu', 2018145)
    }
    await world.sql.begin(async (tx) => {
      for (const { name, value } of values) await putProperty(tx, pageId, name, value)
    })
    return { result: 'success' }
  }
  const fields = namesOf(call.params.fields, 'fields')
  if (fields === undefined) throw required('fields')
  const named = fields.filter(isProperty)
  if (named.length < fields.length) throw invalid(`Param fields must be one of {${PROPERTIES.join(', ')}}`)
  if (call.method === 'GET') {
    const found = named.filter((name) => known[name] !== undefined)
    return { data: found.length === 0 ? [] : [Object.fromEntries(found.map((name) => [name, known[name]]))] }
  }
  if (named.includes('get_started') && !named.includes('persistent_menu') && known.persistent_menu !== undefined) {
    throw invalid('You must delete the persistent menu before the Get Started button')
  }
  if (named.length > 0) await removeProperties(world.sql, pageId, named)
  return { result: 'success' }
}
