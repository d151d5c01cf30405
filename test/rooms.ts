/** Which room may import from which: the table of docs/ARCHITECTURE.md ("Rooms"), as a pure function over one file. */
import { posix } from 'node:path'

const MAY_IMPORT: Record<string, readonly string[]> = {
  core: [],
  store: ['core'],
  jobs: ['core', 'store'],
  channels: ['core'],
  customer: ['core'],
  media: ['core', 'store', 'customer'],
  messaging: ['core', 'store', 'jobs', 'channels', 'customer', 'media'],
  webhooks: ['core', 'channels', 'messaging'],
  api: ['core', 'store', 'media', 'messaging'],
  inbox: ['core', 'store', 'messaging'],
  console: ['core', 'store', 'channels', 'messaging', 'inbox'],
  sandbox: ['core'],
}

/** All that the browser's pages may know of the server: their types alone. */
const CONTRACTS = ['src/console/contract.ts', 'src/sandbox/contract.ts']
const isContract = (path: string) => CONTRACTS.includes(path) || /^src\/console\/contract\/[^/]+\.ts$/.test(path)

export type Import = { specifier: string; isType: boolean }

const QUOTED = /(?<quote>['"`])(?<specifier>(?:(?!\k<quote>).)+)\k<quote>/.source
const FROM = new RegExp(
  `^\\s*(?:import|export)(?<type>\\s+type\\b(?!\\s*,|\\s+from))?[^'"\`;]*?\\bfrom\\s*${QUOTED}`,
  'gm',
)
const BARE = new RegExp(`^\\s*import\\s*${QUOTED}`, 'gm')
const DYNAMIC = new RegExp(`\\bimport\\(\\s*(?:${QUOTED}|[^'"\`\\s])`, 'g')

/** Static imports, re-exports and dynamic imports; types too. A dynamic import of no literal has an empty specifier. */
export function importsOf(source: string): Import[] {
  const code = source.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '')
  return [FROM, BARE, DYNAMIC].flatMap((form) =>
    [...code.matchAll(form)].map(({ groups }) => ({
      specifier: groups?.specifier ?? '',
      isType: groups?.type !== undefined,
    })),
  )
}

/** What is wrong with the imports of the file at this path below the project's folder. */
export function violationsOf(path: string, source: string): string[] {
  return importsOf(source).flatMap(({ specifier, isType }) => {
    if (specifier === '') return [`${path} imports what nobody can foresee`]
    const target = targetOf(path, specifier)
    return target === undefined || isAllowed(path, target, isType) ? [] : [`${path} imports ${specifier}`]
  })
}

/** Undefined for a package. */
function targetOf(path: string, specifier: string): string | undefined {
  if (specifier.startsWith('#')) return `src/${specifier.slice(1)}`
  if (specifier.startsWith('.')) return posix.join(posix.dirname(path), specifier)
  return undefined
}

function isAllowed(path: string, target: string, isType: boolean): boolean {
  const [top, room] = placeOf(path)
  const [targetTop, targetRoom] = placeOf(target)
  if (top === 'web') return targetTop === 'web' || (isType && isContract(target))
  if (targetTop === 'test') return path.endsWith('.test.ts')
  if (targetTop !== 'src') return false
  if (room === undefined || room === targetRoom) return true
  return targetRoom !== undefined && (MAY_IMPORT[room] ?? []).includes(targetRoom)
}

/** The topmost folder, and the room when it is in one. */
function placeOf(path: string): [top: string, room: string | undefined] {
  const [top = '', room, ...rest] = path.split('/')
  return [top, rest.length > 0 ? room : undefined]
}

export const isRoom = (name: string): boolean => name in MAY_IMPORT
