/** Patterns of texts that customers give, for schemas: each is one that PostgreSQL keeps. */

/** No control character and no half of a surrogate pair: what a label may hold. */
export const LABEL = '^[^\\p{Cc}\\p{Cs}]*$'
/** Not blank, which Meta would not send; line breaks are welcome. */
export const SPOKEN = '^[^\\0\\p{Cs}]*[^\\s\\0\\p{Cs}][^\\0\\p{Cs}]*$'
