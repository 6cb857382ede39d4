import { type Condition, parseConditions } from './conditions.ts'
import { PolicyError } from './policy-error.ts'

/** `trust` is a role's AssumeRolePolicyDocument: a resource policy whose resource is the role itself. */
export type PolicyKind = 'identity' | 'resource' | 'trust'

/** A list, and whether it stood in a `Not…` element. */
export interface Patterns {
  readonly not: boolean
  readonly patterns: readonly string[]
}

export interface PolicyStatement {
  readonly sid?: string
  readonly effect: 'Allow' | 'Deny'
  readonly actions: Patterns
  /** Undefined in a trust policy. */
  readonly resources?: Patterns
  /** Undefined in an identity policy. */
  readonly principals?: Principals
  readonly conditions: readonly Condition[]
}

/** Who a resource policy speaks of. */
export interface Principals {
  readonly everybody: boolean
  readonly aws: readonly string[]
  readonly services: readonly string[]
  readonly federated: readonly string[]
}

export interface Policy {
  /** For people: `WorkerRoleDefaultPolicy`. */
  readonly name: string
  readonly statements: readonly PolicyStatement[]
}

const knownElements = new Set([
  'Sid',
  'Effect',
  'Action',
  'NotAction',
  'Resource',
  'NotResource',
  'Principal',
  'Condition',
])

/**
 * Parses a policy document whose intrinsic functions are resolved. Throws PolicyError, naming policy and statement, on
 * everything that is malformed or not known, so that it can never turn into a permission.
 */
export const parsePolicy = (document: unknown, kind: PolicyKind, name: string): Policy => {
  const { Version, Statement, ...others } = record(document, name)
  if (Version !== undefined && Version !== '2012-10-17') {
    throw new PolicyError(name, `Version ${JSON.stringify(Version)} is not known`)
  }
  const unknown = Object.keys(others).find((element) => element !== 'Id')
  if (unknown) throw new PolicyError(name, `the element ${unknown} is not known`)
  const statements = Statement === undefined ? [] : [Statement].flat()
  if (statements.length === 0) throw new PolicyError(name, 'has no Statement')
  return {
    name,
    statements: statements.map((one, n) => parseStatement(one, kind, `${name}.Statement[${n}]`)),
  }
}

const parseStatement = (value: unknown, kind: PolicyKind, where: string): PolicyStatement => {
  const statement = record(value, where)
  const unknown = Object.keys(statement).find((element) => !knownElements.has(element))
  if (unknown) throw new PolicyError(where, `the element ${unknown} is not known`)
  const { Sid, Effect, Principal } = statement
  if (Effect !== 'Allow' && Effect !== 'Deny') throw new PolicyError(where, 'Effect must be Allow or Deny')
  const actions = patternsOf(statement, 'Action', where)
  if (!actions) throw new PolicyError(where, 'needs Action or NotAction')
  for (const action of actions.patterns) {
    if (action !== '*' && !/^[\w-]+:[\w*?]+$/.test(action)) {
      throw new PolicyError(where, `${action} is not an action`)
    }
  }
  const resources = patternsOf(statement, 'Resource', where)
  if (!resources !== (kind === 'trust')) {
    throw new PolicyError(where, `${resources ? 'must not have' : 'needs'} a Resource`)
  }
  for (const resource of resources?.patterns ?? []) {
    if (resource !== '*' && !/^arn(:[^:]*){4}:./.test(resource)) {
      throw new PolicyError(where, `${resource} is not an ARN`)
    }
  }
  if ((Principal === undefined) !== (kind === 'identity')) {
    throw new PolicyError(where, `${kind === 'identity' ? 'must not have' : 'needs'} a Principal`)
  }
  return {
    ...(typeof Sid === 'string' && { sid: Sid }),
    effect: Effect,
    actions,
    ...(resources && { resources }),
    ...(Principal !== undefined && { principals: parsePrincipals(Principal, `${where}.Principal`) }),
    conditions: parseConditions(statement.Condition, `${where}.Condition`),
  }
}

const parsePrincipals = (value: unknown, where: string): Principals => {
  if (value === '*') return { everybody: true, aws: [], services: [], federated: [] }
  const { AWS, Service, Federated, ...others } = record(value, where)
  const unknown = Object.keys(others)[0]
  if (unknown) throw new PolicyError(where, `principals of type ${unknown} are not known`)
  const list = (principals: unknown): readonly string[] =>
    principals === undefined ? [] : strings(principals, where)
  const aws = list(AWS)
  return {
    everybody: aws.includes('*'),
    aws: aws.filter((principal) => principal !== '*'),
    services: list(Service),
    federated: list(Federated),
  }
}

const patternsOf = (
  statement: Readonly<Record<string, unknown>>,
  element: string,
  where: string,
): Patterns | undefined => {
  const { [element]: is, [`Not${element}`]: isNot } = statement
  if (is !== undefined && isNot !== undefined) {
    throw new PolicyError(where, `has both ${element} and Not${element}`)
  }
  if (is === undefined && isNot === undefined) return undefined
  return { not: isNot !== undefined, patterns: strings(is ?? isNot, `${where}.${element}`) }
}

const strings = (value: unknown, where: string): readonly string[] => {
  const list: readonly unknown[] = [value].flat()
  if (list.length === 0) throw new PolicyError(where, 'is empty')
  return list.map((one) => {
    if (typeof one !== 'string') throw new PolicyError(where, `${JSON.stringify(one)} is not a string`)
    if (one.includes('${')) throw new PolicyError(where, `policy variables are not supported: ${one}`)
    return one
  })
}

const record = (value: unknown, where: string): Readonly<Record<string, unknown>> => {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return value as Readonly<Record<string, unknown>>
  }
  throw new PolicyError(where, 'must be an object')
}
