import { parsedJson } from './message-subject.ts'

/** Members and texts that no screen may show. Our own messages hold none; a message may not be our own. */
const secretName = /authorization|secret|signature|token|cookie|password/i
const secretText = /whsec_[A-Za-z0-9+/=]+|Bearer\s+[\w.~+/=-]+|eyJ[\w-]+\.[\w-]+\.[\w-]*/g

/** Text for a terminal: no secret, and no control character, by which a message could write what it likes on the screen. */
export const printable = (text: string): string =>
  text
    .replaceAll(secretText, '[redacted]')
    .replaceAll(
      /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu,
      (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
    )

/** A message's body for a terminal, on one line; cut after `limit` characters and saying so. */
export const printableBody = (body: string, limit: number): string => {
  const value = parsedJson(body)
  const text = printable(
    value === undefined
      ? body
      : JSON.stringify(value, (name, member) =>
          secretName.test(name) && member !== undefined ? '[redacted]' : member,
        ),
  )
  return text.length <= limit
    ? text
    : `${text.slice(0, limit)}… (${text.length.toLocaleString('en')} characters; --full shows all)`
}
