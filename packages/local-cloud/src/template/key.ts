import type { Environment } from '../arn.ts'
import type { KeyConfig } from '../engines/kms.ts'
import { type Policy, parsePolicy } from '../iam/policy.ts'
import { PropertyReader } from './property-reader.ts'
import { describeResource, type ResolvedResource } from './resolved-resource.ts'
import type { ResourceIdentity } from './resource-identity.ts'

/** Properties of keys that are accepted without effect. */
export const keyNotEmulated = {
  Description: 'no effect',
  Enabled: 'keys are always enabled',
  EnableKeyRotation: 'keys are never rotated',
  RotationPeriodInDays: 'keys are never rotated',
  PendingWindowInDays: 'keys are not deleted',
  MultiRegion: 'there is one region',
  Tags: 'no effect',
} as const

/** A key with the policy that says who may use it. */
export interface KeyResource extends KeyConfig {
  readonly logicalId: string
  readonly policy: Policy
}

/** Reads `AWS::KMS::Key`; `identity` has its id and ARN. */
export const parseKey = (
  resource: ResolvedResource,
  identity: ResourceIdentity,
  environment: Environment,
): KeyResource => {
  const properties = new PropertyReader(describeResource(resource), resource.properties)
  properties.accept(keyNotEmulated)
  const spec = properties.optionalChoice('KeySpec', ['SYMMETRIC_DEFAULT', 'HMAC_256']) ?? 'SYMMETRIC_DEFAULT'
  const usage = spec === 'HMAC_256' ? 'GENERATE_VERIFY_MAC' : 'ENCRYPT_DECRYPT'
  properties.optionalChoice('KeyUsage', [usage])
  const key: KeyResource = {
    logicalId: resource.logicalId,
    id: identity.ref,
    arn: identity.attributes.Arn ?? '',
    spec,
    policy: parsePolicy(
      properties.raw('KeyPolicy') ?? defaultPolicy(environment),
      'resource',
      resource.logicalId,
    ),
  }
  properties.end()
  return key
}

/** What KMS gives a key that names no policy: the account decides by identity-based policies (KMS guide, key-policy-default). */
const defaultPolicy = ({ partition, account }: Environment): object => ({
  Version: '2012-10-17',
  Statement: [
    {
      Effect: 'Allow',
      Principal: { AWS: `arn:${partition}:iam::${account}:root` },
      Action: 'kms:*',
      Resource: '*',
    },
  ],
})

/** Reads `AWS::KMS::Alias`. */
export const parseKeyAlias = (
  resource: ResolvedResource,
): { readonly name: string; readonly keyId: string } => {
  const properties = new PropertyReader(describeResource(resource), resource.properties)
  const alias = {
    name: properties.string('AliasName'),
    keyId: properties.string('TargetKeyId').replace(/^arn:.*:key\//, ''),
  }
  properties.end()
  return alias
}
