import { checksumHeader } from './checksum.ts'
import { findObject } from './find-object.ts'
import { describingHeaders } from './object-headers.ts'
import { readCondition, requestedRange } from './read-conditions.ts'
import { onObject, type S3Answer, type S3Call, type S3Operation, type S3Service } from './s3-call.ts'
import { S3Error } from './s3-error.ts'

const overrides = {
  'response-cache-control': 'cache-control',
  'response-content-disposition': 'content-disposition',
  'response-content-encoding': 'content-encoding',
  'response-content-language': 'content-language',
  'response-content-type': 'content-type',
  'response-expires': 'expires',
} as const

const parameters = ['versionId', ...Object.keys(overrides)]

const actions: S3Operation['actions'] = (request, environment) =>
  onObject(request.parameters.has('versionId') ? 's3:GetObjectVersion' : 's3:GetObject')(request, environment)

const overridden = (call: S3Call): Readonly<Record<string, string>> => {
  const headers: Record<string, string> = {}
  for (const [parameter, header] of Object.entries(overrides)) {
    const value = call.parameters.get(parameter)
    if (value === undefined) continue
    if (/\p{Cc}/u.test(value)) throw new S3Error('InvalidArgument', undefined, { ArgumentName: parameter })
    headers[header] = Buffer.from(value, 'utf8').toString('latin1')
  }
  return headers
}

const answer = (service: S3Service, call: S3Call, withBody: boolean): S3Answer => {
  const object = findObject(service, call, call.bucket.name, call.key, call.parameters.get('versionId'))
  const described = { ...describingHeaders(object), ...overridden(call) }
  if (readCondition(call.headers, object) === 'not modified') {
    return { status: 304, headers: described }
  }
  const range = requestedRange(call.headers.get('range'), object.size)
  const wantsChecksum = call.headers.get('x-amz-checksum-mode') === 'ENABLED' && range === undefined
  return {
    status: range ? 206 : 200,
    headers: {
      ...described,
      'content-length': String(range ? range.last - range.first + 1 : object.size),
      ...(range && { 'content-range': `bytes ${range.first}-${range.last}/${object.size}` }),
      ...(wantsChecksum &&
        object.checksum && {
          [checksumHeader(object.checksum.algorithm)]: object.checksum.value,
          'x-amz-checksum-type': object.checksum.value.includes('-') ? 'COMPOSITE' : 'FULL_OBJECT',
        }),
    },
    ...(withBody && object.size > 0 && { body: service.files.read(object.fileId, range) }),
  }
}

export const getObject: S3Operation = {
  name: 'GetObject',
  parameters,
  actions,
  perform: async (service, call) => answer(service, call, true),
}

export const headObject: S3Operation = {
  name: 'HeadObject',
  parameters,
  actions,
  perform: async (service, call) => answer(service, call, false),
}
