import { type Policy, parsePolicy } from './policy.ts'

/** The properties of AWS::Lambda::Permission, with intrinsic functions resolved. */
export interface LambdaPermission {
  /** `lambda:InvokeFunction` */
  readonly action: string
  readonly functionArn: string
  /** A service (`apigateway.amazonaws.com`), an account id or an ARN. */
  readonly principal: string
  readonly sourceArn?: string
  readonly sourceAccount?: string
}

/** A function's resource policy, which a template spells as one resource per statement. Undefined without permissions. */
export const lambdaResourcePolicy = (
  functionName: string,
  permissions: readonly LambdaPermission[],
): Policy | undefined => {
  if (permissions.length === 0) return undefined
  const Statement = permissions.map((permission) => ({
    Effect: 'Allow',
    Action: permission.action,
    Resource: permission.functionArn,
    Principal: permission.principal.endsWith('.amazonaws.com')
      ? { Service: permission.principal }
      : { AWS: permission.principal },
    Condition: {
      ...(permission.sourceArn && { ArnLike: { 'AWS:SourceArn': permission.sourceArn } }),
      ...(permission.sourceAccount && { StringEquals: { 'AWS:SourceAccount': permission.sourceAccount } }),
    },
  }))
  return parsePolicy({ Version: '2012-10-17', Statement }, 'resource', `permissions of ${functionName}`)
}
