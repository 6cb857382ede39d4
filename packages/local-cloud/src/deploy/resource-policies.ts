import { arnOf, bucketArn, type Environment } from '../arn.ts'
import { lambdaResourcePolicy } from '../iam/lambda-permission.ts'
import type { Policy } from '../iam/policy.ts'
import type { CloudTemplate } from '../template/cloud-template.ts'

/** The policy that hangs on a resource, by the resource's ARN; an object has its bucket's. Undefined without a policy. */
export type ResourcePolicies = (arn: string) => Policy | undefined

/** Gathers the resource policies of a template; several on one resource become one. */
export const resourcePolicies = (template: CloudTemplate, environment: Environment): ResourcePolicies => {
  const policies = new Map<string, Policy>()
  const add = (arn: string, policy: Policy): void => {
    const other = policies.get(arn)
    policies.set(
      arn,
      other
        ? { name: `${other.name}, ${policy.name}`, statements: [...other.statements, ...policy.statements] }
        : policy,
    )
  }
  for (const { on, policy } of template.queuePolicies) {
    for (const url of on) add(arnOf(environment, 'sqs', url.slice(url.lastIndexOf('/') + 1)), policy)
  }
  for (const { on, policy } of template.bucketPolicies) {
    for (const bucket of on) add(bucketArn(environment, bucket), policy)
  }
  for (const { arn, policy } of template.keys) add(arn, policy)
  for (const { name, arn } of template.functions) {
    const policy = lambdaResourcePolicy(
      name,
      template.permissions.filter(({ functionArn }) => functionArn === arn),
    )
    if (policy) add(arn, policy)
  }

  const objects = bucketArn(environment, '')
  return (arn) => policies.get(arn.startsWith(objects) ? (arn.split('/', 1)[0] ?? arn) : arn)
}
