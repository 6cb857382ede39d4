import { expect, test } from 'vitest'
import { parseSchedule } from '../template/schedule.ts'
import { compileSchedule } from './schedule.ts'

test('a schedule of a template keeps its time zone, its switch and its limits', () => {
  const arn = 'arn:aws:scheduler:eu-west-1:000000000000:schedule/default/daily'
  const resource = parseSchedule(
    {
      stack: 'App',
      logicalId: 'Daily',
      type: 'AWS::Scheduler::Schedule',
      physicalName: 'daily',
      properties: {
        ScheduleExpression: 'cron(0 9 * * ? *)',
        ScheduleExpressionTimezone: 'Europe/Vienna',
        State: 'DISABLED',
        FlexibleTimeWindow: { Mode: 'OFF' },
        Target: {
          Arn: 'arn:function',
          RoleArn: 'arn:role',
          RetryPolicy: { MaximumRetryAttempts: 3, MaximumEventAgeInSeconds: 120 },
        },
      },
    },
    arn,
  )
  const target = { arn: resource.targetArn, accept: () => Promise.reject(new Error('not called')) }
  const schedule = compileSchedule({ ...resource, target }, 0)
  expect(schedule).toMatchObject({ enabled: false, maximumRetryAttempts: 3, maximumEventAgeInSeconds: 120 })
  expect(schedule.next(Date.parse('2026-01-01T00:00:00Z'))).toBe(Date.parse('2026-01-01T08:00:00Z'))
})
