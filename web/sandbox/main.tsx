/** The built-in Messenger's chat page. It knows its own server's API alone, and keeps its state in the address. */
import { mount } from '../ui/mount.tsx'
import { App } from './app.tsx'

mount(<App />)
