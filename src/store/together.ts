/** Statements of one transaction that need nothing of each other. */

/**
 * Waits for all, then answers what they answer, or throws what was thrown first. In a transaction `Promise.all` would not
 * do: it throws while others are still at work, and what those begin after the rollback would be committed on its own.
 */
export async function together<Tasks extends readonly Promise<unknown>[]>(
  tasks: [...Tasks],
): Promise<{ [K in keyof Tasks]: Awaited<Tasks[K]> }> {
  const all = Promise.all(tasks)
  await Promise.allSettled([all, ...tasks])
  return await all
}
