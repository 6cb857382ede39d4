import type { Environment } from '../arn.ts'
import type { Clock } from '../clock.ts'
import type { AsynchronousInvocation } from '../events/asynchronous-invocation.ts'
import type { EventSourceObserver } from '../events/event-source-observer.ts'
import { InvocationRefused, type ScheduleConfig, type ScheduleTarget } from '../events/schedule.ts'
import { Scheduler } from '../events/scheduler.ts'
import type { FaultPlan } from '../faults/fault-plan.ts'
import { faultyScheduleTarget } from '../faults/faulty-schedule-target.ts'
import type { Principals } from '../gateway/principals.ts'
import { serviceSessions } from '../gateway/service-sessions.ts'
import { evaluate } from '../iam/evaluate.ts'
import { evaluateTrust } from '../iam/service-access.ts'
import type { CloudTemplate } from '../template/cloud-template.ts'
import type { RoleResource } from '../template/role.ts'
import type { ScheduleResource } from '../template/schedule.ts'
import { TemplateError } from '../template/template-error.ts'
import type { ResourcePolicies } from './resource-policies.ts'
import { queueAs } from './service-credentials.ts'

export interface ScheduleDependencies {
  readonly environment: Environment
  readonly clock: Clock
  readonly observe: EventSourceObserver
  readonly principals: Principals
  readonly policies: ResourcePolicies
  readonly sqsEndpoint: string
  /** Nothing runs by the clock; triggers do. */
  readonly paused: boolean
  /** Schedules tick with the faults of this plan. */
  readonly faults?: FaultPlan | undefined
}

/** Starts the schedules of a template, each under its role; `invocations` are the functions' event queues by their ARN. */
export const deploySchedules = (
  template: CloudTemplate,
  invocations: ReadonlyMap<string, AsynchronousInvocation>,
  deps: ScheduleDependencies,
): Scheduler => {
  const { clock, observe } = deps
  const scheduler = new Scheduler(
    template.schedules.map((schedule) => scheduleConfig(template, schedule, invocations, deps)),
    { clock, observe, paused: deps.paused },
  )
  scheduler.start()
  return scheduler
}

const scheduleConfig = (
  template: CloudTemplate,
  schedule: ScheduleResource,
  queues: ReadonlyMap<string, AsynchronousInvocation>,
  deps: ScheduleDependencies,
): ScheduleConfig => {
  const { environment, principals, faults } = deps
  const role = template.roles.find(({ arn }) => arn === schedule.roleArn)
  const invocations = queues.get(schedule.targetArn)
  if (role === undefined) throw problem(schedule, `the template has no role ${schedule.roleArn}`)
  if (invocations === undefined)
    throw problem(schedule, `${schedule.targetArn} is no function of the template`)
  const request = { service: 'scheduler.amazonaws.com', sourceArn: schedule.arn, roleArn: role.arn }
  if (!evaluateTrust({ ...request, sourceAccount: environment.account }, role.trust).allowed) {
    throw problem(schedule, `the role ${role.logicalId} cannot be assumed by the Scheduler`)
  }
  const credentials = principals.add({ name: schedule.name, roleArn: role.arn, policies: role.policies })
  const { deadLetterArn } = schedule
  const target = targetAs(role, schedule, invocations, deps)
  return {
    ...schedule,
    target: faults ? faultyScheduleTarget({ target, plan: faults, source: schedule.name }) : target,
    ...(deadLetterArn !== undefined && {
      deadLetterQueue: queueAs(
        credentials(serviceSessions.scheduler),
        environment,
        deps.sqsEndpoint,
        deadLetterArn,
      ),
    }),
  }
}

/** The function, called under the schedule's role. */
const targetAs = (
  role: RoleResource,
  schedule: ScheduleResource,
  invocations: AsynchronousInvocation,
  { policies }: ScheduleDependencies,
): ScheduleTarget => ({
  arn: invocations.arn,
  accept: async (event) => {
    const action = 'lambda:InvokeFunction'
    const sessionArn = `${role.arn.replace(':iam:', ':sts:').replace(':role/', ':assumed-role/')}/${schedule.name}`
    const decision = evaluate(
      {
        principal: { type: 'role', roleArn: role.arn, sessionArn },
        action,
        resource: invocations.arn,
        conditions: {},
      },
      { identity: role.policies, resource: policies(invocations.arn) },
    )
    if (decision.allowed) return invocations.accept(event)
    throw new InvocationRefused(
      'AccessDeniedException',
      `User: ${sessionArn} is not authorized to perform: ${action} on resource: ${invocations.arn}`,
    )
  },
})

const problem = ({ logicalId }: ScheduleResource, text: string): TemplateError =>
  new TemplateError(`${logicalId} (AWS::Scheduler::Schedule): ${text}`)
