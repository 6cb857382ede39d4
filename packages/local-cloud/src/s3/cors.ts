import type { Bucket, CorsRule } from './bucket.ts'
import type { S3Answer } from './s3-call.ts'
import { S3Error } from './s3-error.ts'

/** `*` stands for any run of characters; S3 allows one in a pattern. */
const matches = (pattern: string, text: string): boolean => {
  const star = pattern.indexOf('*')
  if (star === -1) return pattern === text
  const start = pattern.slice(0, star)
  const end = pattern.slice(star + 1)
  return text.length >= start.length + end.length && text.startsWith(start) && text.endsWith(end)
}

const allowedHeader = (rule: CorsRule, header: string): boolean =>
  rule.allowedHeaders.some((pattern) => matches(pattern.toLowerCase(), header))

const answerHeaders = (rule: CorsRule, origin: string): Readonly<Record<string, string>> => {
  const any = rule.allowedOrigins.includes('*')
  return {
    'access-control-allow-origin': any ? '*' : origin,
    ...(!any && { 'access-control-allow-credentials': 'true' }),
    'access-control-allow-methods': rule.allowedMethods.join(', '),
    ...(rule.exposedHeaders.length > 0 && {
      'access-control-expose-headers': rule.exposedHeaders.join(', '),
    }),
    ...(rule.maxAge !== undefined && { 'access-control-max-age': String(rule.maxAge) }),
    vary: 'Origin, Access-Control-Request-Headers, Access-Control-Request-Method',
  }
}

const ruleFor = (
  bucket: Bucket,
  origin: string,
  method: string,
  headers: readonly string[],
): CorsRule | undefined =>
  bucket.cors.find(
    (rule) =>
      rule.allowedOrigins.some((pattern) => matches(pattern, origin)) &&
      rule.allowedMethods.includes(method) &&
      headers.every((header) => allowedHeader(rule, header)),
  )

/** What lets a page of another origin read the answer; empty when no rule of the bucket allows it. */
export const corsHeaders = (
  bucket: Bucket | undefined,
  headers: ReadonlyMap<string, string>,
  method: string,
): Readonly<Record<string, string>> => {
  const origin = headers.get('origin')
  if (bucket === undefined || origin === undefined) return {}
  const rule = ruleFor(bucket, origin, method, [])
  return rule ? answerHeaders(rule, origin) : {}
}

/** Answers a preflight request. Throws InvalidRequest without its headers and AccessForbidden when no rule allows it. */
export const preflight = (bucket: Bucket | undefined, headers: ReadonlyMap<string, string>): S3Answer => {
  const origin = headers.get('origin')
  const method = headers.get('access-control-request-method')
  if (origin === undefined || method === undefined) {
    throw new S3Error(
      'InvalidRequest',
      'Insufficient information. Origin and Access-Control-Request-Method are needed.',
    )
  }
  const requested = (headers.get('access-control-request-headers') ?? '')
    .split(',')
    .map((header) => header.trim().toLowerCase())
    .filter((header) => header !== '')
  const rule = bucket && ruleFor(bucket, origin, method, requested)
  if (rule === undefined) throw new S3Error('AccessForbidden')
  return {
    status: 200,
    headers: {
      ...answerHeaders(rule, origin),
      ...(requested.length > 0 && { 'access-control-allow-headers': requested.join(', ') }),
    },
  }
}
