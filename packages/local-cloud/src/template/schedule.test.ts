import { expect, it } from 'vitest'
import { readResources } from './read-resources.ts'

it('reads schedules with what the Scheduler does when they fail', () => {
  const { schedules } = readResources({
    Group: { Type: 'AWS::Scheduler::ScheduleGroup', Properties: { Name: 'group' } },
    Nightly: {
      Type: 'AWS::Scheduler::Schedule',
      Properties: {
        Name: 'nightly',
        GroupName: { Ref: 'Group' },
        FlexibleTimeWindow: { Mode: 'OFF' },
        ScheduleExpression: 'cron(10 0 * * ? *)',
        State: 'DISABLED',
        Target: {
          Arn: 'arn:aws:lambda:eu-west-1:000000000000:function:run',
          RoleArn: 'arn:aws:iam::000000000000:role/role',
          Input: '{}',
          RetryPolicy: { MaximumEventAgeInSeconds: 300, MaximumRetryAttempts: 10 },
          DeadLetterConfig: { Arn: 'arn:aws:sqs:eu-west-1:000000000000:dlq' },
        },
      },
    },
  })

  expect(schedules).toEqual([
    {
      logicalId: 'Nightly',
      name: 'nightly',
      arn: 'arn:aws:scheduler:eu-west-1:000000000000:schedule/group/nightly',
      enabled: false,
      expression: 'cron(10 0 * * ? *)',
      timeZone: 'UTC',
      targetArn: 'arn:aws:lambda:eu-west-1:000000000000:function:run',
      roleArn: 'arn:aws:iam::000000000000:role/role',
      input: '{}',
      maximumEventAgeInSeconds: 300,
      maximumRetryAttempts: 10,
      deadLetterArn: 'arn:aws:sqs:eu-west-1:000000000000:dlq',
    },
  ])
})
