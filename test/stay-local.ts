/** Loaded before every test file: a connection to anywhere but this machine is an error. */
import { type LookupFunction, Socket } from 'node:net'

const LOCAL = /^(localhost|127\.\d+\.\d+\.\d+|::1|::ffff:127\.\d+\.\d+\.\d+|.+\.localhost)$/

type ConnectOptions = { host?: string; path?: string; port?: number | string; lookup?: LookupFunction }

const connect = Socket.prototype.connect
Socket.prototype.connect = function (this: Socket, ...args: unknown[]) {
  // Node calls it with its own normalised array too.
  const [first] = Array.isArray(args[0]) ? (args[0] as unknown[]) : args
  const options: ConnectOptions =
    typeof first === 'object' && first !== null ? first : { host: String(args[1] ?? 'localhost') }
  const { lookup } = options
  if (lookup) {
    // A test's own name server: what counts is the address that it gives.
    options.lookup = (hostname, how, done) =>
      lookup(hostname, how, (error, addresses, family) => {
        const given = Array.isArray(addresses) ? addresses.map((each) => each.address) : [addresses]
        const foreign = error ? undefined : given.find((address) => !LOCAL.test(address))
        done(foreign ? new Error(`a test may not connect to ${foreign}`) : error, addresses, family)
      })
  } else if (!options.path && options.host !== undefined && !LOCAL.test(options.host)) {
    throw new Error(`a test may not connect to ${options.host}`)
  }
  return Reflect.apply(connect, this, args) as Socket
}
