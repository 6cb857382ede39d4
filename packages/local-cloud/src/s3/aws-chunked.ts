import { S3Error } from './s3-error.ts'

const maxLineBytes = 8 * 1024

/**
 * Decodes an `aws-chunked` body (`<hex size>\r\n<data>\r\n … 0\r\n<trailer>: <value>\r\n\r\n`) as it arrives; the trailing
 * headers are put into `trailer`. Throws IncompleteBody when it ends early and InvalidRequest when it is malformed.
 */
export async function* decodeAwsChunked(
  source: AsyncIterable<Buffer>,
  trailer: Map<string, string>,
): AsyncGenerator<Buffer> {
  let pending: Buffer = Buffer.alloc(0)
  let state: 'size' | 'data' | 'data end' | 'trailer' | 'done' = 'size'
  let remaining = 0

  /** The next line without its CRLF; undefined while it is incomplete. */
  const takeLine = (): string | undefined => {
    const end = pending.indexOf('\r\n')
    if (end > maxLineBytes || (end === -1 && pending.length > maxLineBytes)) {
      throw new S3Error('InvalidRequest', 'A line of the aws-chunked body is too long.')
    }
    if (end === -1) return undefined
    const line = pending.toString('latin1', 0, end)
    pending = pending.subarray(end + 2)
    return line
  }

  for await (const chunk of source) {
    pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk])
    while (state !== 'done') {
      if (state === 'data') {
        if (pending.length === 0) break
        const data = pending.subarray(0, remaining)
        pending = pending.subarray(data.length)
        remaining -= data.length
        if (remaining === 0) state = 'data end'
        yield data
        continue
      }
      const line = takeLine()
      if (line === undefined) break
      if (state === 'size') {
        if (!/^[0-9a-f]{1,12}$/i.test(line)) throw new S3Error('InvalidRequest', 'A chunk has no valid size.')
        remaining = Number.parseInt(line, 16)
        state = remaining === 0 ? 'trailer' : 'data'
      } else if (state === 'data end') {
        if (line !== '') throw new S3Error('InvalidRequest', 'A chunk is longer than its size.')
        state = 'size'
      } else if (line === '') {
        state = 'done'
      } else {
        const colon = line.indexOf(':')
        if (colon < 1) throw new S3Error('InvalidRequest', 'A trailing header is malformed.')
        trailer.set(line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim())
      }
    }
  }
  if (state !== 'done') throw new S3Error('IncompleteBody', 'The aws-chunked body ended early.')
}
