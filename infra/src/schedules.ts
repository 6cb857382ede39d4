import { CfnOutput, Duration, Stack } from 'aws-cdk-lib'
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import { CfnEventInvokeConfig } from 'aws-cdk-lib/aws-lambda'
import { CfnSchedule, CfnScheduleGroup } from 'aws-cdk-lib/aws-scheduler'
import type { IQueue } from 'aws-cdk-lib/aws-sqs'
import { Construct } from 'constructs'
import type { BundledFunction } from './bundled-function.ts'

/**
 * The clock: each job is called with the time it was due, not the time it runs, so that a late or doubled call is the same call.
 * What the Scheduler gives up goes to `undelivered`. It only hands a call to Lambda, which then tries it three times: what fails each time goes to
 * `failed`, or nobody would hear of it (Lambda guide, "invocation-async-retain-records").
 */
export class Schedules extends Construct {
  readonly #group: CfnScheduleGroup
  readonly #role: Role
  readonly #undelivered: IQueue
  readonly #failed: IQueue

  constructor(scope: Construct, { undelivered, failed }: { undelivered: IQueue; failed: IQueue }) {
    super(scope, 'Schedules')
    this.#undelivered = undelivered
    this.#failed = failed
    this.#group = new CfnScheduleGroup(this, 'Group')
    const { account } = Stack.of(this)
    this.#role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('scheduler.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': account } },
      }),
    })
    this.#role.addToPolicy(
      new PolicyStatement({ actions: ['sqs:SendMessage'], resources: [undelivered.queueArn] }),
    )
  }

  /** Calls `job` by `expression` (`rate(1 minute)` or `cron(...)`, UTC); tries for at most `maximumEventAge` to hand a call over. */
  every(id: string, expression: string, job: BundledFunction, maximumEventAge: Duration): void {
    this.#role.addToPolicy(
      new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [job.function.functionArn] }),
    )
    job.allow(['sqs:SendMessage'], this.#failed.queueArn)
    const runs = new CfnEventInvokeConfig(job, 'Runs', {
      functionName: job.function.functionName,
      qualifier: '$LATEST',
      maximumRetryAttempts: 2,
      // Three runs with their waits take a quarter of it; throttling that lasts longer is for people.
      maximumEventAgeInSeconds: Duration.hours(1).toSeconds(),
      destinationConfig: { onFailure: { destination: this.#failed.queueArn } },
    })
    runs.node.addDependency(job.role)
    // Operators call a run again by its function's name.
    new CfnOutput(Stack.of(this), `${id}FunctionName`, { value: job.function.functionName })
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
        deadLetterConfig: { arn: this.#undelivered.queueArn },
      },
    })
  }
}
