/**
 * Builds the two pages into web/dist: the console (`/`) and the built-in Messenger (`/sandbox/…`). Nothing in the built
 * HTML is inline, as the gateway's Content-Security-Policy allows scripts from files alone.
 */
import react from '@vitejs/plugin-react'
import { defineConfig, type Plugin } from 'vite'

const gateway = process.env.PAGEWIRE_PUBLIC_URL ?? 'http://localhost:8080'

/** In development, what the gateway does for `/sandbox/…`: every path of the chat page is the same HTML. */
const sandboxPaths: Plugin = {
  name: 'sandbox-paths',
  configureServer(server) {
    server.middlewares.use((request, _response, next) => {
      if (/^\/sandbox\/(m\/[^/?]*|(v[\d.]+\/)?dialog\/oauth)?(\?|$)/.test(request.url ?? ''))
        request.url = '/sandbox/index.html'
      next()
    })
  },
}

export default defineConfig({
  root: import.meta.dirname,
  base: '/',
  appType: 'mpa',
  plugins: [react(), sandboxPaths],
  server: { proxy: { '^/(sandbox/(api|graph|cdn)|console/api|readyz)': gateway } },
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      input: {
        console: `${import.meta.dirname}/index.html`,
        sandbox: `${import.meta.dirname}/sandbox/index.html`,
      },
      output: {
        codeSplitting: {
          groups: [
            { name: 'react', test: /node_modules[\\/](react|react-dom|scheduler)[\\/]/ },
            { name: 'query', test: /node_modules[\\/]@tanstack[\\/]/ },
          ],
        },
      },
    },
  },
})
