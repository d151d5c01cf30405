/**
 * Loaded into a node's process before everything else (`--import`): the clock of its machine is wrong by `WRONG_BY_MS`.
 * Timers and `performance.now()` are as they were: they count what passes, and do not know what time it is.
 */
const wrongByMs = Number(process.env.WRONG_BY_MS)
if (!Number.isFinite(wrongByMs)) throw new Error('WRONG_BY_MS is not a number')

const RightDate = Date
const now = () => RightDate.now() + wrongByMs
globalThis.Date = new Proxy(RightDate, {
  construct: (target, given, asked) => Reflect.construct(target, given.length > 0 ? given : [now()], asked),
  apply: () => new RightDate(now()).toString(),
  get: (target, name) => (name === 'now' ? now : Reflect.get(target, name)),
})
Object.defineProperty(performance, 'timeOrigin', { value: performance.timeOrigin + wrongByMs })
