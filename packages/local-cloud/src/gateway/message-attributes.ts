import { createHash } from 'node:crypto'

/** As it stands on SQS's wire; binary values are base64. */
export interface MessageAttribute {
  readonly DataType: string
  readonly StringValue?: string
  readonly BinaryValue?: string
}

export type MessageAttributes = Readonly<Record<string, MessageAttribute>>

/**
 * The digest in MD5OfMessageAttributes; undefined when there are none. The algorithm is "Calculating the MD5 message
 * digest for message attributes" in the SQS developer guide.
 */
export const digestOf = (attributes: MessageAttributes): string | undefined => {
  const names = Object.keys(attributes).sort()
  if (names.length === 0) return undefined
  const hash = createHash('md5')
  const add = (value: string | Buffer): void => {
    const bytes = Buffer.from(value)
    const length = Buffer.alloc(4)
    length.writeUInt32BE(bytes.byteLength)
    hash.update(length).update(bytes)
  }
  for (const name of names) {
    const { DataType = '', StringValue, BinaryValue } = attributes[name] ?? {}
    add(name)
    add(DataType)
    hash.update(Buffer.of(DataType.startsWith('Binary') ? 2 : 1))
    add(BinaryValue === undefined ? (StringValue ?? '') : Buffer.from(BinaryValue, 'base64'))
  }
  return hash.digest('hex')
}

/** Those of the attributes that a receiver asked for by MessageAttributeNames: names, `prefix.*`, `All`. */
export const askedFor = (attributes: MessageAttributes, names: readonly string[]): MessageAttributes =>
  Object.fromEntries(
    Object.entries(attributes).filter(([name]) =>
      names.some(
        (asked) =>
          asked === name || asked === 'All' || (asked.endsWith('.*') && name.startsWith(asked.slice(0, -1))),
      ),
    ),
  )
