// Sends to Pagewire what a Node program believes to send to Twilio. No line of the program changes:
//   PAGEWIRE_URL=http://localhost:8080 NODE_OPTIONS="--require /path/to/to-pagewire.cjs" twilio api:core:messages:list
const http = require('node:http')
const https = require('node:https')
const { urlToHttpOptions } = require('node:url')

const base = new URL(process.env.PAGEWIRE_URL ?? 'http://localhost:8080')
const own = base.protocol === 'https:' ? https.request : http.request
const direct = https.request

https.request = (...given) => {
  const rest = [...given]
  const callback = typeof rest.at(-1) === 'function' ? rest.pop() : undefined
  const [first, second] = rest
  const isUrl = typeof first === 'string' || first instanceof URL
  const wanted = isUrl ? { ...urlToHttpOptions(new URL(first)), ...second } : first
  const [, product] = /^(\w+)\.(?:[\w-]+\.)*twilio\.com$/.exec(wanted.hostname ?? wanted.host ?? '') ?? []
  if (!product) return direct(...given)
  const prefix = base.pathname.replace(/\/$/, '') + (product === 'api' ? '' : `/${product}`)
  const place = { protocol: base.protocol, host: base.hostname, hostname: base.hostname, port: base.port }
  return own({ ...wanted, ...place, path: prefix + wanted.path, agent: undefined, agents: undefined }, callback)
}
