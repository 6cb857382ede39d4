import { askedFor, digestOf, type MessageAttributes } from './message-attributes.ts'

/** A message on its way to SQS, alone or as an entry of a batch. */
export interface OutgoingMessage {
  readonly MessageAttributes?: MessageAttributes
  readonly MessageSystemAttributes?: MessageAttributes
}

/** What SendMessage answers, or one of SendMessageBatch's successes. */
export interface SentMessage {
  readonly MD5OfMessageAttributes?: string
  readonly MD5OfMessageSystemAttributes?: string
}

/** A message as the engine delivers it when it is asked for all of its attributes. */
export interface DeliveredMessage {
  readonly Attributes?: Readonly<Record<string, string>>
  readonly MessageAttributes?: MessageAttributes
  readonly MD5OfMessageAttributes?: string
}

/** What a ReceiveMessage asked for. */
export interface ReceiveRequest {
  readonly AttributeNames?: readonly string[]
  readonly MessageSystemAttributeNames?: readonly string[]
  readonly MessageAttributeNames?: readonly string[]
}

/** The engine has no AWSTraceHeader: an attribute that neither sender nor receiver sees carries it. */
const carrier = 'local-cloud.AWSTraceHeader'

/** The message with its trace header in the carrier. */
export const withCarrier = <Message extends OutgoingMessage>(message: Message): Message => {
  const trace = message.MessageSystemAttributes?.AWSTraceHeader
  return trace
    ? { ...message, MessageAttributes: { ...message.MessageAttributes, [carrier]: trace } }
    : message
}

/** The engine's receipt with the digests of what the sender sent. */
export const withSentDigests = <Sent extends SentMessage>(sent: Sent, message: OutgoingMessage): Sent => {
  const { MD5OfMessageAttributes: _ofEngine, ...rest } = sent
  const attributes = digestOf(message.MessageAttributes ?? {})
  const systemAttributes = digestOf(message.MessageSystemAttributes ?? {})
  return {
    ...rest,
    ...(attributes && { MD5OfMessageAttributes: attributes }),
    ...(systemAttributes && { MD5OfMessageSystemAttributes: systemAttributes }),
  } as Sent
}

/** The message as its receiver asked for it, the trace header out of the carrier. */
export const withoutCarrier = <Message extends DeliveredMessage>(
  message: Message,
  asked: ReceiveRequest,
): Message => {
  const { MessageAttributes: delivered = {}, MD5OfMessageAttributes: _all, Attributes, ...rest } = message
  const { [carrier]: trace, ...sent } = delivered
  const attributes = askedFor(sent, asked.MessageAttributeNames ?? [])
  const digest = digestOf(attributes)
  const systemNames = [...(asked.MessageSystemAttributeNames ?? []), ...(asked.AttributeNames ?? [])]
  const traceHeader =
    systemNames.some((name) => name === 'All' || name === 'AWSTraceHeader') && trace?.StringValue
  return {
    ...rest,
    ...((Attributes || traceHeader) && {
      Attributes: { ...Attributes, ...(traceHeader && { AWSTraceHeader: traceHeader }) },
    }),
    ...(digest && { MessageAttributes: attributes, MD5OfMessageAttributes: digest }),
  } as Message
}
