/** The figures of one node: each measures Pagewire and what it is compared with, one after the other, in every round. */
import { type Bench, check, compared, drained, type Figure, job, type Rates, withGateway } from './bench.ts'
import { acceptRate, relayRate, roundRate } from './measure.ts'
import { load, median, percentile } from './processes.ts'
import { mostMb, watchMemory } from './usage.ts'
import { connectPages, createRequests, webhookRequests } from './world.ts'

const MAX_MB = 250

/** The first round warms up and does not count. */
export async function inRounds(bench: Bench, name: string, round: () => Promise<Rates>): Promise<Rates[]> {
  const rates: Rates[] = []
  for (let nth = 0; nth <= bench.rounds; nth += 1) {
    const { pagewire, other } = await round()
    if (nth > 0) rates.push({ pagewire, other })
    bench.log(`${name}: against ${Math.round(other)}/s, Pagewire ${Math.round(pagewire)}/s`)
  }
  return rates
}

export async function accept(bench: Bench): Promise<Figure> {
  const { count, bareAccept } = bench
  return await withGateway(bench, { PAGEWIRE_ROLES: 'web' }, async (gateway, sql) => {
    const rates = await inRounds(bench, 'accept', async () => {
      const bare = await load(job(bareAccept.port, createRequests(bareAccept.port, 4000), count))
      return { other: count / bare.seconds, pagewire: await acceptRate(bench, gateway, sql) }
    })
    return compared('accept: durable POST Messages.json', 'bare node:http', 0.8, rates)
  })
}

/** The rate, and the memory that the node needs for it. */
export async function relay(bench: Bench): Promise<[rate: Figure, memory: Figure]> {
  const { bareRelay } = bench
  return await withGateway(bench, {}, async (gateway, sql) => {
    const watch = watchMemory(gateway.process.pid)
    const rates = await inRounds(bench, 'relay', async () => {
      const bare = await roundRate(bench, bareRelay.port, createRequests(bareRelay.port, 4000), '201')
      return { other: bare, pagewire: await relayRate(bench, gateway, sql) }
    })
    const mb = mostMb(watch.stop())
    return [
      compared('relay: accept to sent and recorded', 'bare relay', 0.7, rates),
      { name: 'memory at full load', unit: 'MB', pagewire: mb, bound: { value: MAX_MB, kept: mb < MAX_MB } },
    ]
  })
}

/** With a callback URL on every Page: set before, and taken off after. */
export async function fullRound(bench: Bench): Promise<Figure> {
  const { count, bareRelay } = bench
  await setCallback(bench, { callback_url: `${bench.customer.url}/reply` })
  const figure = await withGateway(bench, {}, async (gateway, sql) => {
    // Webhooks must differ, where creates may repeat.
    const rates = await inRounds(bench, 'full round', async () => ({
      other: await roundRate(bench, bareRelay.port, webhookRequests(bareRelay.port, count), '200'),
      pagewire: await roundRate(bench, gateway.port, webhookRequests(gateway.port, count), '200', () => drained(sql)),
    }))
    const name = 'full round: webhook to callback to TwiML to send'
    return compared(name, 'bare program with the same three exchanges', 0.5, rates)
  })
  await setCallback(bench, { callback_url: null })
  return figure
}

/** How long Meta waits for its 200, at a steady rate: the median round's. */
export async function webhookLatency(bench: Bench): Promise<Figure> {
  return await withGateway(bench, {}, async (gateway, sql) => {
    const warm = await load(job(gateway.port, webhookRequests(gateway.port, 1000), 1000, 500))
    check(warm, '200', 1000)
    const rounds: number[] = []
    while (rounds.length < bench.rounds) {
      const result = await load(job(gateway.port, webhookRequests(gateway.port, 5000), 5000, 500))
      check(result, '200', 5000)
      await drained(sql)
      rounds.push(percentile(result.latenciesMs, 0.99))
      bench.log(`Meta's 200, p99: ${rounds.at(-1)?.toFixed(1)} ms`)
    }
    const p99 = median(rounds)
    return { name: "Meta's 200 at 500 events/s, p99", unit: 'ms', pagewire: p99, bound: { value: 50, kept: p99 < 50 } }
  })
}

/** From the webhook's first byte to the customer's server, at a steady rate: the median round's. */
export async function callbackLatency(bench: Bench): Promise<Figure[]> {
  await setCallback(bench, { callback_url: `${bench.customer.url}/arrive` })
  const rounds = await withGateway(bench, {}, async (gateway, sql) => {
    await load(job(gateway.port, webhookRequests(gateway.port, 400), 400, 200))
    await drained(sql)
    const delays: number[][] = []
    while (delays.length < bench.rounds) {
      await fetch(`${bench.customer.url}/arrivals`, { method: 'DELETE' })
      const result = await load(job(gateway.port, webhookRequests(gateway.port, 2000), 2000, 200))
      check(result, '200', 2000)
      await drained(sql)
      const arrivals = (await (await fetch(`${bench.customer.url}/arrivals`)).json()) as Record<string, number>
      delays.push(result.sentAt.map((sentAt, index) => (arrivals[`Hello ${index}`] ?? Number.NaN) - sentAt))
    }
    return delays
  })
  await setCallback(bench, { callback_url: null })
  const figure = (share: number, bound: number): Figure => {
    const value = median(rounds.map((delays) => percentile(delays, share)))
    const name = `webhook to customer's server at 200 events/s, p${share * 100}`
    return { name, unit: 'ms', pagewire: value, bound: { value: bound, kept: value < bound } }
  }
  return [figure(0.5, 10), figure(0.99, 60)]
}

/** Relay with a status callback on every Page, against relay without. */
export async function withStatusCallbacks(bench: Bench, without: Figure): Promise<Figure> {
  await setCallback(bench, { status_callback_url: `${bench.customer.url}/status` })
  const [figure] = await relay(bench)
  await setCallback(bench, { status_callback_url: null })
  const ratio = figure.pagewire / without.pagewire
  return {
    name: 'relay with a status callback per message',
    unit: 'per second',
    pagewire: figure.pagewire,
    against: { name: 'relay without', value: without.pagewire, ratio, reach: 0.6 },
  }
}

async function setCallback(bench: Bench, webhook: object): Promise<void> {
  await withGateway(bench, {}, async (gateway) => connectPages(gateway, webhook))
}
