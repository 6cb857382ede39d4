import type * as z from 'zod/mini'
import type { ProblemDetails } from './problem.ts'

type Errors = NonNullable<ProblemDetails['errors']>

/** More would not help a caller, and would make the answer longer than the request. */
const maxErrors = 20

/** What a schema found wrong, in words: zod/mini brings none of its own, and its locales cost 24 ms of a cold start. Paths begin with params, query or body. */
export const schemaErrors = (issues: readonly z.core.$ZodIssue[]): Errors =>
  issues.slice(0, maxErrors).flatMap(errorsOf).slice(0, maxErrors)

const errorsOf = (issue: z.core.$ZodIssue): Errors =>
  issue.code === 'unrecognized_keys'
    ? issue.keys
        .slice(0, maxErrors)
        .map((key) => errorAt([...issue.path, key.slice(0, 64)], complaint(issue)))
    : [errorAt(issue.path, complaint(issue))]

const errorAt = (path: readonly PropertyKey[], complaint: string) => {
  const [part, ...members] = path.map(String)
  const pointer =
    part === 'body' ? bodyPointer(members) : `${part === 'params' ? 'path' : part}/${members.join('/')}`
  return { pointer, detail: `${members.length === 0 ? 'The body' : named(members)} ${complaint}.` }
}

/** RFC 6901 as a URI fragment: `#/lines/0/sku`. */
const bodyPointer = (members: readonly string[]): string =>
  ['#', ...members.map((m) => encodeURIComponent(m.replaceAll('~', '~0').replaceAll('/', '~1')))].join('/')

/** `lines[0].sku` */
const named = (members: readonly string[]): string =>
  members.map((m, i) => (/^\d+$/.test(m) ? `[${m}]` : i === 0 ? m : `.${m}`)).join('')

const complaint = (issue: z.core.$ZodIssue): string => {
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined ? 'is required' : `must be ${article(issue.expected)}`
    case 'too_small':
      return bound(issue.origin, issue.inclusive === false ? 'more than' : 'at least', issue.minimum)
    case 'too_big':
      return bound(issue.origin, issue.inclusive === false ? 'less than' : 'at most', issue.maximum)
    case 'invalid_format':
      return issue.pattern === undefined ? `must be a valid ${issue.format}` : `must match ${issue.pattern}`
    case 'not_multiple_of':
      return `must be a multiple of ${issue.divisor}`
    case 'invalid_value':
      return `must be ${issue.values.length === 1 ? '' : 'one of '}${issue.values.map(String).join(', ')}`
    case 'unrecognized_keys':
      return 'is not known here'
    case 'invalid_union':
    case 'invalid_key':
    case 'invalid_element':
      return 'has none of the allowed forms'
    case 'custom':
      return issue.message === '' || issue.message === 'Invalid input' ? 'is not allowed' : issue.message
    default:
      return issue satisfies never
  }
}

const article = (type: string): string => {
  if (type === 'int') return 'a whole number'
  return /^[aeiou]/.test(type) ? `an ${type}` : `a ${type}`
}

/** `must be at most 100`, `must have at least 1 item`. */
const bound = (origin: string, relation: string, limit: number | bigint): string => {
  const counted = { string: 'character', array: 'item', set: 'item' }[origin]
  if (counted === undefined) return `must be ${relation} ${limit}`
  return `must have ${relation} ${limit} ${counted}${Number(limit) === 1 ? '' : 's'}`
}
