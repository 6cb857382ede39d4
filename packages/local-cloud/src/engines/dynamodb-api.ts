/** DynamoDB's error answer: `name` is the exception, for instance `ResourceInUseException`. */
export class DynamoDbApiError extends Error {
  override readonly name: string

  constructor(name: string, message: string) {
    super(message)
    this.name = name
  }
}

/**
 * Calls an operation of DynamoDB (`CreateTable`) or of its streams (`GetRecords`) and returns the parsed answer.
 * Throws {@link DynamoDbApiError}.
 */
export type DynamoDbApi = <Answer>(
  service: 'DynamoDB' | 'DynamoDBStreams',
  operation: string,
  input: object,
) => Promise<Answer>

/** The engine asks for the shape of a signature only; who may do what was decided at the door. */
const authorization = (region: string): string =>
  `AWS4-HMAC-SHA256 Credential=LOCALOPERATOR/20260101/${region}/dynamodb/aws4_request, SignedHeaders=host, Signature=0`

/** A client for an engine's own endpoint, without the SDK: the local cloud needs six operations. */
export const dynamoDbApi =
  (endpoint: string, region: string): DynamoDbApi =>
  async <Answer>(service: string, operation: string, input: object): Promise<Answer> => {
    const response = await fetch(endpoint, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-amz-json-1.0',
        'x-amz-target': `${service}_20120810.${operation}`,
        'x-amz-date': '20260101T000000Z',
        authorization: authorization(region),
      },
      body: JSON.stringify(input),
    })
    const answer: unknown = await response.json()
    if (response.ok) return answer as Answer
    throw errorOf(answer, operation)
  }

const errorOf = (answer: unknown, operation: string): DynamoDbApiError => {
  const fields = typeof answer === 'object' && answer !== null ? (answer as Record<string, unknown>) : {}
  const type = String(fields.__type ?? 'UnknownError')
  return new DynamoDbApiError(
    type.slice(type.indexOf('#') + 1),
    `${operation}: ${String(fields.message ?? fields.Message ?? type)}`,
  )
}
