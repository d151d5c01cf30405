/** The name of the TwiML bin that an absolute URL leads to; undefined when it leads elsewhere. */
export function binNameOf(url: string, publicUrl: string): string | undefined {
  const [target, base] = [URL.parse(url), new URL(publicUrl)]
  const beginning = `${base.pathname.replace(/\/+$/, '')}/bins/`
  if (target?.origin !== base.origin || !target.pathname.startsWith(beginning)) return undefined
  const name = target.pathname.slice(beginning.length)
  return name === '' || name.includes('/') ? undefined : decodeURI(name)
}
