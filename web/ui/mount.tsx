import { MantineProvider } from '@mantine/core'
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { type ReactNode, StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import './mantine.css'
import './tokens.css'
import { colorSchemeManager, theme } from './theme.ts'

/** What both pages share around their content. */
export const mount = (page: ReactNode): void => {
  const queryClient = new QueryClient({ defaultOptions: { queries: { retry: 1, networkMode: 'always' } } })
  createRoot(document.getElementById('root')!).render(
    <StrictMode>
      <MantineProvider theme={theme} colorSchemeManager={colorSchemeManager} defaultColorScheme="auto">
        <QueryClientProvider client={queryClient}>{page}</QueryClientProvider>
      </MantineProvider>
    </StrictMode>,
  )
}
