/** A process that does nothing but send the webhooks of the database in argv[2]: to be killed. */
import { startNode } from './world.ts'

await startNode({ url: process.argv[2]! })
