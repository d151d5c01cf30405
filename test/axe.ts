/** Accessibility of a page as axe-core sees it (WCAG 2.2 A and AA). The page's context must have `bypassCSP`. */
import { fileURLToPath } from 'node:url'
import type { Page } from 'playwright-core'

const AXE = fileURLToPath(import.meta.resolve('axe-core/axe.min.js'))

type Axe = {
  run: (options: object) => Promise<{ violations: { id: string; help: string; nodes: { target: unknown }[] }[] }>
}

/** What is wrong, as readable lines. */
export async function complaintsOfAxe(page: Page): Promise<string[]> {
  await page.addScriptTag({ path: AXE })
  return await page.evaluate(async () => {
    const { axe } = globalThis as unknown as { axe: Axe }
    const { violations } = await axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] })
    return violations.map(({ id, help, nodes }) => `${id}: ${help} (${nodes.map(({ target }) => target).join('; ')})`)
  })
}
