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
    'idempotency-key': 'x',
    idempotencyKey: 'x',
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

test.each([
  ['a bearer token', 'authorization was Bearer abc.DEF-123~+/=, and more'],
  ['a JWT', 'claims of eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJzIn0.abc-DEF_123 are old'],
  ['an unsigned JWT', 'eyJhbGciOiJub25lIn0.eyJzdWIiOiJzIn0. has no signature'],
  ['a webhook secret', 'signed with whsec_C2FtcGxlIHNlY3JldA+/=='],
  [
    'a presigned URL',
    'GET https://b.s3.amazonaws.com/k?X-Amz-Credential=AKIA%2F1&X-Amz-Security-Token=tok&X-Amz-Signature=abc123',
  ],
])('keeps %s out of every text, also of a message and of a stack', (_, text) => {
  const output = capturedOutput()
  logger.error(text, { error: new Error(text), cause: { deep: [text] } })
  const logged = JSON.stringify(output.lines())
  expect(logged).toContain('[redacted]')
  expect(logged).not.toMatch(/abc|eyJ|C2Ft|AKIA|=tok/)
})
