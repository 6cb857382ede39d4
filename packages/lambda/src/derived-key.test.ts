import { KMSClient } from '@aws-sdk/client-kms'
import { expect, test } from 'vitest'
import { derivedKey } from './derived-key.ts'

/** A KMS client whose answers come from a list, one per call that reaches the wire. */
const kms = (answers: (string | Error)[]) => {
  const calls: unknown[] = []
  const client = new KMSClient({
    region: 'eu-west-1',
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    maxAttempts: 1,
  })
  client.middlewareStack.add(
    () =>
      async ({ input }) => {
        calls.push(input)
        const answer = answers[calls.length - 1] ?? 'unexpected'
        if (answer instanceof Error) throw answer
        return { response: {}, output: { Mac: Buffer.from(answer), $metadata: {} } }
      },
    { step: 'initialize', priority: 'high' },
  )
  return { client, calls }
}

test('asks KMS once for the HMAC of its purpose', async () => {
  const { client, calls } = kms(['mac'])
  const key = derivedKey(client, 'key-1', 'stockroom/cursor-key/v1')
  expect(await Promise.all([key(), key()])).toEqual([Buffer.from('mac'), Buffer.from('mac')])
  expect(calls).toEqual([
    { KeyId: 'key-1', MacAlgorithm: 'HMAC_SHA_256', Message: Buffer.from('stockroom/cursor-key/v1') },
  ])
})

test('asks again after KMS failed', async () => {
  const { client } = kms([new Error('KMS is down'), 'mac'])
  const key = derivedKey(client, 'key-1', 'p')
  await expect(key()).rejects.toThrow('KMS is down')
  expect(await key()).toEqual(Buffer.from('mac'))
})
