import { type Duration, Stack } from 'aws-cdk-lib'
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import { CfnSchedule, CfnScheduleGroup } from 'aws-cdk-lib/aws-scheduler'
import type { IQueue } from 'aws-cdk-lib/aws-sqs'
import { Construct } from 'constructs'
import type { BundledFunction } from './bundled-function.ts'

/**
 * The clock: each job is called with the time it was due, not the time it runs, so that a late or doubled call is the same call.
 * What the Scheduler gives up goes to `dlq`.
 */
export class Schedules extends Construct {
  readonly #group: CfnScheduleGroup
  readonly #role: Role
  readonly #dlq: IQueue

  constructor(scope: Construct, dlq: IQueue) {
    super(scope, 'Schedules')
    this.#dlq = dlq
    this.#group = new CfnScheduleGroup(this, 'Group')
    const { account } = Stack.of(this)
    this.#role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('scheduler.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': account } },
      }),
    })
    this.#role.addToPolicy(new PolicyStatement({ actions: ['sqs:SendMessage'], resources: [dlq.queueArn] }))
  }

  /** Calls `job` by `expression` (`rate(1 minute)` or `cron(...)`, UTC); retries for at most `maximumEventAge`. */
  every(id: string, expression: string, job: BundledFunction, maximumEventAge: Duration): void {
    this.#role.addToPolicy(
      new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [job.function.functionArn] }),
    )
    new CfnSchedule(this, id, {
      groupName: this.#group.ref,
      scheduleExpression: expression,
      scheduleExpressionTimezone: 'UTC',
      flexibleTimeWindow: { mode: 'OFF' },
      target: {
        arn: job.function.functionArn,
        roleArn: this.#role.roleArn,
        input: JSON.stringify({ scheduledAt: '<aws.scheduler.scheduled-time>' }),
        retryPolicy: { maximumEventAgeInSeconds: maximumEventAge.toSeconds(), maximumRetryAttempts: 10 },
        deadLetterConfig: { arn: this.#dlq.queueArn },
      },
    })
  }
}
