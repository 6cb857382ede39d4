/** A request as it came over the wire. */
export interface HttpApiRequest {
  readonly method: string
  /** Path and query, still percent-encoded. */
  readonly target: string
  /** In the order of arrival; names in any case. */
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body: Uint8Array
  readonly sourceIp: string
  /** `HTTP/1.1` */
  readonly protocol: string
}

export interface HttpApiResponse {
  readonly status: number
  /** Names in lower case; `set-cookie` may come more than once. */
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body: Uint8Array
}

/** An answer of API Gateway itself: `{"message":"Not Found"}`. */
export const gatewayMessage = (
  status: number,
  message: string,
  headers: readonly (readonly [string, string])[] = [],
): HttpApiResponse => ({
  status,
  headers: [['content-type', 'application/json'], ...headers],
  body: Buffer.from(JSON.stringify({ message })),
})
