/**
 * Takes the pictures of the documentation: `npm run screenshots`. A whole gateway with something in it, its Messenger, a
 * real browser; each page wide and narrow, light and dark.
 */
import { mkdir, readdir, rm } from 'node:fs/promises'
import { openBrowser } from './browser.ts'
import { ADMIN, signIn, WITH_ADMIN } from './console/visitor.ts'
import { startGateway } from './gateway.ts'
import { personAtPage, sandboxState } from './people.ts'

const folder = new URL('../docs/screenshots/', import.meta.url)
await mkdir(folder, { recursive: true })
for (const old of await readdir(folder)) await rm(new URL(old, folder))
const gateway = await startGateway(WITH_ADMIN)
const browser = await openBrowser()
try {
  const account = gateway.account.sid
  const { pages, people } = await sandboxState(gateway.url)
  const ada = await personAtPage(gateway.url)
  await ada.say('hi')
  await ada.hears(/^Welcome!/)
  const from = `messenger:${ada.pageId}`
  for (const body of [
    'Would you like to play a game?',
    'Your order is on its way.',
    'Thank you for visiting Owl Coffee!',
  ]) {
    await gateway.client.messages.create({ body, from, to: `messenger:${ada.psid}` })
    await ada.hears(body)
  }
  // One that fails: nobody of this name has written.
  await gateway.client.messages.create({ body: 'Hello?', from, to: 'messenger:1234567890123456' })
  const owner = await signIn(gateway)
  await owner.call('PATCH', '/me', { name: 'Grace Hopper' })
  await owner.call('POST', `/accounts/${account}/people/invitations`, { email: 'ada@example.com', role: 'developer' })
  await owner.call('POST', `/accounts/${account}/subaccounts`, { friendlyName: 'Blue Bottle Books' })
  await owner.call('POST', `/accounts/${account}/keys`, { friendlyName: 'Support bot', kind: 'standard' })
  const [message] = await gateway.client.messages.list({ limit: 1, to: `messenger:${ada.psid}` })
  const [sender] = (await gateway.client.messaging.v2.channelsSenders.list({ channel: 'messenger', limit: 1 })) as {
    sid: string
  }[]

  const shots: [name: string, path: string][] = [
    ['messenger', `/sandbox/?person=${people[0]?.id}&page=${pages[0]?.id}`],
    ['overview', `/${account}/overview`],
    ['messages', `/${account}/messages`],
    ['message', `/${account}/messages/${message?.sid}`],
    ['contacts', `/${account}/contacts`],
    ['channels', `/${account}/channels/messenger`],
    ['page', `/${account}/channels/messenger/${sender?.sid}`],
    ['debugger', `/${account}/debugger`],
    ['bins', `/${account}/bins`],
    ['keys', `/${account}/settings/keys`],
    ['people', `/${account}/settings/people`],
    ['subaccounts', `/${account}/settings/subaccounts`],
    ['audit', `/${account}/settings/audit`],
  ]
  for (const [width, height, size] of [
    [1280, 800, ''],
    [375, 740, '-narrow'],
  ] as const) {
    for (const colorScheme of ['light', 'dark'] as const) {
      const context = await browser.newContext({ viewport: { width, height }, colorScheme })
      const page = await context.newPage()
      await page.goto(gateway.url)
      await page.getByLabel('E-mail address').fill(ADMIN.email)
      await page.locator('input[type=password]').fill(ADMIN.password)
      await page.keyboard.press('Enter')
      await page.getByRole('heading', { name: 'Overview' }).waitFor()
      for (const [name, path] of shots) {
        await page.goto(gateway.url + path)
        await page.getByRole('main').or(page.getByRole('textbox')).first().waitFor()
        await page.waitForLoadState('load')
        // What is fetched, and charts that draw themselves.
        await page.waitForTimeout(900)
        const scheme = colorScheme === 'dark' ? '-dark' : ''
        await page.screenshot({ path: new URL(`${name}${size}${scheme}.png`, folder).pathname })
      }
      await context.close()
    }
  }
} finally {
  await browser.close()
  await gateway.stop()
}
