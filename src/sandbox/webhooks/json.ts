/**
 * JSON as Meta writes it (meta.md 1.3, 3.1): pure ASCII with `\/`; webhooks escape a few characters more. A signature
 * covers the escaped bytes, so a receiver that decodes and encodes again cannot verify it.
 */
const escapeUnit = (unit: string): string => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`

/** For answers of the Graph API. */
export const graphJson = (value: unknown): string =>
  JSON.stringify(value)
    .replaceAll('/', '\\/')
    .replace(/[\u007f-\uffff]/g, escapeUnit)

/** For webhook bodies. The two spellings of hexadecimal are Meta's own. */
export const webhookJson = (value: unknown): string =>
  graphJson(value).replaceAll('<', '\\u003C').replaceAll('%', '\\u0025').replaceAll('@', '\\u0040')
