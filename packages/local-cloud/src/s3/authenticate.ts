import { S3Error } from './s3-error.ts'
import {
  algorithm,
  assertSignature,
  type CredentialScope,
  parseAmzDate,
  parseCredential,
  type SignedRequest,
  signature,
  stringToSign,
} from './sigv4.ts'

/** Who signed a request. */
export interface Caller {
  readonly accessKeyId: string
  readonly sessionToken: string | undefined
}

export interface AuthenticatedRequest {
  readonly caller: Caller
  /** The value of `x-amz-content-sha256`: a hash, `UNSIGNED-PAYLOAD` or one of the `STREAMING-` words. */
  readonly payloadHash: string
  /** The headers, together with the `x-amz-` ones that a presigned URL carries in its query. */
  readonly headers: ReadonlyMap<string, string>
}

export interface Verifier {
  readonly region: string
  readonly secretOf: (accessKeyId: string) => string | undefined
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

type UnverifiedRequest = Omit<SignedRequest, 'signedHeaders' | 'payloadHash'>

const maxSkewMs = 15 * 60_000

/** Throws InvalidAccessKeyId. */
export const secretOrRefuse = (verifier: Verifier, accessKeyId: string): string => {
  const secret = verifier.secretOf(accessKeyId)
  if (secret === undefined)
    throw new S3Error('InvalidAccessKeyId', undefined, { AWSAccessKeyId: accessKeyId })
  return secret
}

const assertHeadersSigned = (
  headers: ReadonlyMap<string, string>,
  signedHeaders: readonly string[],
): void => {
  const unsigned = [...headers.keys()].filter(
    (name) => (name === 'host' || name.startsWith('x-amz-')) && !signedHeaders.includes(name),
  )
  if (unsigned.length > 0) {
    throw new S3Error('AccessDenied', 'There were headers present in the request which were not signed', {
      HeadersNotSigned: unsigned.join(', '),
    })
  }
}

const verify = (
  verifier: Verifier,
  request: SignedRequest,
  scope: CredentialScope,
  amzDate: string,
  given: string,
): void => {
  if (!amzDate.startsWith(scope.date)) throw new S3Error('SignatureDoesNotMatch')
  const secret = secretOrRefuse(verifier, scope.accessKeyId)
  assertHeadersSigned(request.headers, request.signedHeaders)
  assertSignature(signature(secret, scope, stringToSign(request, amzDate, scope)), given)
}

const byHeader = (
  verifier: Verifier,
  request: UnverifiedRequest,
  authorization: string,
): AuthenticatedRequest => {
  const match = /^(\S+) +Credential=([^,]+), *SignedHeaders=([^,]+), *Signature=([0-9a-f]{64})$/.exec(
    authorization,
  )
  const [, name, credential, signedHeaders, given] = match ?? []
  if (name !== algorithm || !credential || !signedHeaders || !given) {
    throw new S3Error('AuthorizationHeaderMalformed')
  }
  const scope = parseCredential(credential, verifier.region, 'AuthorizationHeaderMalformed')
  const amzDate = request.headers.get('x-amz-date') ?? ''
  const signedAt = parseAmzDate(amzDate)
  if (signedAt === undefined) {
    throw new S3Error('AccessDenied', 'AWS authentication requires a valid Date or x-amz-date header')
  }
  const payloadHash = request.headers.get('x-amz-content-sha256')
  if (payloadHash === undefined) {
    throw new S3Error('InvalidRequest', 'Missing required header for this request: x-amz-content-sha256')
  }
  verify(
    verifier,
    { ...request, signedHeaders: signedHeaders.split(';'), payloadHash },
    scope,
    amzDate,
    given,
  )
  if (Math.abs(verifier.now() - signedAt) > maxSkewMs) throw new S3Error('RequestTimeTooSkewed')
  const sessionToken = request.headers.get('x-amz-security-token')
  return { caller: { accessKeyId: scope.accessKeyId, sessionToken }, payloadHash, headers: request.headers }
}

const authenticationParameters = new Set([
  'x-amz-algorithm',
  'x-amz-credential',
  'x-amz-date',
  'x-amz-expires',
  'x-amz-security-token',
  'x-amz-signature',
  'x-amz-signedheaders',
])

const byQuery = (verifier: Verifier, request: UnverifiedRequest): AuthenticatedRequest => {
  const parameter = (name: string): string => {
    const value = request.parameters.get(name)
    if (value !== undefined) return value
    throw new S3Error(
      'AuthorizationQueryParametersError',
      'Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.',
    )
  }
  if (parameter('X-Amz-Algorithm') !== algorithm) {
    throw new S3Error('AuthorizationQueryParametersError', `X-Amz-Algorithm only supports "${algorithm}"`)
  }
  const scope = parseCredential(
    parameter('X-Amz-Credential'),
    verifier.region,
    'AuthorizationQueryParametersError',
  )
  const amzDate = parameter('X-Amz-Date')
  const signedAt = parseAmzDate(amzDate)
  const seconds = Number(parameter('X-Amz-Expires'))
  if (signedAt === undefined)
    throw new S3Error('AuthorizationQueryParametersError', 'X-Amz-Date is malformed')
  if (!Number.isInteger(seconds) || seconds < 1 || seconds > 604_800) {
    throw new S3Error(
      'AuthorizationQueryParametersError',
      'X-Amz-Expires must be between 1 and 604800 seconds',
    )
  }
  const given = parameter('X-Amz-Signature')
  const signedHeaders = parameter('X-Amz-SignedHeaders').split(';')
  const payloadHash =
    request.parameters.get('X-Amz-Content-Sha256') ??
    request.headers.get('x-amz-content-sha256') ??
    'UNSIGNED-PAYLOAD'
  verify(verifier, { ...request, signedHeaders, payloadHash }, scope, amzDate, given)

  const now = verifier.now()
  if (now > signedAt + seconds * 1000) {
    throw new S3Error('AccessDenied', 'Request has expired', {
      'X-Amz-Expires': String(seconds),
      Expires: new Date(signedAt + seconds * 1000).toISOString(),
      ServerTime: new Date(now).toISOString(),
    })
  }
  if (signedAt - now > maxSkewMs) throw new S3Error('AccessDenied', 'Request is not valid yet')

  const headers = new Map(request.headers)
  for (const [name, value] of request.parameters) {
    const lower = name.toLowerCase()
    if (lower.startsWith('x-amz-') && !authenticationParameters.has(lower)) headers.set(lower, value)
  }
  const sessionToken = request.parameters.get('X-Amz-Security-Token')
  return { caller: { accessKeyId: scope.accessKeyId, sessionToken }, payloadHash, headers }
}

/**
 * Verifies the SigV4 signature of a request, in its Authorization header or in its query, and its time.
 * Anonymous requests are refused: every bucket here blocks public access. Throws S3Error.
 */
export const authenticate = (verifier: Verifier, request: UnverifiedRequest): AuthenticatedRequest => {
  const authorization = request.headers.get('authorization')
  const presigned = request.parameters.has('X-Amz-Algorithm') || request.parameters.has('X-Amz-Signature')
  if (authorization !== undefined && presigned) {
    throw new S3Error('InvalidArgument', 'Only one auth mechanism allowed')
  }
  if (authorization !== undefined) return byHeader(verifier, request, authorization)
  if (presigned) return byQuery(verifier, request)
  throw new S3Error('AccessDenied')
}
