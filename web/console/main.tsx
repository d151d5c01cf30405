/** The console: one page, whose address holds all that is chosen in it. */
import { Notifications } from '@mantine/notifications'
import { RouterProvider } from '@tanstack/react-router'
import { mount } from '../ui/mount.tsx'
import { router } from './router.tsx'

mount(
  <>
    <Notifications position="bottom-right" />
    <RouterProvider router={router} />
  </>,
)
