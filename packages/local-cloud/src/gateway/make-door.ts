import type { Environment } from '../arn.ts'
import type { ConditionContext } from '../iam/conditions.ts'
import { type DenialReason, evaluate } from '../iam/evaluate.ts'
import type { Policy } from '../iam/policy.ts'
import type {
  Admission,
  CallOutcome,
  Door,
  IncomingCall,
  RequestedAction,
  ServiceFault,
} from './authorize.ts'
import type { CallRecorder, RecordedAction, RecordedDecision } from './call-recorder.ts'
import type { Interceptor, ObservedCall } from './interceptor.ts'
import type { Principal, Principals } from './principals.ts'
import { isServiceSession } from './service-sessions.ts'

export interface DoorOptions {
  readonly environment: Environment
  readonly principals: Principals
  readonly recorder: CallRecorder
  /** The resource's own policy by its ARN; S3 objects are asked for with their own ARN. */
  resourcePolicyOf(resource: string): Policy | undefined
  /** Read at each call, so that interceptors may come and go. */
  readonly interceptors: readonly Interceptor[]
  /** `kill -9` of a function's execution environment, for interceptors. */
  killCaller(functionName: string, environmentId: string): void
}

/** The door of one run; all gateways share it. */
export const makeDoor = (options: DoorOptions): Door => {
  const { environment, principals, recorder, interceptors } = options

  const decide = (
    principal: Principal,
    { action, resource, conditions }: RequestedAction,
  ): RecordedDecision => {
    if (principal.kind === 'operator') return { allowed: true, grant: 'operator' }
    const context: ConditionContext = {
      // The loopback stands for the TLS connection that the SDK would open.
      'aws:SecureTransport': 'true',
      'aws:PrincipalArn': principal.roleArn,
      'aws:PrincipalAccount': environment.account,
      'aws:ResourceAccount': environment.account,
      'aws:RequestedRegion': environment.region,
      ...conditions,
    }
    return evaluate(
      {
        principal: { type: 'role', roleArn: principal.roleArn, sessionArn: principal.arn },
        action,
        resource,
        conditions: context,
      },
      {
        identity: principal.policies,
        resource: options.resourcePolicyOf(resource),
        resourceMustAllow: action.startsWith('kms:'),
      },
    )
  }

  const identify = (call: IncomingCall): Principal | undefined => {
    const principal = principals.byAccessKey(call.accessKeyId)
    // Temporary credentials without their token are no credentials.
    return principal?.kind === 'role' && !call.sessionToken ? undefined : principal
  }

  return {
    secretOf: (accessKeyId) => principals.byAccessKey(accessKeyId)?.secret,

    enter: async (call): Promise<Admission> => {
      const at = Date.now()
      const start = performance.now()
      const { service, operation } = call
      const principal = identify(call)
      const actions: readonly RecordedAction[] = principal
        ? call.actions.map((requested) => ({
            action: requested.action,
            resource: requested.resource,
            decision: decide(principal, requested),
          }))
        : []
      const environmentId =
        principal?.kind === 'role' && !isServiceSession(call.sessionToken) ? call.sessionToken : undefined

      const record = (
        outcome: Omit<CallOutcome, 'requestBytes' | 'responseBytes'> & Partial<CallOutcome>,
        interference?: 'before' | 'after',
      ): void =>
        recorder.record({
          at,
          principal: principal?.name ?? 'unknown',
          ...(environmentId !== undefined && { environmentId }),
          service,
          operation,
          actions,
          requestBytes: 0,
          responseBytes: 0,
          ...outcome,
          durationMs: performance.now() - start,
          ...(interference && { interference }),
        })

      const refuse = (fault: ServiceFault, interference?: 'before'): Admission => {
        record({ status: fault.status, errorCode: fault.code }, interference)
        return { verdict: 'refused', fault }
      }

      if (!principal) return refuse(unknownCaller(service))
      const denied = actions.find(({ decision }) => !decision.allowed)
      if (denied && !denied.decision.allowed) {
        return refuse(accessDenied(service, principal.arn, denied, denied.decision.reason))
      }

      const observed: ObservedCall = {
        principal: principal.name,
        ...(environmentId !== undefined && { environmentId }),
        service,
        operation,
        actions: call.actions,
        ...('input' in call && { input: call.input }),
        rewritable: call.rewritable ?? false,
      }
      const killCaller = (): void => {
        if (environmentId !== undefined) options.killCaller(principal.name, environmentId)
      }

      const early = await firstInterference(interceptors, (one) => one.before?.(observed))
      if (early?.kind === 'fail') return refuse(early.fault, 'before')
      if (early?.kind === 'hang up' || early?.kind === 'kill caller') {
        if (early.kind === 'kill caller') killCaller()
        record({ status: 0 }, 'before')
        return { verdict: 'lost' }
      }
      if (early) requireRewritable(observed)

      return {
        verdict: 'admitted',
        ...(early && { instead: early }),
        permits: (action) => decide(principal, action).allowed,
        leave: async (outcome) => {
          const late = await firstInterference(interceptors, (one) => one.after?.(observed, outcome))
          if (!late) {
            record(outcome, early && 'before')
            return { kind: 'answer' }
          }
          if (late.kind === 'answer') {
            requireRewritable(observed)
            record(outcome, 'after')
            return late
          }
          if (late.kind === 'fail') {
            record({ ...outcome, status: late.fault.status, errorCode: late.fault.code }, 'after')
            return late
          }
          if (late.kind === 'kill caller') killCaller()
          record({ ...outcome, status: 0 }, 'after')
          return { kind: 'hang up' }
        },
      }
    },
  }
}

const requireRewritable = ({ service, operation, rewritable }: ObservedCall): void => {
  if (!rewritable) throw new Error(`An interceptor cannot rewrite ${service}:${operation}`)
}

const firstInterference = async <Interference>(
  interceptors: readonly Interceptor[],
  ask: (interceptor: Interceptor) => Promise<Interference | undefined> | undefined,
): Promise<Interference | undefined> => {
  for (const interceptor of [...interceptors]) {
    const interference = await ask(interceptor)
    if (interference) return interference
  }
  return undefined
}

const unknownCaller = (service: IncomingCall['service']): ServiceFault =>
  service === 's3'
    ? {
        status: 403,
        code: 'InvalidAccessKeyId',
        message: 'The AWS Access Key Id you provided does not exist in our records.',
      }
    : {
        status: service === 'sqs' || service === 'lambda' ? 403 : 400,
        code: service === 'sqs' ? 'InvalidClientTokenId' : 'UnrecognizedClientException',
        message: 'The security token included in the request is invalid.',
      }

/** AWS's own words, for instance "… because no identity-based policy allows the dynamodb:PutItem action". */
const accessDenied = (
  service: IncomingCall['service'],
  principalArn: string,
  { action, resource }: RecordedAction,
  reason: DenialReason,
): ServiceFault => ({
  status: service === 'sqs' || service === 's3' || service === 'lambda' ? 403 : 400,
  code: service === 'sqs' || service === 's3' ? 'AccessDenied' : 'AccessDeniedException',
  message:
    `User: ${principalArn} is not authorized to perform: ${action} on resource: ${resource} ` +
    (reason.startsWith('explicit') ? `with an ${reason}` : `because ${reason} the ${action} action`),
})
