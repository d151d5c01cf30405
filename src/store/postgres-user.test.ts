import assert from 'node:assert/strict'
import { test } from 'node:test'
import { chooseUser, type Machine, ordinaryUser } from './postgres-user.ts'

const PASSWD =
  'root:x:0:0:root:/root:/bin/sh\napp:x:1000:1000::/app:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n'

type Tried = [program: string, args: string[], ids?: unknown]

/** A machine on which only what `works` accepts succeeds. */
function machine(facts: Partial<Machine>, works: (program: string) => boolean) {
  const tried: Tried[] = []
  const succeeds: Machine['succeeds'] = async (program, args, ids) => {
    tried.push(ids ? [program, args, ids] : [program, args])
    return works(program)
  }
  return { tried, machine: { uid: 0, hasName: true, passwd: PASSWD, unshare: 'unshare', succeeds, ...facts } }
}

const never = () => false

test('an ordinary user runs PostgreSQL as itself, and so does a system without user ids', async () => {
  for (const uid of [1000, undefined]) {
    const { machine: here, tried } = machine({ uid }, never)
    assert.deepEqual(await chooseUser('/data', '/bin/initdb', here), { prefix: [] })
    assert.deepEqual(tried, [])
  }
})

test('root runs it in a user namespace, as a user that is listed', async () => {
  const { machine: here, tried } = machine({}, (program) => program === 'unshare')

  const { prefix, ids } = await chooseUser('/root/my data', '/opt/pg/initdb', here)

  assert.deepEqual(prefix, ['unshare', '--user', '--map-user=65534', '--map-group=65534'])
  assert.equal(ids, undefined)
  assert.deepEqual(tried, [['unshare', [...prefix.slice(1), '/opt/pg/initdb', '--version']]])
})

test('where namespaces are forbidden or unshare is missing, root starts it as nobody, who must reach folder and program', async () => {
  const { machine: here, tried } = machine({}, (program) => program === '/bin/sh')

  assert.deepEqual(await chooseUser('/srv/a $(touch x) b/data', '/opt/pg/initdb', here), {
    prefix: [],
    ids: { uid: 65534, gid: 65534 },
  })
  const [, [, args, ids]] = tried as [Tried, Tried]
  assert.deepEqual(ids, { uid: 65534, gid: 65534 })
  assert.deepEqual(args.slice(3), ['/srv/a $(touch x) b', '/opt/pg/initdb'], 'the path is never read by the shell')
})

test('when nothing is possible, root is told what to do', async () => {
  const { machine: here } = machine({}, never)
  await assert.rejects(
    chooseUser('/root/data', '/root/pg/initdb', here),
    /cannot reach \/root\/data or \/root\/pg\/initdb: start Pagewire as an ordinary user, or set DATABASE_URL/,
  )
})

test('a user without a name borrows one in a user namespace, or is told how to get one', async () => {
  const facts = { uid: 12345, hasName: false }
  const allowed = machine(facts, (program) => program === 'unshare')
  assert.equal((await chooseUser('/data', '/bin/initdb', allowed.machine)).prefix[0], 'unshare')
  await assert.rejects(
    chooseUser('/data', '/bin/initdb', machine(facts, never).machine),
    /give uid 12345 a line in \/etc\/passwd, or set DATABASE_URL/,
  )
})

test('the ordinary user is nobody where listed, else the first that is not root', () => {
  assert.deepEqual(ordinaryUser(PASSWD), { uid: 65534, gid: 65534 })
  assert.deepEqual(ordinaryUser('root:x:0:0::/:/bin/sh\nnode:x:1000:1001::/:/bin/sh\n'), { uid: 1000, gid: 1001 })
  assert.deepEqual(ordinaryUser(''), { uid: 65534, gid: 65534 })
})
