import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { Busboy, type BusboyInstance } from '@fastify/busboy'
import { S3Error } from './s3-error.ts'

const maxFieldBytes = 20 * 1024

/** A browser's upload form, read up to its file: what stands after the file is ignored, as in S3. */
export interface PostForm {
  /** By lower-case name. */
  readonly fields: ReadonlyMap<string, string>
  /** Without directories; empty when the browser sent none. */
  readonly fileName: string
  /** The file's content; ends only when the whole form was well-formed and held no second file. */
  readonly file: AsyncIterable<Buffer>
}

const malformed = (error: unknown): S3Error =>
  error instanceof S3Error
    ? error
    : new S3Error('MalformedPOSTRequest', error instanceof Error ? error.message : undefined)

const oneFileOnly = (): S3Error =>
  new S3Error('InvalidArgument', 'POST requires exactly one file upload per request.')

const parserOf = (contentType: string): BusboyInstance => {
  try {
    return new Busboy({
      headers: { 'content-type': contentType },
      limits: { fieldSize: maxFieldBytes, files: 1 },
      isPartAFile: (name) => name?.toLowerCase() === 'file',
    })
  } catch (error) {
    throw malformed(error)
  }
}

/**
 * Parses a multipart/form-data body as it arrives, up to its file. `signal` ends the reading and MUST be aborted in the end, since
 * a file that nobody reads holds the connection. Throws MalformedPOSTRequest, MaxPostPreDataLengthExceeded, InvalidArgument.
 */
export const openPostForm = async (
  chunks: AsyncIterable<Buffer>,
  contentType: string,
  signal: AbortSignal,
): Promise<PostForm> => {
  const parser = parserOf(contentType)
  const fields = new Map<string, string>()
  let fieldBytes = 0
  let secondFile = false
  const opened = Promise.withResolvers<{ readonly stream: Readable; readonly fileName: string }>()
  parser.on('field', (name, value, _nameTruncated, valueTruncated) => {
    const field = name.toLowerCase()
    fieldBytes += name.length + Buffer.byteLength(value)
    if (valueTruncated || fieldBytes > maxFieldBytes) {
      opened.reject(new S3Error('MaxPostPreDataLengthExceeded'))
    } else if (fields.has(field)) {
      opened.reject(new S3Error('InvalidArgument', `The field ${name} is given twice.`))
    } else {
      fields.set(field, value)
    }
  })
  parser.on('filesLimit', () => {
    secondFile = true
  })
  parser.on('file', (_field, stream, fileName) => {
    // Whoever reads the file hears of its error; when nobody does, there is nobody to tell.
    stream.on('error', () => {})
    opened.resolve({ stream, fileName: fileName ?? '' })
  })
  const parsed = pipeline(Readable.from(chunks), parser, { signal })
  // A form that breaks off must end its file too: the parser itself would leave the reader waiting.
  parsed.then(
    () => opened.reject(oneFileOnly()),
    (error: unknown) => {
      opened.reject(malformed(error))
      opened.promise.then(
        ({ stream }) => stream.destroy(malformed(error)),
        () => {},
      )
    },
  )

  const { stream, fileName } = await opened.promise
  async function* file(): AsyncGenerator<Buffer> {
    try {
      yield* stream
      await parsed
    } catch (error) {
      throw malformed(error)
    }
    if (secondFile) throw oneFileOnly()
  }
  return { fields: new Map(fields), fileName, file: file() }
}
