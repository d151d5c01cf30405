/** Twilio's XML as the tree that it is, read by a strict parser. */
import assert from 'node:assert/strict'
import { parseXml, XmlElement } from '@rgrove/parse-xml'

export type Element = { name: string; attributes: Record<string, string>; children: Element[]; text: string }

/** What is inside `<TwilioResponse>`: always one element. */
export function readTwilioXml(text: string): Element {
  assert.ok(text.startsWith('<?xml version="1.0" encoding="UTF-8"?>\n<TwilioResponse>'), text)
  const { root } = parseXml(text)
  const response = treeOf(root as XmlElement)
  assert.equal(response.children.length, 1, text)
  return response.children[0] as Element
}

/** The texts of an element's children, by name. */
export const fieldsOf = (element: Element): Record<string, string> =>
  Object.fromEntries(element.children.map(({ name, text }) => [name, text]))

function treeOf(element: XmlElement): Element {
  const children = element.children.filter((node) => node instanceof XmlElement).map(treeOf)
  return { name: element.name, attributes: element.attributes, children, text: element.text }
}
