import { type Policy, parsePolicy } from '../iam/policy.ts'
import { PropertyReader } from './property-reader.ts'
import { describeResource, type ResolvedResource } from './resolved-resource.ts'
import type { ResourceIdentity } from './resource-identity.ts'

/** A role with every policy that the template attaches to it. */
export interface RoleResource {
  readonly logicalId: string
  readonly name: string
  readonly arn: string
  /** Who may assume it. */
  readonly trust: Policy
  readonly policies: readonly Policy[]
}

/** Properties of roles that are accepted without effect. */
export const roleNotEmulated = {
  Description: 'no effect',
  MaxSessionDuration: 'credentials do not expire',
  Tags: 'no effect',
} as const

/** Properties of policies that are accepted without effect. */
export const policyNotEmulated = { Description: 'no effect', Path: 'no effect' } as const

/** Policies of AWS that the local cloud knows: what they allow is not emulated, so their documents are empty here. */
const awsManagedPolicies: readonly string[] = [
  'arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole', // logs need no permission here
]

interface Attachment {
  readonly policy: Policy
  /** Names of roles. */
  readonly roles: readonly string[]
  readonly arn?: string
}

/**
 * Reads `AWS::IAM::Role`, `AWS::IAM::Policy` and `AWS::IAM::ManagedPolicy` together: policies name their roles, roles name
 * managed policies.
 */
export const parseRoles = (
  roles: readonly ResolvedResource[],
  policies: readonly ResolvedResource[],
  identity: (resource: ResolvedResource) => ResourceIdentity,
): readonly RoleResource[] => {
  const attachments = policies.map((policy) => parseAttachment(policy, identity(policy)))
  return roles.map((role) => parseRole(role, identity(role), attachments))
}

const parseAttachment = (resource: ResolvedResource, identity: ResourceIdentity): Attachment => {
  const properties = new PropertyReader(describeResource(resource), resource.properties)
  properties.accept(policyNotEmulated)
  properties.raw('PolicyName')
  properties.raw('ManagedPolicyName')
  const arn = identity.attributes.PolicyArn
  const attachment: Attachment = {
    policy: parsePolicy(properties.raw('PolicyDocument'), 'identity', resource.logicalId),
    roles: properties.strings('Roles'),
    ...(arn !== undefined && { arn }),
  }
  properties.end()
  return attachment
}

const parseRole = (
  resource: ResolvedResource,
  identity: ResourceIdentity,
  attachments: readonly Attachment[],
): RoleResource => {
  const properties = new PropertyReader(describeResource(resource), resource.properties)
  properties.accept(roleNotEmulated)
  properties.raw('RoleName')
  const inline = properties.objects('Policies').map((policy) => {
    const name = `${resource.logicalId}/${policy.string('PolicyName')}`
    return parsePolicy(policy.raw('PolicyDocument'), 'identity', name)
  })
  const managed = properties.strings('ManagedPolicyArns').flatMap((arn) => {
    if (awsManagedPolicies.includes(arn)) return []
    const attachment = attachments.find((candidate) => candidate.arn === arn)
    if (attachment === undefined) throw properties.error('ManagedPolicyArns', `names ${arn}, not known here`)
    return [attachment.policy]
  })
  const attached = attachments
    .filter(({ roles }) => roles.includes(resource.physicalName))
    .map(({ policy }) => policy)
  const trust = parsePolicy(
    properties.raw('AssumeRolePolicyDocument'),
    'trust',
    `trust of ${resource.logicalId}`,
  )
  properties.end()
  return {
    logicalId: resource.logicalId,
    name: resource.physicalName,
    arn: identity.attributes.Arn ?? '',
    trust,
    policies: [...inline, ...managed, ...attached],
  }
}
