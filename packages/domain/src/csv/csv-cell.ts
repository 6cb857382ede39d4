/** What makes a spreadsheet read a cell as a formula; the full-width forms are turned into the plain ones on some locales' import. */
const formulaStart = /^[=+\-@\t\r\n＝＋－＠]/

/**
 * One cell of a CSV file that people open in a spreadsheet: text that would run as a formula gets a leading `'`
 * (OWASP "CSV Injection"), and quotes where RFC 4180 wants them.
 */
export const csvCell = (text: string): string => {
  const inert = formulaStart.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(inert) ? `"${inert.replaceAll('"', '""')}"` : inert
}
