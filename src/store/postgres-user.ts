/**
 * As whom the embedded PostgreSQL runs. It refuses root, and its initdb refuses a user that has no name: then it runs in
 * a user namespace in which we are somebody else, or, where that is forbidden, root starts it as that user in earnest.
 */
import { execFile } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import { dirname } from 'node:path'
import { promisify } from 'node:util'

/** What goes before a command of PostgreSQL's, and whose process it is when it is not ours. */
export type RunAs = { prefix: string[]; ids?: { uid: number; gid: number } }

/** What the choice depends on. */
export type Machine = {
  /** Undefined where there are no user ids. */
  uid: number | undefined
  hasName: boolean
  /** The text of /etc/passwd. */
  passwd: string
  /** The program of util-linux. */
  unshare: string
  succeeds: (program: string, args: string[], ids?: RunAs['ids']) => Promise<boolean>
}

const NOBODY = { uid: 65534, gid: 65534 }

/** `home` is the data folder, which the user must be able to reach; `program` one of PostgreSQL's, to try. */
export async function chooseUser(home: string, program: string, machine: Machine = thisMachine()): Promise<RunAs> {
  const { uid, hasName, succeeds } = machine
  if (uid === undefined || (uid !== 0 && hasName)) return { prefix: [] }
  const ids = ordinaryUser(machine.passwd)
  const prefix = [machine.unshare, '--user', `--map-user=${ids.uid}`, `--map-group=${ids.gid}`]
  if (await succeeds(prefix[0] as string, [...prefix.slice(1), program, '--version'])) return { prefix }
  if (uid !== 0) {
    throw new Error(
      `PostgreSQL does not run as a user without a name, and user namespaces are forbidden here: give uid ${uid} ` +
        'a line in /etc/passwd, or set DATABASE_URL',
    )
  }
  // As arguments, not as text: a path may hold whatever a shell would act on.
  const reach = ['-c', 'cd "$1" && exec "$2" --version', 'sh', dirname(home), program]
  if (await succeeds('/bin/sh', reach, ids)) return { prefix: [], ids }
  throw new Error(
    'PostgreSQL does not run as root, user namespaces are forbidden here, and other users cannot reach ' +
      `${home} or ${program}: start Pagewire as an ordinary user, or set DATABASE_URL`,
  )
}

/** `nobody` where it is listed, else whoever is and is not root. */
export function ordinaryUser(passwd: string): { uid: number; gid: number } {
  const users = passwd
    .split('\n')
    .map((line) => line.split(':'))
    .map(([, , uid, gid]) => ({ uid: Number(uid), gid: Number(gid) }))
    .filter(({ uid, gid }) => uid > 0 && gid > 0)
  return users.find(({ uid }) => uid === NOBODY.uid) ?? users[0] ?? NOBODY
}

function thisMachine(): Machine {
  const quietly = <T>(read: () => T, otherwise: T): T => {
    try {
      return read()
    } catch {
      return otherwise
    }
  }
  return {
    uid: process.getuid?.(),
    hasName: quietly(() => Boolean(userInfo().username), false),
    passwd: quietly(() => readFileSync('/etc/passwd', 'utf8'), ''),
    // A PATH may hold Node and npm alone.
    unshare: ['/usr/bin/unshare', '/bin/unshare'].find((path) => existsSync(path)) ?? 'unshare',
    succeeds: (program, args, ids) =>
      promisify(execFile)(program, args, { ...ids }).then(
        () => true,
        () => false,
      ),
  }
}
