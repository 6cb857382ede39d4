import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { createPresignedPost } from '@aws-sdk/s3-presigned-post'
import { expect, onTestFinished, test } from 'vitest'
import { credentials } from './s3-test-door.ts'

const mebibyte = 1024 * 1024
const size = 200 * mebibyte

function* zeros(): Generator<Buffer> {
  const chunk = Buffer.alloc(mebibyte)
  for (let sent = 0; sent < size; sent += mebibyte) yield chunk
}

const startInChild = async (): Promise<{ child: ChildProcess; endpoint: string }> => {
  const dataDirectory = await mkdtemp(join(tmpdir(), 's3-memory-'))
  const script = fileURLToPath(new URL('./s3-child.ts', import.meta.url))
  const child = fork(script, [dataDirectory], { execArgv: [] })
  onTestFinished(async () => {
    const exited = once(child, 'exit')
    child.disconnect()
    await exited
    await rm(dataDirectory, { recursive: true, force: true })
  })
  const [endpoint] = await once(child, 'message')
  return { child, endpoint: String(endpoint) }
}

/** The most resident memory that the child has used so far, in MB. */
const peakMegabytes = async (child: ChildProcess): Promise<number> => {
  child.send('peak')
  const [kilobytes] = await once(child, 'message')
  return Number(kilobytes) / 1000
}

test('three passes of 200 MB, by PUT, by form and by GET, grow the memory by less than 100 MB in all', {
  timeout: 120_000,
}, async () => {
  const { child, endpoint } = await startInChild()
  const idle = await peakMegabytes(child)
  const client = new S3Client({ region: 'eu-west-1', endpoint, credentials, maxAttempts: 1 })
  const body = Readable.from(zeros(), { objectMode: false, highWaterMark: mebibyte })
  await client.send(new PutObjectCommand({ Bucket: 'files', Key: 'big', Body: body, ContentLength: size }))

  const { url, fields } = await createPresignedPost(client, { Bucket: 'files', Key: 'posted' })
  const form = new FormData()
  for (const [name, value] of Object.entries(fields)) form.append(name, value)
  form.append('file', new Blob([...zeros()]))
  expect((await fetch(url, { method: 'POST', body: form })).status).toBe(204)

  const { Body } = await client.send(new GetObjectCommand({ Bucket: 'files', Key: 'posted' }))
  let received = 0
  if (!(Body instanceof Readable)) throw new Error('The SDK gave no Node stream')
  for await (const chunk of Body) received += chunk.length
  expect(received).toBe(size)
  client.destroy()
  expect((await peakMegabytes(child)) - idle).toBeLessThan(100)
})
