import { createCipheriv, createDecipheriv, createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { isObject } from '../template/property-reader.ts'
import { KmsError } from './kms-error.ts'
import { KmsInput } from './kms-input.ts'

export interface KeyConfig {
  /** A UUID. */
  readonly id: string
  readonly arn: string
  readonly spec: 'SYMMETRIC_DEFAULT' | 'HMAC_256'
}

export interface KmsOptions {
  readonly keys: readonly KeyConfig[]
  /** `alias/name` to key id. */
  readonly aliases?: Readonly<Record<string, string>>
  /** Keeps the secrets of the keys over restarts; without it each run has its own. */
  readonly secretsFile?: string
}

export interface KmsAnswer {
  readonly status: number
  readonly body: Readonly<Record<string, unknown>>
}

/** AWS KMS as far as the table of operations in this file goes. */
export interface Kms {
  /** Answers an operation of the JSON protocol (`Encrypt`); never throws. Blobs are base64, as on the wire. */
  handle(operation: string, input: unknown): KmsAnswer
  /** The ARN of the key that a request names, by id, ARN or alias, or in its ciphertext; undefined for an unknown key. */
  keyArnOf(input: unknown): string | undefined
}

interface Key extends KeyConfig {
  readonly secret: Buffer
}

/** Ciphertexts are one version byte, the key's id, an IV, the encrypted text and its tag; AWS's are opaque as well. */
const version = 1
const idLength = 16
const ivLength = 12
const tagLength = 16
const headerLength = 1 + idLength + ivLength
const maximumPlaintextBytes = 4096

/** Starts the keys of a template. Whether the caller may use a key is decided before, at the door. */
export const createKms = (options: KmsOptions): Kms => {
  const secrets = loadSecrets(options)
  const keys = new Map(options.keys.map((key) => [key.id, { ...key, secret: secrets(key.id) }]))
  const aliases = new Map(Object.entries(options.aliases ?? {}))

  const findKey = (keyId: string): Key | undefined => {
    const [, name = keyId] = /^arn:[^/]*:((?:alias\/|key\/).*)$/.exec(keyId) ?? []
    return keys.get(aliases.get(name) ?? name.replace(/^key\//, ''))
  }

  const keyFor = (keyId: string, spec: KeyConfig['spec']): Key => {
    const key = findKey(keyId)
    if (key === undefined) throw new KmsError('NotFoundException', `Key '${keyId}' does not exist`)
    if (key.spec !== spec) {
      throw new KmsError('InvalidKeyUsageException', `${key.arn} key usage is not valid for this operation.`)
    }
    return key
  }

  const operations: Readonly<Record<string, (input: KmsInput) => Readonly<Record<string, unknown>>>> = {
    Encrypt(input) {
      const key = keyFor(input.text('KeyId'), 'SYMMETRIC_DEFAULT')
      const blob = seal(key, input.bytes('Plaintext', maximumPlaintextBytes), input.context())
      return { CiphertextBlob: blob, KeyId: key.arn, EncryptionAlgorithm: 'SYMMETRIC_DEFAULT' }
    },

    Decrypt(input) {
      const blob = input.bytes('CiphertextBlob', 6144)
      const key = keys.get(keyIdIn(blob) ?? '')
      if (key === undefined) throw new KmsError('InvalidCiphertextException')
      const expected = input.optionalText('KeyId')
      if (expected !== undefined && keyFor(expected, 'SYMMETRIC_DEFAULT').id !== key.id) {
        throw new KmsError(
          'IncorrectKeyException',
          'The key ID in the request does not identify a CMK that can perform this operation.',
        )
      }
      const plaintext = open(key, blob, input.context())
      return {
        Plaintext: plaintext.toString('base64'),
        KeyId: key.arn,
        EncryptionAlgorithm: 'SYMMETRIC_DEFAULT',
      }
    },

    GenerateDataKey(input) {
      const key = keyFor(input.text('KeyId'), 'SYMMETRIC_DEFAULT')
      const length =
        input.optionalText('KeySpec') === 'AES_128' ? 16 : (input.optionalNumber('NumberOfBytes') ?? 32)
      const plaintext = randomBytes(length)
      return {
        CiphertextBlob: seal(key, plaintext, input.context()),
        Plaintext: plaintext.toString('base64'),
        KeyId: key.arn,
      }
    },

    GenerateMac(input) {
      const key = keyFor(input.text('KeyId'), 'HMAC_256')
      const mac = macOf(key, input.bytes('Message', maximumPlaintextBytes))
      return { Mac: mac.toString('base64'), MacAlgorithm: input.macAlgorithm(), KeyId: key.arn }
    },

    VerifyMac(input) {
      const key = keyFor(input.text('KeyId'), 'HMAC_256')
      const expected = macOf(key, input.bytes('Message', maximumPlaintextBytes))
      const given = input.bytes('Mac', 6144)
      if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
        throw new KmsError('KMSInvalidMacException')
      }
      return { KeyId: key.arn, MacValid: true, MacAlgorithm: input.macAlgorithm() }
    },
  }

  return {
    handle(operation, input) {
      try {
        const perform = operations[operation]
        if (perform === undefined) {
          throw new KmsError('UnsupportedOperationException', `${operation} is not known to the local cloud`)
        }
        return { status: 200, body: perform(new KmsInput(input)) }
      } catch (error) {
        if (error instanceof KmsError) return { status: 400, body: error.body }
        throw error
      }
    },

    keyArnOf(input) {
      if (!isObject(input)) return undefined
      const { KeyId, CiphertextBlob } = input
      if (typeof KeyId === 'string') return findKey(KeyId)?.arn
      if (typeof CiphertextBlob !== 'string') return undefined
      return keys.get(keyIdIn(Buffer.from(CiphertextBlob, 'base64')) ?? '')?.arn
    },
  }
}

const seal = (key: Key, plaintext: Buffer, context: Buffer): string => {
  const iv = randomBytes(ivLength)
  const cipher = createCipheriv('aes-256-gcm', key.secret, iv).setAAD(context)
  const text = Buffer.concat([cipher.update(plaintext), cipher.final()])
  const id = Buffer.from(key.id.replaceAll('-', ''), 'hex')
  return Buffer.concat([Buffer.of(version), id, iv, text, cipher.getAuthTag()]).toString('base64')
}

const open = (key: Key, blob: Buffer, context: Buffer): Buffer => {
  const iv = blob.subarray(1 + idLength, headerLength)
  const decipher = createDecipheriv('aes-256-gcm', key.secret, iv, { authTagLength: tagLength })
    .setAAD(context)
    .setAuthTag(blob.subarray(-tagLength))
  try {
    return Buffer.concat([decipher.update(blob.subarray(headerLength, -tagLength)), decipher.final()])
  } catch {
    // A changed text, another context: GCM does not say which, and KMS does not either.
    throw new KmsError('InvalidCiphertextException')
  }
}

const keyIdIn = (blob: Buffer): string | undefined =>
  blob.length < headerLength + tagLength || blob[0] !== version
    ? undefined
    : blob.toString('hex', 1, 1 + idLength).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')

const macOf = (key: Key, message: Buffer): Buffer => createHmac('sha256', key.secret).update(message).digest()

/** 32 random bytes a key; kept in the file, which only its owner may read, when there is one. */
const loadSecrets = ({ keys, secretsFile }: KmsOptions): ((keyId: string) => Buffer) => {
  const kept =
    secretsFile !== undefined && existsSync(secretsFile)
      ? (JSON.parse(readFileSync(secretsFile, 'utf8')) as Record<string, string>)
      : {}
  const secrets = Object.fromEntries(
    keys.map(({ id }) => [id, kept[id] ?? randomBytes(32).toString('base64')]),
  )
  if (secretsFile !== undefined) {
    writeFileSync(secretsFile, JSON.stringify({ ...kept, ...secrets }), { mode: 0o600 })
    chmodSync(secretsFile, 0o600)
  }
  return (id) => Buffer.from(secrets[id] ?? '', 'base64')
}
