/**
 * Rows as CSV (RFC 4180), the names of the columns first. Values are as they are, also those that a spreadsheet would
 * take for a formula: whoever reads this is a program that wants what was written (docs/TWILIO-COMPATIBILITY.md says so).
 */
export function toCsv(rows: Record<string, string>[]): string {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))]
  if (columns.length === 0) return ''
  const lines = [columns, ...rows.map((row) => columns.map((column) => row[column] ?? ''))]
  return lines.map((cells) => `${cells.map(cell).join(',')}\r\n`).join('')
}

const cell = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text)
