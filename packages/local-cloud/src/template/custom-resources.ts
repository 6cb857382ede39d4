import type { Stack } from './load-assembly.ts'
import { isObject } from './property-reader.ts'

/**
 * CDK's custom resources whose effect the local cloud has itself, or needs not. The function that a custom resource calls,
 * its role and its policies are not deployed.
 */
export const interpretedCustomResources: readonly string[] = [
  'Custom::S3BucketNotifications', // the notifications are set; see bucket.ts
  'Custom::S3AutoDeleteObjects', // nothing is deleted here
]

/** The logical ids of the functions that custom resources call, of the roles of these alone, and of their policies. */
export const providerResources = (stack: Stack): ReadonlySet<string> => {
  const resources = Object.entries(stack.template.Resources)
  const functions = new Set(
    resources
      .filter(([, { Type }]) => interpretedCustomResources.includes(Type))
      .flatMap(([, { Properties }]) => referencedId(Properties?.ServiceToken)),
  )
  const rolesOf = (belongs: boolean) =>
    resources
      .filter(([id, { Type }]) => Type === 'AWS::Lambda::Function' && functions.has(id) === belongs)
      .flatMap(([, { Properties }]) => referencedId(Properties?.Role))
  const shared = new Set(rolesOf(false))
  const roles = new Set(rolesOf(true).filter((id) => !shared.has(id)))
  const policies = resources
    .filter(([, { Type, Properties }]) => {
      if (Type !== 'AWS::IAM::Policy' || !Array.isArray(Properties?.Roles)) return false
      const attached = Properties.Roles.flatMap(referencedId)
      return attached.length > 0 && attached.every((id) => roles.has(id))
    })
    .map(([id]) => id)
  return new Set([...functions, ...roles, ...policies])
}

const referencedId = (value: unknown): string[] => {
  if (!isObject(value)) return []
  if (typeof value.Ref === 'string') return [value.Ref]
  const attribute = value['Fn::GetAtt']
  return Array.isArray(attribute) && typeof attribute[0] === 'string' ? [attribute[0]] : []
}
