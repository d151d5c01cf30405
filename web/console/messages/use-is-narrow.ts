import { useMediaQuery } from '@mantine/hooks'

/** Where a table has no room for its columns. The same width as in the style sheets. */
export const useIsNarrow = (): boolean => useMediaQuery('(max-width: 860px)', false, { getInitialValueInEffect: false })
