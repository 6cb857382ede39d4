import { type Decision, evaluate } from './evaluate.ts'
import type { Policy } from './policy.ts'

/** A service that acts for itself: S3 that notifies a queue, API Gateway that invokes a function. */
export interface ServiceRequest {
  /** `s3.amazonaws.com` */
  readonly service: string
  /** `sqs:SendMessage` */
  readonly action: string
  /** An ARN. */
  readonly resource: string
  /** What acts: the bucket, the API's route. */
  readonly sourceArn: string
  readonly sourceAccount: string
}

/** Whether a resource's own policy lets a service do something; without a policy it may not. */
export const evaluateResourcePolicy = (request: ServiceRequest, policy: Policy | undefined): Decision =>
  evaluate(
    {
      principal: { type: 'service', service: request.service },
      action: request.action,
      resource: request.resource,
      conditions: {
        'aws:SecureTransport': 'true',
        'aws:SourceArn': request.sourceArn,
        'aws:SourceAccount': request.sourceAccount,
      },
    },
    { identity: [], resource: policy },
  )

/** Whether a service may assume a role, by the role's trust policy. */
export const evaluateTrust = (
  request: Pick<ServiceRequest, 'service' | 'sourceArn' | 'sourceAccount'> & { readonly roleArn: string },
  trust: Policy,
): Decision =>
  evaluateResourcePolicy({ ...request, action: 'sts:AssumeRole', resource: request.roleArn }, trust)
