import { type ConditionContext, conditionsHold } from './conditions.ts'
import type { Patterns, Policy, PolicyStatement, Principals } from './policy.ts'
import { matchesArn, matchesWildcard } from './wildcard.ts'

/** Who asks: a role of the account through one of its sessions, or a service for itself. */
export type RequestPrincipal =
  | {
      readonly type: 'role'
      /** `arn:aws:iam::000000000000:role/name` */
      readonly roleArn: string
      /** `arn:aws:sts::000000000000:assumed-role/name/session` */
      readonly sessionArn: string
    }
  | {
      readonly type: 'service'
      /** `s3.amazonaws.com` */
      readonly service: string
    }

export interface PolicyRequest {
  readonly principal: RequestPrincipal
  /** `sqs:SendMessage` */
  readonly action: string
  /** An ARN. */
  readonly resource: string
  readonly conditions: ConditionContext
}

export interface ApplicablePolicies {
  /** Of the role; a service has none. */
  readonly identity: readonly Policy[]
  readonly resource?: Policy | undefined
  /**
   * Whether the resource's policy must allow, too. So it is for KMS keys and role trust; elsewhere in one account either
   * policy is enough.
   */
  readonly resourceMustAllow?: boolean
}

export type Decision =
  | { readonly allowed: true; readonly grant: Grant }
  | { readonly allowed: false; readonly reason: DenialReason }

/** Which permission of which policy was used, as it stands there. */
export interface Grant {
  readonly policy: string
  /** The statement's position in its policy. */
  readonly statement: number
  readonly action: string
  readonly resource: string
}

export type DenialReason =
  | 'explicit deny in an identity-based policy'
  | 'explicit deny in a resource-based policy'
  | 'no identity-based policy allows'
  | 'no resource-based policy allows'

/**
 * Decides as IAM does inside one account: an explicit Deny of any policy wins, then a role needs an Allow of its own
 * policies or one of the resource's policy that names it, a service an Allow of the resource's policy.
 */
export const evaluate = (request: PolicyRequest, policies: ApplicablePolicies): Decision => {
  if (policies.identity.some((policy) => find(policy, 'Deny', request))) {
    return { allowed: false, reason: 'explicit deny in an identity-based policy' }
  }
  const resourcePolicy = policies.resource
  if (resourcePolicy && find(resourcePolicy, 'Deny', request)) {
    return { allowed: false, reason: 'explicit deny in a resource-based policy' }
  }
  const direct = resourcePolicy && find(resourcePolicy, 'Allow', request, 'by name')
  if (direct) return { allowed: true, grant: direct }
  if (request.principal.type === 'service')
    return { allowed: false, reason: 'no resource-based policy allows' }
  // A policy that names the account leaves the decision to the identity-based policies of the account.
  if (policies.resourceMustAllow && !(resourcePolicy && find(resourcePolicy, 'Allow', request))) {
    return { allowed: false, reason: 'no resource-based policy allows' }
  }
  for (const policy of policies.identity) {
    const grant = find(policy, 'Allow', request)
    if (grant) return { allowed: true, grant }
  }
  return { allowed: false, reason: 'no identity-based policy allows' }
}

const find = (
  policy: Policy,
  effect: PolicyStatement['effect'],
  request: PolicyRequest,
  principal: 'by name' | 'or by account' = 'or by account',
): Grant | undefined => {
  for (const [position, statement] of policy.statements.entries()) {
    if (statement.effect !== effect) continue
    const { principals } = statement
    if (principals && !speaksOf(principals, request.principal, principal)) continue
    const action = matched(statement.actions, (pattern) =>
      matchesWildcard(pattern.toLowerCase(), request.action.toLowerCase()),
    )
    if (action === undefined) continue
    const resource = statement.resources
      ? matched(statement.resources, (pattern) => matchesArn(pattern, request.resource))
      : request.resource
    if (resource === undefined) continue
    if (!conditionsHold(statement.conditions, request.conditions)) continue
    return { policy: policy.name, statement: position, action, resource }
  }
  return undefined
}

/** The pattern that decides; for a `Not…` element all of them together. */
const matched = (element: Patterns, matches: (pattern: string) => boolean): string | undefined => {
  const pattern = element.patterns.find(matches)
  if (!element.not) return pattern
  return pattern === undefined ? `not ${element.patterns.join(', ')}` : undefined
}

const speaksOf = (
  principals: Principals,
  asking: RequestPrincipal,
  match: 'by name' | 'or by account',
): boolean => {
  if (principals.everybody) return true
  if (asking.type === 'service') return principals.services.includes(asking.service)
  if (principals.aws.includes(asking.roleArn) || principals.aws.includes(asking.sessionArn)) return true
  if (match === 'by name') return false
  const [, partition, , , account] = asking.roleArn.split(':')
  const root = `arn:${partition}:iam::${account}:root`
  return principals.aws.some((principal) => principal === root || principal === account)
}
