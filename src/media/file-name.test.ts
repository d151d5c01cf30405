import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { dispositionOf, readFileName } from './file-name.ts'

test('a name is found in the header, else at the end of the path', () => {
  const cases: [disposition: string | undefined, url: string, name: string | null][] = [
    ['attachment; filename="menu.pdf"', 'http://x/other.pdf', 'menu.pdf'],
    ['attachment; filename=menu.pdf', 'http://x/', 'menu.pdf'],
    ['attachment; filename="a \\"b\\".pdf"', 'http://x/', 'a b.pdf'],
    [`attachment; filename="a.pdf"; filename*=UTF-8''Men%C3%BC.pdf`, 'http://x/', 'Menü.pdf'],
    ['attachment; filename="MenÃ¼.pdf"', 'http://x/', 'Menü.pdf'],
    ['attachment; filename="../../etc/passwd"', 'http://x/', 'passwd'],
    ['attachment; filename="C:\\\\temp\\\\a.txt"', 'http://x/', 'a.txt'],
    ['attachment; filename="..."', 'http://x/b.txt', 'b.txt'],
    ['attachment; filename=".htaccess"', 'http://x/', 'htaccess'],
    ['attachment; filename="evil\u202Egnp.exe"', 'http://x/', 'evilgnp.exe'],
    ['inline', 'http://x/v/t1/%C3%BC.png?oh=1', 'ü.png'],
    [undefined, 'https://cdn.example/owl.png?x=a.gif', 'owl.png'],
    [undefined, 'https://cdn.example/media/8472', null],
    [undefined, 'https://cdn.example/a%ZZ.png', 'a%ZZ.png'],
    [undefined, 'nonsense', null],
  ]
  for (const [disposition, url, name] of cases)
    assert.equal(readFileName(disposition, url), name, `${disposition} ${url}`)
  const long = readFileName(`attachment; filename="${'x'.repeat(500)}.pdf"`, 'http://x/') ?? ''
  assert.deepEqual([long.length, long.slice(-5)], [120, 'x.pdf'])
})

test('a header shows what can do no harm, offers the rest, and always has a name', () => {
  assert.equal(dispositionOf('image/png', 'owl.png', 'ME1'), 'inline; filename="owl.png"')
  assert.equal(dispositionOf('audio/mp4', null, 'ME1'), 'inline; filename="ME1.m4a"')
  assert.equal(dispositionOf('text/html', null, 'ME1'), 'attachment; filename="ME1.bin"')
  assert.equal(dispositionOf('image/svg+xml', 'a.svg', 'ME1'), 'attachment; filename="a.svg"')
  assert.equal(
    dispositionOf('application/pdf', "Menü (1)'s.pdf", 'ME1'),
    `attachment; filename="Men_ (1)'s.pdf"; filename*=UTF-8''Men%C3%BC%20%281%29%27s.pdf`,
  )
})

test('whatever a server calls a file, the name fits into a header and names no folder', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.webUrl(), (text, url) => {
      const name = readFileName(`attachment; filename="${text}"`, url)
      assert.match(
        dispositionOf('image/png', name, 'ME1'),
        /^inline; filename="[\x20\x21\x23-\x7e]+"(; filename\*=UTF-8''[\w.!~%&+-]+)?$/,
      )
      assert.doesNotMatch(name ?? '', /[/\\\p{Cc}]|^\./u)
    }),
  )
})
