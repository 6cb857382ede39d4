import type { SQSRecord } from 'aws-lambda'
import { compileEventPattern, type Matches } from './event-pattern.ts'

/** A mapping's filters: the JSON texts of `FilterCriteria.Filters[].Pattern`. A record passes when one of them matches. */
export type FilterCriteria = readonly string[]

const parsePattern = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new Error(`Filter pattern is not JSON: ${text}`, { cause })
  }
}

/** Compiles the filters of a stream; no filter lets every record pass. Throws on a pattern that it cannot evaluate. */
export const compileStreamFilter = (criteria: FilterCriteria | undefined): Matches => {
  if (!criteria || criteria.length === 0) return () => true
  const patterns = criteria.map((text) => compileEventPattern(parsePattern(text)))
  return (record) => patterns.some((matches) => matches(record))
}

/**
 * Compiles the filters of a queue. A pattern with fields under `body` sees the body as JSON, and a body that is no JSON object
 * does not match it; a pattern with a list under `body` sees the text, and a JSON object does not match it.
 */
export const compileQueueFilter = (
  criteria: FilterCriteria | undefined,
): ((record: SQSRecord) => boolean) => {
  if (!criteria || criteria.length === 0) return () => true
  const patterns = criteria.map((text) => {
    const pattern = parsePattern(text)
    const matches = compileEventPattern(pattern)
    const wantsText =
      typeof pattern === 'object' && pattern !== null && 'body' in pattern && Array.isArray(pattern.body)
    return { matches, wantsText }
  })
  return (record) => {
    const body = jsonObject(record.body)
    return patterns.some(({ matches, wantsText }) =>
      matches({ ...record, body: wantsText ? (body ? undefined : record.body) : body }),
    )
  }
}

const jsonObject = (text: string): object | undefined => {
  if (!text.trimStart().startsWith('{')) return undefined
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
