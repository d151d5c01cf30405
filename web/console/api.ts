/** The console's own API, and who is signed in. */
import { queryOptions, useQuery } from '@tanstack/react-query'
import type { AccountChoice, Me, Right } from '../../src/console/contract.ts'
import { texts } from '../texts/texts.ts'
import { RequestProblem, requestJson } from '../ui/http.ts'

const t = texts.console

/** `path` below `/console/api`. Throws `RequestProblem`, whose message is a sentence for people. */
export const call = <Answer>(method: string, path: string, body?: object): Promise<Answer> =>
  requestJson<Answer>(
    `/console/api${path}`,
    {
      method,
      ...(body !== undefined && { body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' } }),
    },
    { unreachable: t.unreachable, unexpected: t.unexpectedAnswer },
  )

export const get = <Answer>(path: string): Promise<Answer> => call<Answer>('GET', path)

/** Null when nobody is signed in. */
export const meQuery = queryOptions({
  queryKey: ['me'],
  queryFn: async (): Promise<Me | null> => {
    try {
      return await get<Me>('/session')
    } catch (problem) {
      if (problem instanceof RequestProblem && problem.status === 401) return null
      throw problem
    }
  },
  staleTime: 60_000,
})

/** Only below `<SignedIn>`, where somebody is. */
export const useMe = (): Me => useQuery(meQuery).data as Me

export const may = (account: Pick<AccountChoice, 'rights'> | undefined, right: Right): boolean =>
  account?.rights.includes(right) === true

/** The sentence of whatever went wrong. */
export const sentenceOf = (problem: unknown): string =>
  problem instanceof Error && problem.message !== '' ? problem.message : t.unexpectedAnswer(0)

/** For `error` of an input: the sentence, when it is about this input. */
export const problemOf = (problem: unknown, field: string): string | null =>
  problem instanceof RequestProblem && problem.field === field ? problem.message : null

/** For a line above a form: what is about no single input. */
export const generalProblem = (problem: unknown, ...fields: string[]): string | null => {
  if (problem === null || problem === undefined) return null
  if (problem instanceof RequestProblem && problem.field !== undefined && fields.includes(problem.field)) return null
  return sentenceOf(problem)
}
