/** ISO 8601 to the second, as all products but the 2010 API write dates (twilio.md 0.3). */
export const iso8601 = (date: Date): string => `${date.toISOString().slice(0, 19)}Z`
