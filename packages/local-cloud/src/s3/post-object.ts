import type { Caller, Verifier } from './authenticate.ts'
import { secretOrRefuse } from './authenticate.ts'
import { checksumHeader } from './checksum.ts'
import { type IncomingBody, promisesIn } from './incoming-body.ts'
import { objectHeaders, quoted, versionHeader } from './object-headers.ts'
import type { PostForm } from './post-form.ts'
import { enforcePolicy, parsePolicy } from './post-policy.ts'
import { receiveBody } from './receive-body.ts'
import { assertKey } from './request-target.ts'
import { onObject, type S3Answer, type S3Operation } from './s3-call.ts'
import { S3Error } from './s3-error.ts'
import {
  algorithm,
  assertSignature,
  encodeRfc3986,
  parseAmzDate,
  parseCredential,
  signature,
} from './sigv4.ts'
import { storeObject } from './store-object.ts'
import { xmlDocument } from './xml.ts'

/** A form whose signature is good and whose policy holds. */
export interface AuthenticatedForm {
  readonly caller: Caller
  readonly key: string
  /** The fields, under the names that headers have. */
  readonly headers: ReadonlyMap<string, string>
  readonly body: IncomingBody
}

const requireField = (fields: ReadonlyMap<string, string>, name: string): string => {
  const value = fields.get(name)
  if (value !== undefined && value !== '') return value
  throw new S3Error('InvalidArgument', `Bucket POST must contain a field named '${name}'.`, {
    ArgumentName: name,
  })
}

/**
 * Verifies a form: signature of its policy by SigV4, the policy's expiry and every condition.
 * Throws S3Error: AccessDenied, InvalidAccessKeyId, SignatureDoesNotMatch, InvalidPolicyDocument, InvalidArgument.
 */
export const authenticateForm = (verifier: Verifier, form: PostForm, bucket: string): AuthenticatedForm => {
  const sent = form.fields
  const policy = sent.get('policy')
  if (policy === undefined) throw new S3Error('AccessDenied')
  if (requireField(sent, 'x-amz-algorithm') !== algorithm) {
    throw new S3Error('InvalidArgument', `X-Amz-Algorithm only supports "${algorithm}"`)
  }
  const scope = parseCredential(requireField(sent, 'x-amz-credential'), verifier.region, 'InvalidArgument')
  const amzDate = requireField(sent, 'x-amz-date')
  if (parseAmzDate(amzDate) === undefined || !amzDate.startsWith(scope.date)) {
    throw new S3Error(
      'InvalidArgument',
      'X-Amz-Date must be formatted as yyyyMMddTHHmmssZ, on the day of the credential',
    )
  }
  const secret = secretOrRefuse(verifier, scope.accessKeyId)
  assertSignature(signature(secret, scope, policy), requireField(sent, 'x-amz-signature'))

  // Variables are expanded before the policy is evaluated (S3 API reference, "Creating a POST policy").
  const key = requireField(sent, 'key').replaceAll(/\$\{filename\}/g, () => form.fileName)
  assertKey(key)
  const fields = new Map([...sent, ['key', key]])
  const { minSize, maxSize } = enforcePolicy(parsePolicy(policy), fields, bucket, verifier.now())

  const headers = new Map(fields)
  for (const [field, header] of [
    ['acl', 'x-amz-acl'],
    ['tagging', 'x-amz-tagging'],
  ] as const) {
    const value = fields.get(field)
    if (value !== undefined) headers.set(header, value)
  }
  const promises = promisesIn(headers)
  return {
    caller: { accessKeyId: scope.accessKeyId, sessionToken: sent.get('x-amz-security-token') },
    key,
    headers,
    body: {
      ...promises,
      chunks: form.file,
      size: undefined,
      sha256: undefined,
      minSize,
      maxSize: Math.min(maxSize, promises.maxSize),
    },
  }
}

const redirectTo = (target: string, answer: Readonly<Record<string, string>>): string | undefined => {
  if (!URL.canParse(target)) return undefined
  const url = new URL(target)
  for (const [name, value] of Object.entries(answer)) url.searchParams.set(name, value)
  return url.href
}

export const postObject: S3Operation = {
  name: 'PostObject',
  parameters: [],
  actions: onObject('s3:PutObject'),
  perform: async (service, call): Promise<S3Answer> => {
    const objectHeadersToKeep = objectHeaders(call.headers)
    const { fileId, size, md5, checksum } = await receiveBody(service.files, call.openBody())
    const { change } = await storeObject(service, call, {
      eventName: 'ObjectCreated:Post',
      fileId,
      size,
      eTag: md5,
      headers: objectHeadersToKeep,
      checksum,
    })
    const bucket = call.bucket.name
    const eTag = quoted(md5)
    const location = `${service.endpoint}/${bucket}/${call.key.split('/').map(encodeRfc3986).join('/')}`
    const headers = {
      etag: eTag,
      location,
      ...versionHeader(change.versionId),
      ...(checksum && { [checksumHeader(checksum.algorithm)]: checksum.value }),
    }
    const redirect = redirectTo(
      call.headers.get('success_action_redirect') ?? call.headers.get('redirect') ?? '',
      {
        bucket,
        key: call.key,
        etag: eTag,
      },
    )
    if (redirect !== undefined) return { status: 303, headers: { ...headers, location: redirect } }
    switch (call.headers.get('success_action_status')) {
      case '200':
        return { status: 200, headers }
      case '201':
        return {
          status: 201,
          headers,
          body: xmlDocument(
            [
              'PostResponse',
              [
                ['Location', location],
                ['Bucket', bucket],
                ['Key', call.key],
                ['ETag', eTag],
              ],
            ],
            '',
          ),
        }
      default:
        return { status: 204, headers }
    }
  },
}
