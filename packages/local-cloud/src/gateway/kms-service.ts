import type { Kms } from '../engines/kms.ts'
import type { RequestedAction } from './authorize.ts'
import type { JsonService } from './gateway-service.ts'

const keyOperations = new Set(['Encrypt', 'Decrypt', 'GenerateDataKey', 'GenerateMac', 'VerifyMac'])

/** KMS behind the door; a request's encryption context is there for conditions. */
export const kmsService = (kms: Kms): JsonService => ({
  name: 'kms',
  contentType: 'application/x-amz-json-1.1',
  targetPrefix: 'TrentService.',
  actionsOf: (operation, input): readonly RequestedAction[] | undefined => {
    if (!keyOperations.has(operation)) return undefined
    const resource = kms.keyArnOf(input)
    if (resource === undefined) return [] // KMS itself says that there is no such key
    const context = Object.entries(input.EncryptionContext ?? {}).map(([name, value]) => [
      `kms:EncryptionContext:${name}`,
      String(value),
    ])
    return [{ action: `kms:${operation}`, resource, conditions: Object.fromEntries(context) }]
  },
  perform: async (operation, input) => {
    const { status, body } = kms.handle(operation, input)
    return {
      status,
      body: JSON.stringify(body),
      ...(typeof body.__type === 'string' && { errorCode: body.__type }),
    }
  },
})
