/** A real Chromium, the one that ships inside an npm package, for journeys through the pages. */
import type { Browser } from 'playwright-core'

/** One browser; close it when done. Its background traffic is switched off: it speaks to this machine only. */
export async function openBrowser(): Promise<Browser> {
  // The package brings the system libraries that Chromium needs, and unpacks them where it believes to be in Lambda.
  process.env.AWS_LAMBDA_JS_RUNTIME ??= 'nodejs22.x'
  const { default: chromium } = await import('@sparticuz/chromium')
  const { chromium: launcher } = await import('playwright-core')
  return await launcher.launch({
    executablePath: await chromium.executablePath(),
    args: [
      // Its own list is for Lambda: one process for all pages, and no same-origin policy.
      '--no-sandbox',
      '--disable-gpu',
      '--font-render-hinting=none',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
    headless: true,
  })
}
