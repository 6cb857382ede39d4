import { ConditionalCheckFailedException, TransactionConflictException } from '@aws-sdk/client-dynamodb'
import { describe, expect, it } from 'vitest'
import { scriptedClient } from './scripted-client.ts'
import { putIf, updateIf } from './write-if.ts'

const failed = new ConditionalCheckFailedException({ message: 'failed', $metadata: {} })
const conflict = new TransactionConflictException({ message: 'ongoing', $metadata: {} })
const refusing = (error: Error) =>
  scriptedClient(() => {
    throw error
  })
const put = { TableName: 't', Item: {}, ConditionExpression: 'attribute_not_exists(pk)' }
const update = { TableName: 't', Key: {}, ConditionExpression: 'attribute_exists(pk)' }

describe('a conditional write', () => {
  it('tells whether its condition held', async () => {
    expect(
      await putIf(
        scriptedClient(() => ({})),
        put,
      ),
    ).toBe(true)
    expect(
      await updateIf(
        scriptedClient(() => ({})),
        update,
      ),
    ).toBe(true)
    expect(await putIf(refusing(failed), put)).toBe(false)
    expect(await updateIf(refusing(failed), update)).toBe(false)
  })

  it('does not take a conflict for an item that is there already', async () => {
    await expect(putIf(refusing(conflict), put)).rejects.toBe(conflict)
  })

  it('has an update read again after a conflict', async () => {
    expect(await updateIf(refusing(conflict), update)).toBe(false)
  })

  it('passes other errors on', async () => {
    const busy = new Error('busy')
    await expect(putIf(refusing(busy), put)).rejects.toBe(busy)
    await expect(updateIf(refusing(busy), update)).rejects.toBe(busy)
  })
})
