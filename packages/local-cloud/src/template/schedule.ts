import { PropertyReader } from './property-reader.ts'
import { describeResource, type ResolvedResource } from './resolved-resource.ts'

export interface ScheduleResource {
  readonly logicalId: string
  readonly name: string
  readonly arn: string
  readonly enabled: boolean
  /** `rate(1 minute)`, `cron(10 0 * * ? *)` */
  readonly expression: string
  readonly timeZone: string
  readonly targetArn: string
  readonly roleArn: string
  /** Text of the event, with the Scheduler's `<aws.scheduler...>` keywords. */
  readonly input?: string
  readonly maximumEventAgeInSeconds?: number
  readonly maximumRetryAttempts?: number
  readonly deadLetterArn?: string
}

/** Properties of schedules that are accepted without effect. */
export const scheduleNotEmulated = {
  Description: 'no effect',
  KmsKeyArn: 'schedules lie unencrypted in memory',
} as const

/** Properties of schedule groups that are accepted without effect. */
export const scheduleGroupNotEmulated = { Tags: 'no effect' } as const

/** Reads `AWS::Scheduler::Schedule`. */
export const parseSchedule = (resource: ResolvedResource, arn: string): ScheduleResource => {
  const properties = new PropertyReader(describeResource(resource), resource.properties)
  properties.accept(scheduleNotEmulated)
  for (const name of ['Name', 'GroupName']) properties.raw(name)
  properties.object('FlexibleTimeWindow').choice('Mode', ['OFF'])
  const target = properties.object('Target')
  const retry = target.optionalObject('RetryPolicy')
  const input = target.optionalString('Input')
  const maximumEventAgeInSeconds = retry?.optionalNumber('MaximumEventAgeInSeconds')
  const maximumRetryAttempts = retry?.optionalNumber('MaximumRetryAttempts')
  const deadLetterArn = target.optionalObject('DeadLetterConfig')?.optionalString('Arn')
  const schedule: ScheduleResource = {
    logicalId: resource.logicalId,
    name: resource.physicalName,
    arn,
    enabled: properties.optionalChoice('State', ['ENABLED', 'DISABLED']) !== 'DISABLED',
    expression: properties.string('ScheduleExpression'),
    timeZone: properties.optionalString('ScheduleExpressionTimezone') ?? 'UTC',
    targetArn: target.string('Arn'),
    roleArn: target.string('RoleArn'),
    ...(input !== undefined && { input }),
    ...(maximumEventAgeInSeconds !== undefined && { maximumEventAgeInSeconds }),
    ...(maximumRetryAttempts !== undefined && { maximumRetryAttempts }),
    ...(deadLetterArn !== undefined && { deadLetterArn }),
  }
  properties.end()
  return schedule
}

/** Reads `AWS::Scheduler::ScheduleGroup`, which holds nothing but schedules. */
export const checkScheduleGroup = (resource: ResolvedResource): void => {
  const properties = new PropertyReader(describeResource(resource), resource.properties)
  properties.accept(scheduleGroupNotEmulated)
  properties.raw('Name')
  properties.end()
}
