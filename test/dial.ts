/** The built-in Messenger's clock, faults and ledger, through its API. */
import type { Clock, FaultName, FaultSetting, Ledger, LedgerEntry, TokenState } from '../src/sandbox/contract.ts'

async function ask<T>(url: string, method = 'GET', body?: object): Promise<T> {
  const response = await fetch(url, {
    method,
    ...(body && { headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) }),
  })
  const text = await response.text()
  if (!response.ok) throw new Error(`${method} ${url}: ${response.status} ${text}`)
  return (text ? JSON.parse(text) : undefined) as T
}

export const dialOf = (gatewayUrl: string) => {
  const api = `${gatewayUrl}/sandbox/api`
  return {
    clock: () => ask<Clock>(`${api}/clock`),
    advance: (advanceMs: number) => ask<Clock>(`${api}/clock`, 'POST', { advanceMs }),
    setFault: (pageId: string, name: FaultName, setting: FaultSetting = {}) =>
      ask(`${api}/faults/${pageId}/${name}`, 'PUT', setting),
    clearFaults: () => ask(`${api}/faults`, 'DELETE'),
    setToken: (pageId: string, state: TokenState) => ask(`${api}/pages/${pageId}/token`, 'PUT', { state }),
    /** All of it. */
    async ledger(pageId: string): Promise<LedgerEntry[]> {
      const entries: LedgerEntry[] = []
      let after = ''
      for (;;) {
        const part: Ledger = await ask(`${api}/ledger?page=${pageId}${after}`)
        entries.push(...part.messages)
        if (part.next === null) return entries
        after = `&after=${part.next}`
      }
    },
  }
}
