import { S3Error } from './s3-error.ts'

/** What a request line addresses; `path` is the whole decoded path as signatures see it. */
export interface RequestTarget {
  readonly path: string
  /** Undefined for the service itself (`/`). */
  readonly bucket: string | undefined
  /** Empty when the bucket itself is addressed. */
  readonly key: string
  readonly parameters: ReadonlyMap<string, string>
}

const decode = (text: string): string => {
  try {
    // S3 reads `+` as a space in the path as well as in the query.
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    throw new S3Error('InvalidURI')
  }
}

const parametersOf = (query: string): ReadonlyMap<string, string> => {
  const parameters = new Map<string, string>()
  for (const pair of query.split('&')) {
    if (pair === '') continue
    const separator = pair.indexOf('=')
    const name = decode(separator === -1 ? pair : pair.slice(0, separator))
    if (parameters.has(name)) throw new S3Error('InvalidArgument', `The parameter ${name} is given twice.`)
    parameters.set(name, separator === -1 ? '' : decode(pair.slice(separator + 1)))
  }
  return parameters
}

/**
 * Refuses what S3 refuses as a key: more than 1,024 bytes of UTF-8, and `..` elements that, read from the left, outnumber
 * the other elements (S3 user guide, "Naming Amazon S3 objects"). Every other key is opaque.
 */
export const assertKey = (key: string): void => {
  const bytes = Buffer.byteLength(key)
  if (bytes > 1024) {
    throw new S3Error('KeyTooLongError', undefined, { Size: String(bytes), MaxSizeAllowed: '1024' })
  }
  let depth = 0
  for (const element of key.split('/')) {
    if (element === '..') depth -= 1
    else if (element !== '' && element !== '.') depth += 1
    if (depth < 0) throw new S3Error('InvalidURI')
  }
}

/**
 * Reads path style (`/bucket/key`) and virtual-host style (`bucket.localhost`) from the raw request line: the URL class
 * would resolve `..` and so change the key. Throws InvalidURI, KeyTooLongError, InvalidArgument.
 */
export const parseTarget = (url: string, host: string | undefined): RequestTarget => {
  const question = url.indexOf('?')
  const rawPath = question === -1 ? url : url.slice(0, question)
  if (!rawPath.startsWith('/')) throw new S3Error('InvalidURI')
  const path = decode(rawPath)
  const parameters = parametersOf(question === -1 ? '' : url.slice(question + 1))
  const hosted = /^(.+)\.localhost(?::\d+)?$/.exec(host ?? '')?.[1]
  const rest = path.slice(1)
  const slash = rest.indexOf('/')
  const bucket = hosted ?? (slash === -1 ? rest : rest.slice(0, slash))
  const key = hosted !== undefined ? rest : slash === -1 ? '' : rest.slice(slash + 1)
  assertKey(key)
  return { path, bucket: bucket === '' ? undefined : bucket, key, parameters }
}
