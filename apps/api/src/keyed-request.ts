import { createHash } from 'node:crypto'
import type { KeyedRequest } from '@stockroom/domain/idempotency/keyed-request'
import type { Caller } from './caller.ts'
import { Problem } from './problem.ts'

/** What two requests must share to be the same one under one key. */
export interface Keyable {
  readonly method: string
  readonly path: string
  readonly body: unknown
}

/** Printable ASCII without space, comma and quote: API Gateway joins repeated headers with a comma. Starts with a letter or digit, so `__proto__` is none. */
const bareKey = /^[A-Za-z0-9][!#-+\--~]{0,254}$/
/** RFC 8941 string, as the IETF draft writes the key: `"8e03978e"`. */
const quotedKey = /^"((?:[ !#-[\]-~]|\\["\\])*)"$/

/**
 * The key of an Idempotency-Key header, bare or as a structured-field string; both forms name the same key.
 * @throws Problem 400 when it is missing, empty, over 255 characters, not printable ASCII, or given twice.
 */
export const readIdempotencyKey = (header: string | undefined): string => {
  if (header === undefined)
    throw new Problem(
      'idempotency.key_missing',
      'Send an Idempotency-Key header; a new UUID for each new request.',
    )
  const key = quotedKey.exec(header)?.[1]?.replaceAll(/\\(.)/g, '$1') ?? header
  if (!bareKey.test(key))
    throw new Problem(
      'idempotency.key_invalid',
      'An Idempotency-Key has 1 to 255 printable ASCII characters without space, comma or quote, begins with a letter or digit, and is sent once.',
    )
  return key
}

/** The request under its key; the fingerprint does not depend on the order of members, on white space or on how a number is written. */
export const keyedRequest = (
  caller: Caller,
  route: string,
  key: string,
  { method, path, body }: Keyable,
): KeyedRequest => ({
  ...caller,
  route,
  key,
  fingerprint: createHash('sha256')
    .update(JSON.stringify([method, path, canonical(body)]))
    .digest('hex'),
})

/** The same JSON with the members of each object sorted. Arrays of pairs, so that a member named `__proto__` stays a member. */
const canonical = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(canonical)
  if (typeof value !== 'object' || value === null) return value
  return {
    members: Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, member]) => [name, canonical(member)]),
  }
}
