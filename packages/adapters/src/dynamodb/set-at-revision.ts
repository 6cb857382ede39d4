import { marshall } from '@aws-sdk/util-dynamodb'

/**
 * The parts of an update that sets `members` on an item and counts its revision up, if nobody else did since `before`. Also refuses when the
 * item is gone: an update makes none.
 */
export const setAtRevision = (before: number, members: Readonly<Record<string, unknown>>) => {
  const all = { ...members, revision: before + 1 }
  const names = Object.keys(all)
  return {
    UpdateExpression: `SET ${names.map((name) => `#${name} = :${name}`).join(', ')}`,
    ConditionExpression: '#revision = :before',
    ExpressionAttributeNames: Object.fromEntries(names.map((name) => [`#${name}`, name])),
    ExpressionAttributeValues: marshall({
      ...Object.fromEntries(Object.entries(all).map(([name, value]) => [`:${name}`, value])),
      ':before': before,
    }),
  }
}
