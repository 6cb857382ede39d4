import { createHash } from 'node:crypto'
import type { Environment } from '../arn.ts'
import type { Credentials } from '../lambda/environment-variables.ts'
import { algorithm, encodeRfc3986, signature, stringToSign } from '../s3/sigv4.ts'

/** Writes an object under a role's credentials, signed as S3 wants it. Rejects with the server's answer when it refuses. */
export const putObjectAs =
  (credentials: Credentials, environment: Environment, s3Endpoint: string, bucket: string) =>
  async (key: string, body: string): Promise<void> => {
    const path = `/${bucket}/${key}`
    const amzDate = new Date().toISOString().replace(/[-:]|\.\d+/g, '')
    const scope = {
      accessKeyId: credentials.accessKeyId,
      date: amzDate.slice(0, 8),
      region: environment.region,
    }
    const payloadHash = createHash('sha256').update(body).digest('hex')
    const headers = {
      host: new URL(s3Endpoint).host,
      'x-amz-content-sha256': payloadHash,
      'x-amz-date': amzDate,
      'x-amz-security-token': credentials.sessionToken,
    }
    const signedHeaders = Object.keys(headers)
    const text = stringToSign(
      {
        method: 'PUT',
        path,
        parameters: new Map(),
        headers: new Map(Object.entries(headers)),
        signedHeaders,
        payloadHash,
      },
      amzDate,
      scope,
    )
    const response = await fetch(s3Endpoint + path.split('/').map(encodeRfc3986).join('/'), {
      method: 'PUT',
      headers: {
        ...headers,
        authorization:
          `${algorithm} Credential=${scope.accessKeyId}/${scope.date}/${scope.region}/s3/aws4_request, ` +
          `SignedHeaders=${signedHeaders.join(';')}, ` +
          `Signature=${signature(credentials.secretAccessKey, scope, text)}`,
      },
      body,
    })
    if (!response.ok)
      throw new Error(`PutObject ${bucket}/${key}: ${response.status} ${await response.text()}`)
  }
