import { expect, test } from 'vitest'
import { capturedOutput } from './captured-output.ts'
import { invocationOf } from './invocation-of.ts'
import { scheduleFunction } from './schedule-function.ts'

const run = (event: unknown) => {
  const runs: Date[] = []
  return scheduleFunction(async (scheduledAt) => void runs.push(scheduledAt))(event, invocationOf('1')).then(
    () => runs,
  )
}

test.each(['2026-11-23T02:00:00Z', '2026-11-23T03:00:00+01:00'])(
  'names the run by its planned time, %s',
  async (scheduledAt) => {
    expect(await run({ scheduledAt })).toEqual([new Date('2026-11-23T02:00:00Z')])
  },
)

test.each([{}, { scheduledAt: 'yesterday' }, null])(
  'refuses a tick without a planned time: %j',
  async (event) => {
    capturedOutput()
    await expect(run(event)).rejects.toThrow()
  },
)
