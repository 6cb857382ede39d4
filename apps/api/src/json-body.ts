import { Problem } from './problem.ts'

/** Bytes of a body: an order of 1,000 lines has 60,000. API Gateway itself lets 10 MB through. */
export const maxBodyBytes = 1_048_576
/** Levels of nesting; no schema of the API goes deeper than five. */
const maxDepth = 32

/**
 * The JSON value of a body. Counts the bytes that came and not those that a header announces.
 * @throws Problem 413 over 1 MiB, 415 when it is not plain JSON, 400 when it is not UTF-8, not JSON or nested too deep.
 */
export const readJsonBody = (
  body: Uint8Array,
  contentType: string | undefined,
  contentEncoding?: string,
): unknown => {
  if (body.byteLength > maxBodyBytes)
    throw new Problem('request.too_large', `A body has at most ${maxBodyBytes} bytes.`)
  if (
    !/^application\/json\s*(;\s*charset="?utf-8"?\s*)?$/i.test(contentType ?? '') ||
    contentEncoding !== undefined
  )
    throw new Problem(
      'request.unsupported_media_type',
      'Send the body as application/json without Content-Encoding.',
    )
  const value = parse(body)
  if (deeperThan(maxDepth, value))
    throw new Problem('request.unreadable', `The body is nested deeper than ${maxDepth} levels.`)
  return value
}

const parse = (body: Uint8Array): unknown => {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body))
  } catch {
    throw new Problem('request.unreadable', 'The body is not JSON in UTF-8.')
  }
}

/** Recursion ends at `levels`, however deep the value goes. */
const deeperThan = (levels: number, value: unknown): boolean =>
  typeof value === 'object' &&
  value !== null &&
  (levels === 0 || Object.values(value).some((member) => deeperThan(levels - 1, member)))
