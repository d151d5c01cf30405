import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseXml } from '@rgrove/parse-xml'
import fc from 'fast-check'
import { toCsv } from './csv.ts'
import { represent, representationOf, toJsonUrl } from './representation.ts'

const AC = `AC${'a'.repeat(32)}`
const ACCOUNT = `/2010-04-01/Accounts/${AC}`
const MEDIA = `${ACCOUNT}/Messages/MM${'b'.repeat(32)}/Media`
const FILE = `${MEDIA}/ME${'c'.repeat(32)}`

test('the suffix decides about the representation, and every one is routed as JSON', () => {
  const cases: [url: string, routed: string, representation: string][] = [
    [`${ACCOUNT}/Messages.json?Page=1`, `${ACCOUNT}/Messages.json?Page=1`, 'json'],
    [`${ACCOUNT}/Messages?Page=1`, `${ACCOUNT}/Messages.json?Page=1`, 'xml'],
    [`${ACCOUNT}/Messages.xml`, `${ACCOUNT}/Messages.json`, 'xml'],
    [`${ACCOUNT}/Messages.csv?To=a.json`, `${ACCOUNT}/Messages.json?To=a.json`, 'csv'],
    [ACCOUNT, `${ACCOUNT}.json`, 'xml'],
    [`${ACCOUNT}/Messages/`, `${ACCOUNT}/Messages/.json`, 'xml'],
    [`${MEDIA}`, `${MEDIA}.json`, 'xml'],
    [`${FILE}.json`, `${FILE}.json`, 'json'],
    [`${FILE}.xml`, `${FILE}.json`, 'xml'],
    ['/2010-04-01', '/2010-04-01', 'xml'],
    ['/2010-04-01?a', '/2010-04-01?a', 'xml'],
    ['/2010-04-01/', '/2010-04-01/', 'xml'],
    ['/2010-04-011/a', '/2010-04-011/a', 'json'],
    ['/messaging/v1/Services.xml', '/messaging/v1/Services.xml', 'json'],
    ['', '', 'json'],
  ]
  for (const [url, routed, representation] of cases) {
    assert.equal(toJsonUrl(url), routed, url)
    assert.equal(representationOf(url), representation, url)
  }
})

test('the file of a media keeps its URL, with whatever ending', () => {
  for (const url of [FILE, `${FILE}?Expires=1`, `${FILE}.jpg`, `${FILE}.csv`, `${FILE}.html`]) {
    assert.equal(toJsonUrl(url), url)
    assert.equal(representationOf(url), 'xml', 'its errors are XML, as of any URL without .json')
  }
})

const xml = (path: string, answer: object, isError = false) => represent('xml', path, answer, isError).text
const INSIDE = /^<\?xml version="1\.0" encoding="UTF-8"\?>\n<TwilioResponse>(.*)<\/TwilioResponse>$/s
const inside = (text: string) => INSIDE.exec(text)?.[1]

test('a resource is an element of its name, with an element for each value', () => {
  const message = {
    body: 'a <b> & "c"\r\n]]>',
    num_media: '0',
    price: null,
    error_code: 30001,
    empty: '',
    is_on: false,
    uri: `${ACCOUNT}/Messages/SM1.json`,
    usage_record_uri: `${ACCOUNT}/Usage/Records.json?Category=a.json`,
    subresource_uris: { media: `${ACCOUNT}/Messages/SM1/Media.json` },
    tags: { 'no name': 'x' },
  }
  assert.equal(
    inside(xml(`${ACCOUNT}/Messages.json`, message)),
    '<Message><Body>a &lt;b&gt; &amp; "c"&#13;\n]]&gt;</Body><NumMedia>0</NumMedia><Price/><ErrorCode>30001</ErrorCode>' +
      `<Empty/><IsOn>false</IsOn><Uri>${ACCOUNT}/Messages/SM1</Uri>` +
      `<UsageRecordUri>${ACCOUNT}/Usage/Records?Category=a.json</UsageRecordUri>` +
      `<SubresourceUris><Media>${ACCOUNT}/Messages/SM1/Media</Media></SubresourceUris>` +
      '<Tags>{"no name":"x"}</Tags></Message>',
  )
})

test('the name of a resource comes from its path', () => {
  const names: [path: string, name: string][] = [
    ['/2010-04-01/Accounts.json', 'Account'],
    [`${ACCOUNT}.json`, 'Account'],
    [`${ACCOUNT}/Messages/SM${'0'.repeat(32)}.json`, 'Message'],
    [`${FILE}.json`, 'Media'],
    [`${ACCOUNT}/SigningKeys.json`, 'SigningKey'],
    [`${ACCOUNT}/Usage/Triggers.json`, 'UsageTrigger'],
    [`${ACCOUNT}/Messages/SM${'0'.repeat(32)}/Feedback.json`, 'Feedback'],
    [`${ACCOUNT}/Balance.json`, 'Balance'],
    [`${ACCOUNT}/MediaSettings.json`, 'MediaSettings'],
    [`${ACCOUNT}/Usage/Triggers/UT${'0'.repeat(32)}/Callbacks.json`, 'Callbacks'],
  ]
  for (const [path, name] of names) assert.equal(inside(xml(path, {})), `<${name}></${name}>`, path)
})

const PAGE = {
  first_page_uri: `${ACCOUNT}/Messages.json?PageSize=2&Page=0`,
  end: 1,
  previous_page_uri: null,
  uri: `${ACCOUNT}/Messages.json?PageSize=2&Page=0`,
  page_size: 2,
  start: 0,
  next_page_uri: `${ACCOUNT}/Messages.json?PageSize=2&Page=1&PageToken=PASM1`,
  page: 0,
}

test('a list is an element with its pages as attributes', () => {
  const path = `${ACCOUNT}/Messages.json`
  assert.equal(
    inside(xml(path, { ...PAGE, messages: [{ sid: 'SM1' }, { sid: 'SM2' }] })),
    `<Messages page="0" pagesize="2" uri="${ACCOUNT}/Messages?PageSize=2&amp;Page=0"` +
      ` firstpageuri="${ACCOUNT}/Messages?PageSize=2&amp;Page=0" previouspageuri=""` +
      ` nextpageuri="${ACCOUNT}/Messages?PageSize=2&amp;Page=1&amp;PageToken=PASM1">` +
      '<Message><Sid>SM1</Sid></Message><Message><Sid>SM2</Sid></Message></Messages>',
  )
  assert.match(xml(path, { ...PAGE, media_list: [{ sid: 'ME1' }] }), /<MediaList [^>]*><Media><Sid>ME1/)
  assert.match(xml(path, { ...PAGE, usage_records: [{ usage: '1' }] }), /<UsageRecords [^>]*><UsageRecord><Usage>1/)
  assert.match(xml(path, { ...PAGE, accounts: [] }), /<Accounts [^>]*><\/Accounts>/)
})

test('an error is a RestException, whatever the path', () => {
  const error = { code: 20404, message: 'a & b', more_info: 'https://x', status: 404 }
  assert.equal(
    inside(xml('/2010-04-01/%3C.json', error, true)),
    '<RestException><Code>20404</Code><Message>a &amp; b</Message><MoreInfo>https://x</MoreInfo><Status>404</Status></RestException>',
  )
})

test('any text is well-formed XML, and comes back but for what XML cannot hold', () => {
  const unit = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 5 }),
    fc.constantFrom('\0', '\r\n', '\ud800', ']]>', '\uffff'),
  )
  fc.assert(
    fc.property(fc.array(unit), (parts) => {
      const body = parts.join('')
      const { root } = parseXml(xml(`${ACCOUNT}/Messages.json`, { body }))
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what XML cannot hold
      assert.equal(root?.text, body.toWellFormed().replace(/[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/g, '\ufffd'))
    }),
  )
})

test('CSV has a row for each item under the names of all values, and says where the next page is', () => {
  const messages = [
    { sid: 'SM1', body: '=1+1, "x"\nüé', price: null, subresource_uris: { media: '/m' }, uri: '/a.json' },
    { sid: 'SM2', body: '', price: null, subresource_uris: {}, uri: '/b.json', tags: { a: 'b' } },
  ]
  const { type, text, next } = represent('csv', `${ACCOUNT}/Messages.json`, { ...PAGE, messages }, false)
  assert.equal(type, 'text/csv; charset=utf-8')
  assert.equal(text, 'Sid,Body,Price,Uri,Tags\r\nSM1,"=1+1, ""x""\nüé",,/a,\r\nSM2,,,/b,"{""a"":""b""}"\r\n')
  assert.equal(next, `${ACCOUNT}/Messages.csv?PageSize=2&Page=1&PageToken=PASM1`)
})

test('an error and a single resource are one row of CSV, an empty list is nothing', () => {
  const error = { code: 20404, message: 'no', more_info: 'https://x', status: 404 }
  const of = (answer: object, isError: boolean) => represent('csv', '/2010-04-01/Accounts.json', answer, isError)
  assert.equal(of(error, true).text, 'Code,Message,MoreInfo,Status\r\n20404,no,https://x,404\r\n')
  assert.deepEqual(of({ sid: 'AC1' }, false), { type: 'text/csv; charset=utf-8', text: 'Sid\r\nAC1\r\n', next: null })
  assert.equal(of({ ...PAGE, accounts: [] }, false).text, '')
})

test('rows that lack a value have an empty cell for it', () => {
  assert.equal(toCsv([{ a: '1' }, { b: '\r' }]), 'a,b\r\n1,\r\n,"\r"\r\n')
})
