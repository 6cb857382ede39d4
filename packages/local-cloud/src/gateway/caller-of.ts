import type { IncomingMessage } from 'node:http'

/** The key id of a request's SigV4 credential and its session; signatures themselves are not checked here. Undefined without one. */
export const callerOf = (
  request: IncomingMessage,
): { readonly accessKeyId: string; readonly sessionToken?: string } | undefined => {
  const accessKeyId = /^AWS4-HMAC-SHA256 .*Credential=([^/,\s]+)\//.exec(
    request.headers.authorization ?? '',
  )?.[1]
  if (accessKeyId === undefined) return undefined
  const token = request.headers['x-amz-security-token']
  return { accessKeyId, ...(typeof token === 'string' && { sessionToken: token }) }
}
