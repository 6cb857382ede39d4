import { isKnownConditionKey } from './condition-keys.ts'
import { PolicyError } from './policy-error.ts'
import { matchesArn, matchesWildcard } from './wildcard.ts'

/** The request as conditions see it. Names match without regard to case; a list is a multivalued key. */
export type ConditionContext = Readonly<Record<string, string | readonly string[]>>

/** One operator on one key, parsed. */
export interface Condition {
  readonly key: string
  /** Whether the values that the request has for the key satisfy it; undefined when the request has none. */
  holds(requestValues: readonly string[] | undefined): boolean
}

type Comparison = (policyValue: string, requestValue: string) => boolean

const numeric =
  (compare: (request: number, policy: number) => boolean): Comparison =>
  (policyValue, requestValue) =>
    compare(Number(requestValue), Number(policyValue))

const exactly: Comparison = (policy, request) => policy === request
const ignoringCase: Comparison = (policy, request) => policy.toLowerCase() === request.toLowerCase()

/** Positive operators: one policy value that matches is enough. */
const comparisons: ReadonlyMap<string, Comparison> = new Map(
  Object.entries({
    StringEquals: exactly,
    StringEqualsIgnoreCase: ignoringCase,
    StringLike: matchesWildcard,
    ArnEquals: matchesArn,
    ArnLike: matchesArn,
    Bool: ignoringCase,
    NumericEquals: numeric((request, policy) => request === policy),
    NumericLessThan: numeric((request, policy) => request < policy),
    NumericLessThanEquals: numeric((request, policy) => request <= policy),
    NumericGreaterThan: numeric((request, policy) => request > policy),
    NumericGreaterThanEquals: numeric((request, policy) => request >= policy),
  }),
)

/** Negated operators: no policy value may match, and a request without the key satisfies them. */
const negations: ReadonlyMap<string, Comparison> = new Map(
  Object.entries({
    StringNotEquals: exactly,
    StringNotEqualsIgnoreCase: ignoringCase,
    StringNotLike: matchesWildcard,
    ArnNotEquals: matchesArn,
    ArnNotLike: matchesArn,
    NumericNotEquals: numeric((request, policy) => request === policy),
  }),
)

/**
 * Parses a statement's Condition element; all of what it returns must hold. Throws PolicyError on an operator that it
 * does not know (dates, IP addresses, binary), on a key that no request here has, and on policy variables.
 */
export const parseConditions = (element: unknown, where: string): readonly Condition[] => {
  if (element === undefined) return []
  return Object.entries(objectOf(element, where)).flatMap(([operator, byKey]) =>
    Object.entries(objectOf(byKey, `${where}.${operator}`)).map(([key, values]) => {
      if (!isKnownConditionKey(key)) throw new PolicyError(where, `the condition key ${key} is not known`)
      return {
        key: key.toLowerCase(),
        holds: parseOperator(operator, valuesOf(values, `${where}.${operator}.${key}`), where),
      }
    }),
  )
}

/** Whether every condition holds for the request. */
export const conditionsHold = (conditions: readonly Condition[], context: ConditionContext): boolean => {
  if (conditions.length === 0) return true
  const byKey = new Map(Object.entries(context).map(([key, value]) => [key.toLowerCase(), [value].flat()]))
  return conditions.every((condition) => condition.holds(byKey.get(condition.key)))
}

const parseOperator = (text: string, policyValues: readonly string[], where: string): Condition['holds'] => {
  if (text === 'Null') {
    const absent = policyValues.some((value) => value.toLowerCase() === 'true')
    return (requestValues) => (requestValues === undefined) === absent
  }
  const [, quantifier, operator = '', ifExists] =
    /^(?:(ForAllValues|ForAnyValue):)?(\w+?)(IfExists)?$/.exec(text) ?? []
  const compare = comparisons.get(operator) ?? negations.get(operator)
  if (!compare) throw new PolicyError(where, `the condition operator ${text} is not known`)
  const negated = negations.has(operator)
  const satisfies = (requestValue: string): boolean =>
    policyValues.some((policyValue) => compare(policyValue, requestValue)) !== negated

  return (requestValues) => {
    if (requestValues === undefined) {
      return ifExists !== undefined || quantifier === 'ForAllValues' || (negated && quantifier === undefined)
    }
    // Without a quantifier a key of several values behaves as the operator reads: equals any, equals none.
    const every = quantifier === 'ForAllValues' || (quantifier === undefined && negated)
    return every ? requestValues.every(satisfies) : requestValues.some(satisfies)
  }
}

const objectOf = (value: unknown, where: string): object => {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value
  throw new PolicyError(where, 'must be an object')
}

const valuesOf = (value: unknown, where: string): readonly string[] =>
  [value].flat().map((one: unknown) => {
    if (typeof one === 'boolean' || typeof one === 'number') return String(one)
    if (typeof one !== 'string') throw new PolicyError(where, 'must be a string or a list of strings')
    // ${aws:username} and the like: compared as plain text they would never match, and a Deny would not deny.
    if (one.includes('${')) throw new PolicyError(where, `policy variables are not supported: ${one}`)
    return one
  })
