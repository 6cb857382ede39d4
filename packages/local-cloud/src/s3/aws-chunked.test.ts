import { expect, test } from 'vitest'
import { decodeAwsChunked } from './aws-chunked.ts'

const wire = Buffer.from(
  '5\r\nhello\r\n1;ext=1\r\n\r\r\nA\r\n0123456789\r\n0\r\nx-amz-checksum-crc32: abc=\r\n\r\n',
)
const valid = Buffer.from(wire.toString().replace(';ext=1', ''))

const decode = async (chunks: readonly Buffer[]) => {
  const trailer = new Map<string, string>()
  const source = (async function* () {
    yield* chunks
  })()
  const decoded: Buffer[] = []
  for await (const chunk of decodeAwsChunked(source, trailer)) decoded.push(Buffer.from(chunk))
  return { text: Buffer.concat(decoded).toString(), trailer: Object.fromEntries(trailer) }
}

test('a body decodes the same wherever the network cuts it', async () => {
  const whole = { text: 'hello\r0123456789', trailer: { 'x-amz-checksum-crc32': 'abc=' } }
  for (let cut = 0; cut <= valid.length; cut++) {
    expect(await decode([valid.subarray(0, cut), valid.subarray(cut)])).toEqual(whole)
  }
  expect(await decode([...valid].map((byte) => Buffer.from([byte])))).toEqual(whole)
})

test('a body that ends early anywhere is IncompleteBody', async () => {
  for (let end = 0; end < valid.length; end++) {
    await expect(decode([valid.subarray(0, end)])).rejects.toMatchObject({ code: 'IncompleteBody' })
  }
})

test.each([
  ['a size that is no number', 'zz\r\nhello\r\n0\r\n\r\n'],
  ['a negative size', '-5\r\nhello\r\n0\r\n\r\n'],
  ['a chunk extension: signed chunks are not decoded', wire.toString()],
  ['a chunk longer than its size', '4\r\nhello\r\n0\r\n\r\n'],
  ['a trailing header without a name', '0\r\n: x\r\n\r\n'],
  ['an endless line', 'a'.repeat(20_000)],
])('%s is refused', async (_what, body) => {
  await expect(decode([Buffer.from(body)])).rejects.toMatchObject({ code: 'InvalidRequest' })
})
