import { expect, test } from 'vitest'
import { capturedOutput } from './captured-output.ts'
import { functionStack } from './function-stack.ts'
import { currentInvocation } from './invocation.ts'
import { invocationOf } from './invocation-of.ts'
import { logger } from './logger.ts'
import { count } from './metrics.ts'

test("puts Lambda's context on each log line", async () => {
  const output = capturedOutput()
  await functionStack(async () => logger.info('Working'))({}, invocationOf('request-1'))
  expect(output.lines()).toMatchObject([{ message: 'Working', function_request_id: 'request-1' }])
})

test('writes counted metrics when the invocation ends, and nothing when it counted none', async () => {
  const output = capturedOutput()
  const counting = functionStack(async (times: number) => {
    if (times > 0) count('OrderPlaced', times)
  })
  await counting(0, invocationOf('1'))
  expect(output.lines()).toEqual([])
  await counting(2, invocationOf('2'))
  expect(output.lines()).toMatchObject([{ OrderPlaced: 2 }])
})

test('an error is logged with its keys, its metrics are written, and Lambda gets to see it', async () => {
  const output = capturedOutput()
  const failing = functionStack(async () => {
    logger.appendKeys({ correlation_id: 'c-1' })
    count('ReportFailed')
    throw new Error('store is gone')
  })
  await expect(failing({}, invocationOf('1'))).rejects.toThrow('store is gone')
  expect(output.lines()).toEqual([
    expect.objectContaining({
      level: 'ERROR',
      correlation_id: 'c-1',
      error: expect.objectContaining({ message: 'store is gone' }),
    }),
    expect.objectContaining({ ReportFailed: 1 }),
  ])
})

test('keys of one invocation do not reach the next', async () => {
  const output = capturedOutput()
  const once = functionStack(async (name: string) => {
    logger.info(name)
    logger.appendKeys({ correlation_id: name })
    if (name === 'failing') throw new Error('no')
  })
  await once('first', invocationOf('1'))
  await once('failing', invocationOf('2')).catch(() => undefined)
  await once('third', invocationOf('3'))
  const entries = output.lines().filter(({ level }) => level === 'INFO')
  expect(entries.map(({ correlation_id }) => correlation_id)).toEqual([undefined, undefined, undefined])
})

test('the running invocation is known', async () => {
  const id = await functionStack(async () => currentInvocation().awsRequestId)({}, invocationOf('request-9'))
  expect(id).toBe('request-9')
})
