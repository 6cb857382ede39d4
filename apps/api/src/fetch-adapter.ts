import type { APIGatewayProxyEventV2WithJWTAuthorizer, APIGatewayProxyStructuredResultV2 } from 'aws-lambda'

/** An HTTP API event (payload 2.0) as the request that it was. */
export const toRequest = (event: APIGatewayProxyEventV2WithJWTAuthorizer): Request => {
  const { rawPath, rawQueryString, requestContext, body, isBase64Encoded } = event
  const headers = new Headers()
  for (const [name, value] of Object.entries(event.headers)) if (value !== undefined) headers.set(name, value)
  if (event.cookies) headers.set('cookie', event.cookies.join('; '))
  // API Gateway decodes the path: what would end it in a URL is written as a part of it again.
  const path = rawPath.replace(/[?#]/g, encodeURIComponent)
  const query = rawQueryString === '' ? '' : `?${rawQueryString}`
  return new Request(`https://${requestContext.domainName}${path}${query}`, {
    method: requestContext.http.method,
    headers,
    ...(body !== undefined && { body: Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8') }),
  })
}

/** A response as API Gateway wants it. Everything that the API says is text. */
export const toResult = async (response: Response): Promise<APIGatewayProxyStructuredResultV2> => {
  const cookies = response.headers.getSetCookie()
  const headers = Object.fromEntries([...response.headers].filter(([name]) => name !== 'set-cookie'))
  return {
    statusCode: response.status,
    headers,
    body: await response.text(),
    ...(cookies.length > 0 && { cookies }),
  }
}
