// Runs before the first paint, so that a dark window never flashes white. A file of its own, not a module, because the
// page's policy forbids inline scripts and modules run late. The key is the one in ui/theme.ts.
;(() => {
  let chosen = null
  try {
    chosen = localStorage.getItem('pagewire-color-scheme')
  } catch {}
  const dark = chosen === 'dark' || (chosen !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches)
  document.documentElement.setAttribute('data-mantine-color-scheme', dark ? 'dark' : 'light')
})()
