/** The environment's word on media (docs/configuration.md, "Media"). Read once; every problem is told. */
import { isAbsolute, join } from 'node:path'

export type Place =
  | { kind: 'disk'; folder: string }
  | {
      kind: 's3'
      bucket: string
      /** Empty, or with a slash at its end. */
      prefix: string
      region: string
      /** Undefined: AWS itself. */
      endpoint: string | undefined
      /** Undefined: whatever the SDK finds, such as the machine's own role. */
      credentials: { accessKeyId: string; secretAccessKey: string; sessionToken?: string } | undefined
    }

export type MediaSettings = {
  place: Place
  /** Where files are made before they are complete. On the same disk as the folder of a `disk` place. */
  incoming: string
  maxBytes: number
  keptForDays: number | 'forever'
}

/** For a log line. */
export const nameOfPlace = (place: Place): string =>
  place.kind === 'disk' ? place.folder : `s3://${place.bucket}/${place.prefix}`

type Environment = Record<string, string | undefined>

const MEBIBYTE = 1024 * 1024
/** What Messenger takes and hands out (meta.md 2.3). */
const MAX_MB = 25

/** Nothing is kept for longer than `messagesKeptFor`, its message. */
export function readMediaSettings(
  environment: Environment,
  dataDir: string,
  messagesKeptFor: number | 'forever',
): { settings: MediaSettings; problems: string[] } {
  const problems: string[] = []
  const text = (name: string) => environment[name]?.trim() || undefined
  const whole = (name: string, most: number): number | undefined => {
    const value = text(name)
    if (value === undefined) return undefined
    if (/^\d{1,6}$/.test(value) && Number(value) >= 1 && Number(value) <= most) return Number(value)
    problems.push(`${name} is ${JSON.stringify(value)}: expected a whole number from 1 to ${most}`)
    return undefined
  }
  const place = readPlace(text, dataDir, problems)
  const settings: MediaSettings = {
    place,
    incoming: join(place.kind === 'disk' ? place.folder : join(dataDir, 'media'), 'incoming'),
    maxBytes: (whole('PAGEWIRE_MEDIA_MAX_MB', 1000) ?? MAX_MB) * MEBIBYTE,
    keptForDays: shorter(whole('PAGEWIRE_MEDIA_RETENTION_DAYS', 36_500) ?? 'forever', messagesKeptFor),
  }
  return { settings, problems }
}

const shorter = (one: number | 'forever', other: number | 'forever') =>
  one === 'forever' ? other : other === 'forever' ? one : Math.min(one, other)

function readPlace(text: (name: string) => string | undefined, dataDir: string, problems: string[]): Place {
  const wanted = text('PAGEWIRE_MEDIA_STORE') ?? 'disk'
  const endpoint = text('PAGEWIRE_S3_ENDPOINT')
  if (!wanted.startsWith('s3:')) {
    if (endpoint !== undefined) problems.push('PAGEWIRE_S3_ENDPOINT is set, PAGEWIRE_MEDIA_STORE is not s3://…')
    if (wanted !== 'disk' && !isAbsolute(wanted)) {
      problems.push(
        `PAGEWIRE_MEDIA_STORE is ${JSON.stringify(wanted)}: expected disk, an absolute folder or s3://bucket`,
      )
    }
    return { kind: 'disk', folder: isAbsolute(wanted) ? wanted : join(dataDir, 'media') }
  }
  const [, bucket = '', prefix = ''] =
    /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/([\w!.*'()/-]{0,200}))?$/.exec(wanted) ?? []
  if (bucket === '') problems.push('PAGEWIRE_MEDIA_STORE is not valid: expected s3://bucket or s3://bucket/prefix')
  if (endpoint !== undefined && !/^https?:\/\/[^\s@?#]+$/.test(endpoint)) {
    problems.push('PAGEWIRE_S3_ENDPOINT is not valid: expected an http(s) URL')
  }
  const [accessKeyId, secretAccessKey] = [text('AWS_ACCESS_KEY_ID'), text('AWS_SECRET_ACCESS_KEY')]
  if ((accessKeyId === undefined) !== (secretAccessKey === undefined)) {
    problems.push('AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY belong together: set both or neither')
  }
  const sessionToken = text('AWS_SESSION_TOKEN')
  return {
    kind: 's3',
    bucket,
    prefix: prefix.replace(/^\/+|\/+$/g, '').replace(/.$/, '$&/'),
    region: text('AWS_REGION') ?? text('AWS_DEFAULT_REGION') ?? 'us-east-1',
    endpoint,
    credentials:
      accessKeyId && secretAccessKey
        ? { accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) }
        : undefined,
  }
}
