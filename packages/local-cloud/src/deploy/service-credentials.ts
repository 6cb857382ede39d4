import type { Environment } from '../arn.ts'
import type { AdmitStreamCall } from '../engines/dynamodb-stream.ts'
import { HttpQueue } from '../events/http-queue.ts'
import type { Door } from '../gateway/authorize.ts'
import type { Credentials } from '../lambda/environment-variables.ts'

/** Headers that name the caller to a gateway. Gateways look up the key and check no signature. */
const callerHeaders = (
  { accessKeyId, sessionToken }: Credentials,
  { region }: Environment,
): Readonly<Record<string, string>> => ({
  authorization: `AWS4-HMAC-SHA256 Credential=${accessKeyId}/20260101/${region}/sqs/aws4_request, SignedHeaders=host, Signature=0`,
  'x-amz-security-token': sessionToken,
})

/** A queue that is read or fed under a role's credentials, as Lambda and the Scheduler do it. */
export const queueAs = (
  credentials: Credentials,
  environment: Environment,
  sqsEndpoint: string,
  queueArn: string,
): HttpQueue =>
  new HttpQueue({
    queueArn,
    queueUrl: queueUrl(sqsEndpoint, environment, queueArn),
    headers: callerHeaders(credentials, environment),
  })

/** `http://127.0.0.1:<port>/<account>/<name>`. */
export const queueUrl = (sqsEndpoint: string, { account }: Environment, queueArn: string): string =>
  `${sqsEndpoint}/${account}/${queueArn.slice(queueArn.lastIndexOf(':') + 1)}`

/** Lets a stream be read under a role's credentials: each call of the streams API passes the door like any other. */
export const readStreamAs =
  (door: Door, { accessKeyId, sessionToken }: Credentials): AdmitStreamCall =>
  async (operation, streamArn) => {
    const admission = await door.enter({
      service: 'dynamodb',
      operation,
      accessKeyId,
      sessionToken,
      actions: [{ action: `dynamodb:${operation}`, resource: streamArn }],
    })
    if (admission.verdict === 'refused') throw new Error(admission.fault.message)
    if (admission.verdict === 'lost') throw new Error(`${operation}: the connection was closed`)
    const departure = await admission.leave({ status: 200, requestBytes: 0, responseBytes: 0 })
    if (departure.kind === 'fail') throw new Error(departure.fault.message)
    if (departure.kind === 'hang up') throw new Error(`${operation}: the connection was closed`)
  }
