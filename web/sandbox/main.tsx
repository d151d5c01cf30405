/** The built-in Messenger's chat page. It knows its own server's API alone, and keeps its state in the address. */
import { lazy, Suspense } from 'react'
import { mount } from '../ui/mount.tsx'
import { App } from './app.tsx'
import { isLoginDialog } from './place.ts'

const LoginDialog = lazy(async () => ({ default: (await import('./login-dialog.tsx')).LoginDialog }))

mount(
  isLoginDialog(window.location.pathname) ? (
    <Suspense>
      <LoginDialog />
    </Suspense>
  ) : (
    <App />
  ),
)
