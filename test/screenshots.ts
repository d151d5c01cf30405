/** Takes the pictures of the documentation: `npm run screenshots`. A whole gateway, its Messenger, a real browser. */
import { mkdir } from 'node:fs/promises'
import { openBrowser } from './browser.ts'
import { startGateway } from './gateway.ts'
import { personAtPage, sandboxState } from './people.ts'

const folder = new URL('../docs/screenshots/', import.meta.url)
await mkdir(folder, { recursive: true })
const gateway = await startGateway()
const browser = await openBrowser()
try {
  const { pages, people } = await sandboxState(gateway.url)
  const ada = await personAtPage(gateway.url)
  await ada.say('hi')
  await ada.hears(/^Welcome!/)
  await gateway.client.messages.create({
    body: 'Would you like to play a game?',
    from: `messenger:${ada.pageId}`,
    to: `messenger:${ada.psid}`,
  })
  await ada.hears('Would you like to play a game?')
  const chat = `/sandbox/?person=${people[0]?.id}&page=${pages[0]?.id}`
  for (const [name, path, width, height, colorScheme] of [
    ['messenger', chat, 1280, 720, 'light'],
    ['messenger-dark', chat, 1280, 720, 'dark'],
    ['messenger-narrow', chat, 375, 740, 'light'],
    ['start-page', '/', 1280, 900, 'light'],
    ['start-page-narrow-dark', '/', 375, 900, 'dark'],
  ] as const) {
    const page = await browser.newPage({ viewport: { width, height }, colorScheme })
    await page.goto(gateway.url + path)
    await page
      .getByText(path === '/' ? 'Ready' : 'Would you like to play a game?')
      .last()
      .waitFor()
    await page.screenshot({ path: new URL(`${name}.png`, folder).pathname })
    await page.close()
  }
} finally {
  await browser.close()
  await gateway.stop()
}
