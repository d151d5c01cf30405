import { useNavigate, useSearch } from '@tanstack/react-router'

export type Search = Record<string, string | undefined>

/** What the address says behind its question mark, and how to change some of it: an empty value takes it away. */
export const useAddress = (): [search: Search, change: (changes: Search, push?: boolean) => void] => {
  const search = useSearch({ strict: false }) as Search
  const navigate = useNavigate()
  const change = (changes: Search, push = false) =>
    void navigate({
      to: '.',
      search: ((now: Search) => ({ ...now, ...changes })) as never,
      replace: !push,
      resetScroll: false,
    })
  return [search, change]
}

export const queryOf = (search: Search): string => {
  const given = Object.entries(search).filter((entry): entry is [string, string] => Boolean(entry[1]))
  return new URLSearchParams(given).toString()
}
