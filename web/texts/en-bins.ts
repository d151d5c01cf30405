/** Sentences of the TwiML bins. */
export const bins = {
  title: 'TwiML bins',
  lead: 'Documents that Pagewire serves itself, so that a Page can answer with no server of yours.',
  make: 'New bin',
  makeHeading: 'New TwiML bin',
  name: 'Name',
  nameHint: 'Letters, digits and hyphens. It stands in the URL and cannot be changed later.',
  makeDo: 'Make it and write its text',
  emptyHeading: 'No TwiML bins yet',
  empty: 'Make one, write what it should answer, and set its URL as the Callback URL of a Page.',
  uses: (count: number) => (count === 0 ? 'not used' : count === 1 ? 'used once' : `used ${count} times`),
  changed: 'changed',
  starter: (name: string) =>
    `<?xml version="1.0" encoding="UTF-8"?>\n<Response>\n  <Message>Hello! This is the answer of ${name}.</Message>\n</Response>\n`,

  document: 'TwiML document',
  editorHint: 'Checked as you type, by the same reader that reads real answers.',
  save: 'Save',
  discard: 'Discard the changes',
  unsaved: 'Not saved yet.',
  savedAs: (version: number) => `Saved as version ${version}`,
  correct: 'This document is in order.',
  checking: 'Checking…',
  mistakes: 'What is wrong',
  place: (line: number, column: number) => `Line ${line}, column ${column}`,
  error: 'Error',
  warning: 'Warning',
  does: 'What it does',
  doesNothing: 'Answers nothing.',
  doesSend: 'Sends',
  doesSendTo: (to: string) => `Sends to ${to}`,
  doesMedia: (count: number) => (count === 1 ? 'with one file' : `with ${count} files`),
  doesGo: (method: string, url: string) => `Goes on at ${url} (${method})`,
  url: 'URL to use',
  path: 'The same, as a path',
  pathHint: 'The path alone goes on working when the address of Pagewire changes.',
  usedBy: 'Used by',
  usedByNobody: 'Nothing uses it yet. Set its URL as the Callback URL of a Page.',
  usedElsewhere: (count: number) =>
    count === 1
      ? 'One Page or service of another account uses it too.'
      : `${count} Pages or services of other accounts use it too.`,
  kinds: { sender: 'Page', service: 'Messaging service', application: 'TwiML application' },
  history: 'Versions',
  version: (version: number) => `Version ${version}`,
  newest: 'in use',
  by: (name: string) => `by ${name}`,
  byPagewire: 'by Pagewire',
  look: 'Look',
  lookLabel: (version: number) => `Look at version ${version}`,
  restore: 'Restore this version',
  restoreFirst: 'Save or discard your changes first.',
  restored: (version: number) => `Version ${version} is in use again`,
  remove: 'Delete…',
  removeLead: 'Its URL answers 404 from then on.',
  removeHeading: (name: string) => `Delete the bin ${name}?`,
  removeText: (uses: number) =>
    `The document and all its versions are gone for good, and its URL answers 404. ${
      uses === 0
        ? 'Nothing uses it now.'
        : uses === 1
          ? 'It is used once: what is answered from there fails then.'
          : `It is used ${uses} times: what is answered from there fails then.`
    }`,
  removeDo: (name: string) => `Delete ${name}`,
  removed: (name: string) => `${name} is deleted`,
  readOnly: 'Your role shows bins and does not change them.',
}
