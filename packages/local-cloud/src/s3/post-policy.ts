import { S3Error } from './s3-error.ts'
import { isRecord } from './xml.ts'

type Condition =
  | { readonly kind: 'eq' | 'starts-with'; readonly field: string; readonly value: string }
  | { readonly kind: 'content-length-range'; readonly min: number; readonly max: number }

/** A decoded POST policy. */
export interface PostPolicy {
  /** Milliseconds since the epoch. */
  readonly expiresAt: number
  readonly conditions: readonly Condition[]
}

const malformed = (reason: string): S3Error =>
  new S3Error('InvalidPolicyDocument', `Invalid Policy: ${reason}`)

const violation = (reason: string): S3Error =>
  new S3Error('AccessDenied', `Invalid according to Policy: ${reason}`)

const integer = (value: unknown): number => {
  const number = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value
  if (typeof number === 'number' && Number.isSafeInteger(number) && number >= 0) return number
  throw malformed('Invalid content-length-range')
}

const conditionsOf = (condition: unknown): readonly Condition[] => {
  if (isRecord(condition)) {
    return Object.entries(condition).map(([field, value]) => {
      if (typeof value !== 'string') throw malformed('Invalid Simple-Condition: value must be a string.')
      return { kind: 'eq', field: field.toLowerCase(), value }
    })
  }
  if (!Array.isArray(condition) || condition.length !== 3) throw malformed('Invalid condition.')
  const [operator, first, second]: readonly unknown[] = condition
  const kind = typeof operator === 'string' ? operator.toLowerCase() : undefined
  if (kind === 'content-length-range') return [{ kind, min: integer(first), max: integer(second) }]
  if (kind !== 'eq' && kind !== 'starts-with')
    throw malformed(`Unknown operator ${JSON.stringify(operator)}.`)
  if (typeof first !== 'string' || !first.startsWith('$') || typeof second !== 'string') {
    throw malformed('Invalid condition.')
  }
  return [{ kind, field: first.slice(1).toLowerCase(), value: second }]
}

/** Decodes the base64 of a form's `policy` field. Throws InvalidPolicyDocument. */
export const parsePolicy = (encoded: string): PostPolicy => {
  let document: unknown
  try {
    document = JSON.parse(Buffer.from(encoded, 'base64').toString('utf8'))
  } catch {
    throw malformed('Invalid JSON.')
  }
  if (!isRecord(document)) throw malformed('Invalid JSON.')
  const expiresAt = typeof document.expiration === 'string' ? Date.parse(document.expiration) : Number.NaN
  if (Number.isNaN(expiresAt)) throw malformed('Invalid expiration.')
  if (!Array.isArray(document.conditions)) throw malformed('Policy missing conditions.')
  return { expiresAt, conditions: document.conditions.flatMap(conditionsOf) }
}

const holds = (condition: Condition, value: string | undefined): boolean => {
  if (condition.kind === 'content-length-range') return true
  if (value === undefined) return false
  if (condition.kind === 'eq') return value === condition.value
  // S3 reads several content types, separated by commas, as a list of which each must match.
  const values = condition.field === 'content-type' ? value.split(',').map((item) => item.trim()) : [value]
  return values.every((item) => item.startsWith(condition.value))
}

const describe = (condition: Exclude<Condition, { kind: 'content-length-range' }>): string =>
  JSON.stringify([condition.kind, `$${condition.field}`, condition.value])

/** Fields that need no condition (S3 API reference, "Creating a POST policy"). */
const isExempt = (field: string): boolean =>
  ['policy', 'x-amz-signature', 'file'].includes(field) || field.startsWith('x-ignore-')

/**
 * Enforces a policy on a form's fields (by lower-case name; `bucket` is the one addressed) and returns the size that its file
 * may have, in bytes. Throws AccessDenied in S3's words: expired, a condition that fails, a field that no condition names.
 */
export const enforcePolicy = (
  policy: PostPolicy,
  fields: ReadonlyMap<string, string>,
  bucket: string,
  now: number,
): { readonly minSize: number; readonly maxSize: number } => {
  if (now >= policy.expiresAt) throw violation('Policy expired.')
  const values = new Map([...fields, ['bucket', bucket]])
  let minSize = 0
  let maxSize = Number.POSITIVE_INFINITY
  for (const condition of policy.conditions) {
    if (condition.kind === 'content-length-range') {
      minSize = Math.max(minSize, condition.min)
      maxSize = Math.min(maxSize, condition.max)
    } else if (!holds(condition, values.get(condition.field))) {
      throw violation(`Policy Condition failed: ${describe(condition)}`)
    }
  }
  const named = new Set(policy.conditions.flatMap((c) => (c.kind === 'content-length-range' ? [] : c.field)))
  const extra = [...fields.keys()].filter((field) => !isExempt(field) && !named.has(field))
  if (extra.length > 0) throw violation(`Extra input fields: ${extra.join(', ')}`)
  return { minSize, maxSize }
}
