import { texts } from '../texts/texts.ts'

const { accountSid, authToken, from, to, body } = texts.console.start.placeholders

export type Snippet = { language: string; code: (baseUrl: string) => string }

/** One message through the API, in the languages people come with. */
export const SNIPPETS: Snippet[] = [
  {
    language: 'Node.js',
    code: (baseUrl) => `import twilio from 'twilio'

const client = twilio('${accountSid}', '${authToken}')
client.api.baseUrl = '${baseUrl}'

const message = await client.messages.create({
  from: '${from}',
  to: '${to}',
  body: '${body}',
})
console.log(message.sid, message.status)`,
  },
  {
    language: 'Python',
    code: (baseUrl) => `from twilio.rest import Client

client = Client("${accountSid}", "${authToken}")
client.api.base_url = "${baseUrl}"

message = client.messages.create(
    from_="${from}",
    to="${to}",
    body="${body}",
)
print(message.sid, message.status)`,
  },
  {
    language: 'curl',
    code: (baseUrl) => `curl '${baseUrl}/2010-04-01/Accounts/${accountSid}/Messages.json' \\
  -u '${accountSid}:${authToken}' \\
  --data-urlencode 'From=${from}' \\
  --data-urlencode 'To=${to}' \\
  --data-urlencode 'Body=${body}'`,
  },
]
