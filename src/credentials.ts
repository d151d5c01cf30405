/** What the first start makes and the data folder keeps: credentials and keys that nobody has set. */
import { randomBytes } from 'node:crypto'
import { existsSync, linkSync, mkdirSync, mkdtempSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { ProviderApp } from '#core/channel.ts'
import { type AccountSid, newAccountSid, newAuthToken } from '#core/ids.ts'

/** Made at first start and kept in the data folder, readable by its owner only. */
export type Generated = {
  accountSid: AccountSid
  authToken: string
  adminPassword: string
  secretKey: string
  sandboxApp: ProviderApp
  /** Nobody has been shown them yet. */
  fresh: boolean
}

/** Written once the credentials have been shown: a first start may fail before that. */
const shownMark = (dataDir: string) => join(dataDir, 'credentials-shown')

export function rememberShown(dataDir: string): void {
  writeFileSync(shownMark(dataDir), '', { mode: 0o600 })
}

const credentialsIn = (dataDir: string) => join(dataDir, 'credentials.json')

/** Nothing is left behind by looking. */
export function problemsOfDataDir(dataDir: string): string[] {
  try {
    if (readKept(credentialsIn(dataDir))) return []
    let folder = dataDir
    while (!existsSync(folder)) folder = dirname(folder)
    rmdirSync(mkdtempSync(join(folder, '.pagewire-')))
    return []
  } catch (error) {
    return [unusable(dataDir, error)]
  }
}

const unusable = (dataDir: string, error: unknown) =>
  `PAGEWIRE_DATA_DIR ${dataDir} cannot be used: ${(error as Error).message}`

/** Made where there are none. */
export function readGenerated(dataDir: string): Generated {
  const path = credentialsIn(dataDir)
  try {
    return { ...(readKept(path) ?? makeKept(path)), fresh: !existsSync(shownMark(dataDir)) }
  } catch (error) {
    throw new Error(unusable(dataDir, error))
  }
}

type Kept = Omit<Generated, 'fresh'>

function readKept(path: string): Kept | undefined {
  if (!existsSync(path)) return undefined
  let kept: Partial<Kept> | null = null
  try {
    kept = JSON.parse(readFileSync(path, 'utf8'))
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
  }
  const { accountSid, authToken, adminPassword, secretKey, sandboxApp } = kept ?? {}
  const { appId, appSecret, verifyToken } = sandboxApp ?? {}
  const all = [accountSid, authToken, adminPassword, secretKey, appId, appSecret, verifyToken]
  if (all.every((each) => typeof each === 'string' && each !== '')) return kept as Kept
  throw new Error('its credentials.json is damaged: bring it back from a backup, as its secretKey opens the database')
}

function makeKept(path: string): Kept {
  const made: Kept = {
    accountSid: newAccountSid(),
    authToken: newAuthToken(),
    adminPassword: randomBytes(12).toString('base64url'),
    secretKey: randomBytes(32).toString('hex'),
    sandboxApp: {
      appId: String(10 ** 15 + Number(randomBytes(6).readUIntBE(0, 6) % 9e14)),
      appSecret: newAuthToken(),
      verifyToken: newAuthToken(),
    },
  }
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  // Whole or not at all, and never over those of another start: what is sealed with a lost key is lost.
  const draft = `${path}.${randomBytes(6).toString('hex')}`
  try {
    writeFileSync(draft, `${JSON.stringify(made, null, 2)}\n`, { mode: 0o600, flush: true })
    linkSync(draft, path)
    return made
  } catch (error) {
    const quicker = (error as NodeJS.ErrnoException).code === 'EEXIST' && readKept(path)
    if (!quicker) throw error
    return quicker
  } finally {
    rmSync(draft, { force: true })
  }
}
