import { expect, test } from 'vitest'
import { capturedOutput } from './captured-output.ts'
import { logger } from './logger.ts'

test('writes one JSON line per entry whatever a value holds', () => {
  const output = capturedOutput()
  logger.info('first\r\n{"level":"ERROR"}', { filename: 'a\r\nb\u2028"}' })
  expect(output.lines()).toMatchObject([{ level: 'INFO', filename: 'a\r\nb\u2028"}' }])
})

test('keeps what is private out, at any depth', () => {
  const output = capturedOutput()
  const private_ = {
    Authorization: 'Bearer x',
    webhookSecret: 'x',
    'webhook-signature': 'x',
    nextToken: 'x',
    cookie: 'x',
  }
  logger.error('Failed', {
    request: { headers: private_, order: 'ord_1' },
    error: Object.assign(new Error('no'), {
      CancellationReasons: [{ Code: 'None', Item: { name: { S: 'x' } } }],
    }),
  })
  expect(JSON.stringify(output.lines())).not.toMatch(/"x"|Bearer/)
  expect(output.lines()).toMatchObject([{ request: { order: 'ord_1' }, error: { message: 'no' } }])
})
