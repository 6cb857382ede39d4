import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import { KMSClient } from '@aws-sdk/client-kms'
import { CountingIds } from '@stockroom/domain/counting-ids'
import { MerchantId } from '@stockroom/domain/merchant-id'
import { createKms } from '@stockroom/local-cloud/engines/kms'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { KmsSecretMint } from './kms-secret-mint.ts'
import { KmsSecretOpener } from './kms-secret-opener.ts'

const id = '0f6c2f1c-3f0e-4d3b-9b7a-0d9f6f0a1b2c'
const kms = createKms({
  keys: [{ id, arn: `arn:aws:kms:eu-west-1:000000000000:key/${id}`, spec: 'SYMMETRIC_DEFAULT' }],
})
let server: Server
let client: KMSClient
let asked: string[]
let down = false

beforeAll(async () => {
  server = createServer(async (request, response) => {
    const operation = String(request.headers['x-amz-target']).replace('TrentService.', '')
    asked.push(operation)
    const { status, body } = down
      ? { status: 400, body: { __type: 'DisabledException' } }
      : kms.handle(operation, await json(request))
    response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' }).end(JSON.stringify(body))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  client = new KMSClient({
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    region: 'eu-west-1',
    credentials: { accessKeyId: 'LOCAL', secretAccessKey: 'local' },
  })
})
afterAll(() => {
  client.destroy()
  server.close()
})
beforeEach(() => {
  asked = []
  down = false
})

const ids = new CountingIds()
const owner = () => ({ merchant: MerchantId.parse('corner-shop'), endpointId: ids.next('whk') })

describe('a secret', () => {
  test('of 32 random bytes is sealed by encrypting and opened by decrypting, and nothing else', async () => {
    const [mint, whose] = [new KmsSecretMint(client, id), owner()]
    const { secret, sealed } = await mint.mint(whose)
    expect(Buffer.from(secret.replace('whsec_', ''), 'base64')).toHaveLength(32)
    expect(sealed).not.toContain(secret)
    expect((await mint.mint(whose)).secret).not.toBe(secret)
    expect(asked).toEqual(['Encrypt', 'Encrypt'])
    expect(await new KmsSecretOpener(client, id).open(sealed, whose)).toBe(secret)
    expect(asked).toEqual(['Encrypt', 'Encrypt', 'Decrypt'])
  })

  test('does not open for another endpoint or merchant', async () => {
    const whose = owner()
    const { sealed } = await new KmsSecretMint(client, id).mint(whose)
    const opener = new KmsSecretOpener(client, id)
    await opener.open(sealed, whose)
    await expect(opener.open(sealed, owner())).rejects.toThrow()
    await expect(
      opener.open(sealed, { ...whose, merchant: MerchantId.parse('other-shop') }),
    ).rejects.toThrow()
  })

  test('is asked for once, also by many at once; a failure is not remembered', async () => {
    const whose = owner()
    const { sealed, secret } = await new KmsSecretMint(client, id).mint(whose)
    const opener = new KmsSecretOpener(client, id)
    down = true
    await expect(opener.open(sealed, whose)).rejects.toThrow()
    down = false
    asked = []
    const opened = await Promise.all(Array.from({ length: 5 }, () => opener.open(sealed, whose)))
    expect(new Set(opened)).toEqual(new Set([secret]))
    expect(asked).toEqual(['Decrypt'])
  })
})
