/** The console. So far its start page: where things are, how to get a first reply, and whether all is well. */
import { mount } from '../ui/mount.tsx'
import { StartPage } from './start-page.tsx'

mount(<StartPage />)
