/** The environment, read once. Every problem is collected and told together; nothing starts with a wrong setting. */
import { isIP } from 'node:net'
import { resolve } from 'node:path'
import type { ProviderApp } from '#core/channel.ts'
import type { AccountSid } from '#core/ids.ts'
import type { Retention } from '#store/partitions.ts'
import { type Generated, problemsOfDataDir, readGenerated } from './credentials.ts'
import { problemsOfAddress } from './listen-address.ts'
import { type MediaSettings, readMediaSettings } from './media/settings.ts'

export type Role = 'web' | 'dispatch'

export type Config = {
  port: number
  host: string
  /** Without a slash at its end. */
  publicUrl: string
  dataDir: string
  databaseUrl: string | undefined
  /** Undefined: whatever the database holds, else the generated ones of the data folder. */
  account: { sid: AccountSid | undefined; authToken: string | undefined }
  generated: Generated
  /** The first user of the console. */
  admin: { email: string; password: string }
  secretKey: string
  sandbox: boolean
  allowPrivateCallbacks: boolean
  /** Addresses and ranges of proxies whose `X-Forwarded-For` tells who asks. */
  trustedProxies: string[]
  /** Messages that may wait for one sender. */
  queueLimit: number
  /** How long messages are kept, with all that belongs to them. */
  retentionDays: Retention
  media: MediaSettings
  /** Undefined: the built-in Messenger's own app. */
  metaApp: ProviderApp | undefined
  graph: { url: string | undefined; version: string }
  /** Where Facebook's login is, without a version. Undefined: where the Graph API is. */
  dialogUrl: string | undefined
  roles: Role[]
  logLevel: string
}

export class ConfigError extends Error {
  readonly problems: string[]
  constructor(problems: string[]) {
    super(problems.join('\n'))
    this.problems = problems
  }
}

const firstHost = (url: string): string => url.replace(/,[^/?]*/, '')

type Environment = Record<string, string | undefined>

/** Throws `ConfigError` with all problems. Writes the data folder's `credentials.json` when there is none. */
export async function readConfig(environment: Environment): Promise<Config> {
  const problems: string[] = []
  const text = (name: string): string | undefined => environment[name]?.trim() || undefined
  const check = <T>(name: string, fallback: T, read: (value: string) => T | undefined, expected: string): T => {
    const value = text(name)
    if (value === undefined) return fallback
    const result = read(value)
    // A URL may hold a password: it is not repeated.
    const shown = value.includes('@') || name.endsWith('URL') ? 'not valid' : JSON.stringify(value)
    if (result === undefined) problems.push(`${name} is ${shown}: expected ${expected}`)
    return result ?? fallback
  }
  const secret = (name: string, pattern: RegExp, expected: string): string | undefined => {
    const value = text(name)
    if (value !== undefined && !pattern.test(value)) problems.push(`${name}: expected ${expected}`)
    return value
  }
  const onOff = (value: string) => ({ on: true, true: true, off: false, false: false })[value.toLowerCase()]
  const oneOf = (values: string[]) => (value: string) => (values.includes(value) ? value : undefined)

  const port = check(
    'PORT',
    8080,
    (value) => (/^\d{1,5}$/.test(value) && +value > 0 && +value < 65536 ? +value : undefined),
    'a port number from 1 to 65535',
  )
  const host = check('HOST', '127.0.0.1', (v) => (/^[\w.:-]+$/.test(v) ? v : undefined), 'an address or a host name')
  if (problems.length === 0) problems.push(...(await problemsOfAddress(host, port)))
  const publicUrl = check('PAGEWIRE_PUBLIC_URL', `http://localhost:${port}`, httpUrl, 'an http(s) URL')
  const graphUrl = check<string | undefined>('META_GRAPH_URL', undefined, httpUrl, 'an http(s) URL')
  const dialogUrl = check<string | undefined>('META_DIALOG_URL', undefined, httpUrl, 'an http(s) URL')
  const version = check(
    'META_GRAPH_VERSION',
    'v25.0',
    (v) => (/^v\d{1,3}\.\d{1,2}$/.test(v) ? v : undefined),
    'v25.0 or alike',
  )
  const roles = check<Role[]>('PAGEWIRE_ROLES', ['web', 'dispatch'], readRoles, 'web, dispatch or web,dispatch')
  const levels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']
  const logLevel = check('LOG_LEVEL', 'info', oneOf(levels), levels.join(', '))
  const databaseUrl = check<string | undefined>(
    'DATABASE_URL',
    undefined,
    // Several hosts, of which one is the primary, are no URL in the browser's sense.
    (value) =>
      /^postgres(ql)?:\/\/[^\s/?#]+(\/[^\s]*)?$/.test(value) && URL.canParse(firstHost(value)) ? value : undefined,
    'postgres://user:password@host:port/database',
  )
  const sid = secret('PAGEWIRE_ACCOUNT_SID', /^AC[0-9a-f]{32}$/, 'AC and 32 hex digits (lower case)')
  const authToken = secret('PAGEWIRE_AUTH_TOKEN', /^[0-9a-zA-Z]{32}$/, '32 letters or digits')
  const secretKey = secret('PAGEWIRE_SECRET_KEY', /^.{16,}$/, 'at least 16 characters')
  const adminEmail = secret('PAGEWIRE_ADMIN_EMAIL', /^[^\s@]+@[^\s@]+$/, 'an e-mail address')
  const adminPassword = secret('PAGEWIRE_ADMIN_PASSWORD', /^.{8,200}$/, '8 to 200 characters')
  if ((sid === undefined) !== (authToken === undefined)) {
    problems.push('PAGEWIRE_ACCOUNT_SID and PAGEWIRE_AUTH_TOKEN belong together: set both or neither')
  }

  const appId = secret('META_APP_ID', /^\d{1,25}$/, 'the digits of a Meta app id')
  const appSecret = text('META_APP_SECRET')
  const verifyToken = text('META_VERIFY_TOKEN')
  const loginConfigId = secret('META_LOGIN_CONFIG_ID', /^\d{5,25}$/, 'the digits of a configuration id')
  const sandbox = check('PAGEWIRE_SANDBOX', appId === undefined, onOff, 'on or off')
  const allowPrivateCallbacks = check('PAGEWIRE_ALLOW_PRIVATE_CALLBACKS', sandbox, onOff, 'true or false')
  const trustedProxies = check<string[]>(
    'PAGEWIRE_TRUSTED_PROXIES',
    [],
    readProxies,
    'addresses or ranges of proxies, such as 127.0.0.1,10.0.0.0/8',
  )
  const queueLimit = check('PAGEWIRE_QUEUE_LIMIT', 1_000_000, readQueueLimit, 'a number from 1 to 100000000')
  const retentionDays = check<Retention>(
    'PAGEWIRE_RETENTION_DAYS',
    TWILIO_KEEPS_DAYS,
    readRetention,
    'a number of days from 7 to 36500, or forever',
  )
  if (appId !== undefined) {
    if (appSecret === undefined)
      problems.push('META_APP_ID is set, META_APP_SECRET is not: webhooks could not be checked')
    if (verifyToken === undefined)
      problems.push('META_APP_ID is set, META_VERIFY_TOKEN is not: Meta could not subscribe')
  } else if (loginConfigId !== undefined) {
    problems.push('META_LOGIN_CONFIG_ID is set, META_APP_ID is not: it belongs to a Meta app')
  } else if (appSecret !== undefined || verifyToken !== undefined) {
    problems.push('META_APP_SECRET or META_VERIFY_TOKEN is set, META_APP_ID is not: set all three')
  } else if (!sandbox) {
    problems.push('PAGEWIRE_SANDBOX is off and META_APP_ID is unset: there is no Messenger to talk to; set one of them')
  }

  const dataDir = resolve(text('PAGEWIRE_DATA_DIR') ?? 'data')
  const media = readMediaSettings(environment, dataDir, retentionDays)
  problems.push(...media.problems, ...problemsOfDataDir(dataDir))
  if (problems.length > 0) throw new ConfigError(problems)
  const generated = readGenerated(dataDir)
  return {
    port,
    host,
    publicUrl,
    dataDir,
    databaseUrl,
    account: { sid: sid as AccountSid | undefined, authToken },
    generated,
    admin: { email: adminEmail ?? 'admin@localhost', password: adminPassword ?? generated.adminPassword },
    secretKey: secretKey ?? generated.secretKey,
    sandbox,
    allowPrivateCallbacks,
    trustedProxies,
    queueLimit,
    retentionDays,
    media: media.settings,
    metaApp:
      appId && appSecret && verifyToken
        ? { appId, appSecret, verifyToken, loginConfigId: loginConfigId ?? null }
        : undefined,
    graph: { url: graphUrl, version },
    dialogUrl,
    roles,
    logLevel,
  }
}

function httpUrl(value: string): string | undefined {
  const url = URL.canParse(value) ? new URL(value) : undefined
  if (!url || !/^https?:$/.test(url.protocol) || url.search || url.hash || url.username) return undefined
  return value.replace(/\/+$/, '')
}

/** By default; from 7 on it can be less (Twilio's help, "Twilio SMS message and traffic storage"). */
const TWILIO_KEEPS_DAYS = 400

function readProxies(value: string): string[] | undefined {
  const proxies = value.split(',').map((each) => each.trim())
  const isProxy = (text: string): boolean => {
    const [address = '', bits, ...rest] = text.split('/')
    const most = isIP(address) === 4 ? 32 : 128
    return isIP(address) > 0 && rest.length === 0 && (bits === undefined || (/^\d{1,3}$/.test(bits) && +bits <= most))
  }
  return proxies.every(isProxy) ? proxies : undefined
}

const readQueueLimit = (value: string): number | undefined =>
  /^\d{1,9}$/.test(value) && +value >= 1 && +value <= 100_000_000 ? +value : undefined

function readRetention(value: string): Retention | undefined {
  if (value.toLowerCase() === 'forever') return 'forever'
  return /^\d{1,5}$/.test(value) && +value >= 7 && +value <= 36_500 ? +value : undefined
}

function readRoles(value: string): Role[] | undefined {
  const roles = value.split(',').map((role) => role.trim())
  return roles.every((role): role is Role => role === 'web' || role === 'dispatch') ? [...new Set(roles)] : undefined
}
