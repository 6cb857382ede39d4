import { expect, onTestFinished, test, vi } from 'vitest'
import { capturedOutput } from './captured-output.ts'
import { invocationOf } from './invocation-of.ts'
import { logger } from './logger.ts'
import { streamFunction } from './stream-function.ts'

test('returns what the handler wants to read again, and counts it', async () => {
  const output = capturedOutput()
  const rewound = { batchItemFailures: [{ itemIdentifier: '111' }] }
  expect(await streamFunction(async () => rewound)({ Records: [] }, invocationOf('1'))).toEqual(rewound)
  expect(output.lines()).toMatchObject([{ StreamBatchRewound: 1 }])
})

test("logs under the invocation's X-Ray trace and its own id", async () => {
  vi.stubEnv('_X_AMZN_TRACE_ID', 'Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1')
  onTestFinished(() => void vi.unstubAllEnvs())
  const output = capturedOutput()
  const handle = async () => {
    logger.info('Relaying')
    return { batchItemFailures: [] }
  }
  await streamFunction(handle)({ Records: [] }, invocationOf('request-1'))
  expect(output.lines()).toMatchObject([
    { trace_id: '5759e988bd862e3fe1be46a994272793', correlation_id: 'request-1' },
  ])
})
