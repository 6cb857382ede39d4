import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createKms, type KmsOptions } from './kms.ts'

const keys = {
  secrets: {
    id: '11111111-1111-4111-8111-111111111111',
    arn: 'arn:aws:kms:eu-west-1:000000000000:key/11111111-1111-4111-8111-111111111111',
    spec: 'SYMMETRIC_DEFAULT',
  },
  others: {
    id: '22222222-2222-4222-8222-222222222222',
    arn: 'arn:aws:kms:eu-west-1:000000000000:key/22222222-2222-4222-8222-222222222222',
    spec: 'SYMMETRIC_DEFAULT',
  },
  macs: {
    id: '33333333-3333-4333-8333-333333333333',
    arn: 'arn:aws:kms:eu-west-1:000000000000:key/33333333-3333-4333-8333-333333333333',
    spec: 'HMAC_256',
  },
} as const

const options: KmsOptions = { keys: Object.values(keys), aliases: { 'alias/secrets': keys.secrets.id } }
const base64 = (text: string) => Buffer.from(text).toString('base64')

const encrypt = (kms = createKms(options), context: Record<string, string> = { tenant: 'a', kind: 'x' }) =>
  kms.handle('Encrypt', { KeyId: keys.secrets.id, Plaintext: base64('secret'), EncryptionContext: context })
    .body.CiphertextBlob

describe('encryption', () => {
  it('returns what was encrypted, without being told the key, in whatever order the context comes', () => {
    const kms = createKms(options)

    const { body } = kms.handle('Decrypt', {
      CiphertextBlob: encrypt(kms),
      EncryptionContext: { kind: 'x', tenant: 'a' },
    })

    expect(body).toEqual({
      Plaintext: base64('secret'),
      KeyId: keys.secrets.arn,
      EncryptionAlgorithm: 'SYMMETRIC_DEFAULT',
    })
  })

  it.each([
    ['another context', { EncryptionContext: { tenant: 'b', kind: 'x' } }],
    ['no context', { EncryptionContext: undefined }],
  ])('refuses %s', (_, change) => {
    const kms = createKms(options)

    const answer = kms.handle('Decrypt', { CiphertextBlob: encrypt(kms), ...change })

    expect(answer).toMatchObject({ status: 400, body: { __type: 'InvalidCiphertextException' } })
  })

  it('refuses a ciphertext that was changed or cut anywhere', () => {
    const kms = createKms(options)
    const blob = Buffer.from(String(encrypt(kms)), 'base64')

    for (let position = 0; position < blob.length; position += 1) {
      const changed = Buffer.from(blob)
      changed[position] = (changed[position] ?? 0) ^ 1
      for (const damaged of [changed, blob.subarray(0, position + 1)]) {
        if (damaged.length === blob.length && damaged.equals(blob)) continue
        const { status } = kms.handle('Decrypt', {
          CiphertextBlob: damaged.toString('base64'),
          EncryptionContext: { kind: 'x', tenant: 'a' },
        })
        expect(status).toBe(400)
      }
    }
  })

  it('refuses to decrypt with another key than the one that encrypted', () => {
    const kms = createKms(options)

    const answer = kms.handle('Decrypt', {
      CiphertextBlob: encrypt(kms),
      KeyId: keys.others.arn,
      EncryptionContext: { tenant: 'a', kind: 'x' },
    })

    expect(answer.body.__type).toBe('IncorrectKeyException')
  })

  it('encrypts the same text to another ciphertext each time', () => {
    const kms = createKms(options)

    expect(encrypt(kms)).not.toBe(encrypt(kms))
  })

  it('wraps a fresh data key', () => {
    const kms = createKms(options)
    const { body } = kms.handle('GenerateDataKey', { KeyId: 'alias/secrets', KeySpec: 'AES_256' })

    expect(Buffer.from(String(body.Plaintext), 'base64')).toHaveLength(32)
    expect(kms.handle('Decrypt', { CiphertextBlob: body.CiphertextBlob }).body.Plaintext).toBe(body.Plaintext)
  })

  it.each([
    ['plain id', keys.secrets.id],
    ['ARN', keys.secrets.arn],
    ['alias', 'alias/secrets'],
  ])('finds a key by its %s', (_, keyId) => {
    expect(createKms(options).handle('Encrypt', { KeyId: keyId, Plaintext: base64('x') }).status).toBe(200)
    expect(createKms(options).keyArnOf({ KeyId: keyId })).toBe(keys.secrets.arn)
  })
})

describe('message authentication', () => {
  const request = { KeyId: keys.macs.id, Message: base64('message'), MacAlgorithm: 'HMAC_SHA_256' }

  it('gives the same code for the same message and verifies it', () => {
    const kms = createKms(options)
    const { Mac } = kms.handle('GenerateMac', request).body

    expect(kms.handle('GenerateMac', request).body.Mac).toBe(Mac)
    expect(kms.handle('VerifyMac', { ...request, Mac }).body.MacValid).toBe(true)
  })

  it('refuses the code of another message', () => {
    const kms = createKms(options)
    const { Mac } = kms.handle('GenerateMac', { ...request, Message: base64('other') }).body

    expect(kms.handle('VerifyMac', { ...request, Mac }).body.__type).toBe('KMSInvalidMacException')
  })

  it('refuses a key that encrypts, as encryption refuses this one', () => {
    const kms = createKms(options)

    expect(kms.handle('GenerateMac', { ...request, KeyId: keys.secrets.id }).body.__type).toBe(
      'InvalidKeyUsageException',
    )
    expect(kms.handle('Encrypt', { KeyId: keys.macs.id, Plaintext: base64('x') }).body.__type).toBe(
      'InvalidKeyUsageException',
    )
  })
})

describe('a request', () => {
  it.each([
    ['an unknown key', 'Encrypt', { KeyId: 'none', Plaintext: base64('x') }, 'NotFoundException'],
    ['an unknown operation', 'CreateGrant', {}, 'UnsupportedOperationException'],
    ['a missing member', 'Encrypt', { KeyId: keys.secrets.id }, 'ValidationException'],
    [
      'more than 4,096 bytes',
      'Encrypt',
      { KeyId: keys.secrets.id, Plaintext: Buffer.alloc(4097).toString('base64') },
      'ValidationException',
    ],
    ['a member of the wrong type', 'Encrypt', { KeyId: 7 }, 'SerializationException'],
  ])('with %s is refused', (_, operation, input, code) => {
    expect(createKms(options).handle(operation, input)).toMatchObject({ status: 400, body: { __type: code } })
  })
})

describe('a secrets file', () => {
  it('lets a later run decrypt what an earlier one encrypted, and is its owner’s alone', () => {
    const directory = mkdtempSync(join(tmpdir(), 'local-cloud-kms-'))
    try {
      const secretsFile = join(directory, 'kms.json')
      const blob = encrypt(createKms({ ...options, secretsFile }))

      const { body } = createKms({ ...options, secretsFile }).handle('Decrypt', {
        CiphertextBlob: blob,
        EncryptionContext: { tenant: 'a', kind: 'x' },
      })

      expect(body.Plaintext).toBe(base64('secret'))
      expect(statSync(secretsFile).mode & 0o777).toBe(0o600)
    } finally {
      rmSync(directory, { recursive: true })
    }
  })

  it('is not needed: another run has other keys', () => {
    const { status } = createKms(options).handle('Decrypt', {
      CiphertextBlob: encrypt(),
      EncryptionContext: { tenant: 'a', kind: 'x' },
    })

    expect(status).toBe(400)
  })
})
