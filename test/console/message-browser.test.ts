import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { eventually } from '../eventually.ts'
import { personAtPage } from '../people.ts'
import { type ConsoleBrowser, openConsole } from './console-browser.ts'
import { type Scene, startScene } from './seeing.ts'

let scene: Scene
let open: ConsoleBrowser

before(async () => {
  scene = await startScene()
  await scene.ada.say('hi')
  await scene.ada.hears(/^Welcome/)
  open = await openConsole(scene.gateway)
})
after(async () => {
  await open?.browser.close()
  await scene?.stop()
})

test('what is typed and not sent outlives a reload, and stays with its person', async () => {
  const { ada, gateway } = scene
  const { page, home: account } = open
  const bruno = await personAtPage(gateway.url, 1)
  await bruno.say('hello')
  const contactUrl = (psid: string) => `${account}/contacts/${scene.senderSid}-${psid}`
  await eventually(
    'Bruno to be known',
    async () => (await scene.get(`/contacts?search=${bruno.psid}`)).items.length > 0,
  )
  const box = page.getByRole('textbox', { name: 'Your reply' })
  await page.goto(contactUrl(ada.psid))
  await box.fill('for Ada alone')
  await page.goto(contactUrl(bruno.psid))
  await box.waitFor()
  assert.equal(await box.inputValue(), '')
  await page.goBack()
  await page.waitForURL(contactUrl(ada.psid))
  await eventually('the draft', async () => (await box.inputValue()) === 'for Ada alone')
  await page.reload()
  await box.waitFor()
  assert.equal(await box.inputValue(), 'for Ada alone')
  await box.press('Enter')
  await ada.hears('for Ada alone')
  await eventually('an empty box', async () => (await box.inputValue()) === '')

  await page.goto(`${account}/bins/welcome`)
  const editor = page.getByRole('textbox', { name: 'TwiML document' })
  await editor.fill('<Response><Message>half</Response>')
  await page.reload()
  await editor.waitFor()
  assert.equal(await editor.inputValue(), '<Response><Message>half</Response>')
  await page.getByRole('button', { name: 'Discard the changes' }).click()
})

test('every status stands on the page of its message with its time and its cause', async () => {
  const { gateway, ada } = scene
  const { page, home: account } = open
  const { sid } = await gateway.client.messages.create({
    body: 'status by status',
    from: `messenger:${ada.pageId}`,
    to: `messenger:${ada.psid}`,
  })
  await ada.hears('status by status')
  await ada.look()
  await page.goto(`${account}/messages/${sid}`)
  const steps = page.getByRole('main').getByRole('listitem')
  for (const [status, cause] of [
    ['Message made: queued', 'by a request to the API'],
    ['Status: sending', 'the first call to Meta began'],
    ['Status: sent', 'Meta accepted the last call'],
    ['Status: delivered', 'Meta told that'],
    ['Status: read', 'Meta told that it was read'],
  ] as const) {
    const step = steps.filter({ hasText: status }).filter({ hasText: cause })
    await step.waitFor()
    assert.match((await step.locator('time').getAttribute('title')) ?? '', /:\d\d\.\d{3}/)
  }
})
