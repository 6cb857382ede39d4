import { describe, expect, test } from 'vitest'
import { UploadId } from '../ids.ts'
import { MerchantId } from '../merchant-id.ts'
import { type DeliveryFiles, type FileAddress, FileGone } from './delivery-files.ts'

/** What a store's test brings to the contract: the port, and the merchant's side of it. */
export interface DeliveryFilesSetup {
  readonly files: DeliveryFiles
  put(address: FileAddress, bytes: Uint8Array): Promise<void>
  /** Takes every version away. */
  purge(address: FileAddress): Promise<void>
}

const merchant = MerchantId.parse('acme')
let files = 0
const anAddress = (): FileAddress => ({
  merchant,
  uploadId: UploadId.parse(`upl_${String(++files).padStart(26, '0')}`),
})
const someBytes = (length: number, seed = 1) => Uint8Array.from({ length }, (_, i) => (i * 31 + seed) % 251)
const all = async (blocks: AsyncIterable<Uint8Array>) => {
  const read: Uint8Array[] = []
  for await (const block of blocks) read.push(block)
  return Buffer.concat(read)
}

/** What every DeliveryFiles promises. */
export const deliveryFilesContract = (name: string, setup: () => DeliveryFilesSetup) =>
  describe(`${name} as DeliveryFiles`, () => {
    const stored = async (bytes: Uint8Array) => {
      const address = anAddress()
      await setup().put(address, bytes)
      const found = await setup().files.head(address)
      if (found === undefined) throw new Error('not stored')
      const { contentType, ...file } = found
      return { address, file, contentType }
    }

    test('sees no file where there is none', async () => {
      expect(await setup().files.head(anAddress())).toBeUndefined()
    })

    test('pins what stands there', async () => {
      const { file, contentType } = await stored(someBytes(1_000))
      expect([file.sizeBytes, contentType]).toEqual([1_000, 'text/csv'])
      expect(file.eTag).not.toBe('')
    })

    test('an empty file has a size of zero', async () => {
      expect((await stored(new Uint8Array())).file.sizeBytes).toBe(0)
    })

    test.each([
      [0, 300_000],
      [0, 1],
      [299_999, 300_000],
      [100_001, 200_002],
    ])('reads and streams bytes %i to %i', async (start, end) => {
      const bytes = someBytes(300_000)
      const { address, file } = await stored(bytes)
      const expected = Buffer.from(bytes.subarray(start, end))
      expect(expected.equals(await setup().files.read(address, file, start, end))).toBe(true)
      expect(expected.equals(await all(setup().files.stream(address, file, start, end)))).toBe(true)
    })

    test('a stream may be left before its end', async () => {
      const { address, file } = await stored(someBytes(300_000))
      for await (const block of setup().files.stream(address, file, 0, 300_000)) {
        expect(block.length).toBeGreaterThan(0)
        break
      }
    })

    test('a pinned file is never mistaken for what was uploaded over it', async () => {
      const { address, file } = await stored(someBytes(100, 1))
      await setup().put(address, someBytes(100, 2))
      const read = setup().files.read(address, file, 0, 100)
      // A store that keeps versions gives the pinned one, another says that it is gone.
      await read.then(
        (bytes) => expect(Buffer.from(bytes).equals(someBytes(100, 1))).toBe(true),
        (error) => expect(error).toBeInstanceOf(FileGone),
      )
    })

    test('says when the pinned file is gone', async () => {
      const { address, file } = await stored(someBytes(100))
      await setup().purge(address)
      expect(await setup().files.head(address)).toBeUndefined()
      await expect(setup().files.read(address, file, 0, 100)).rejects.toThrow(FileGone)
      await expect(all(setup().files.stream(address, file, 0, 100))).rejects.toThrow(FileGone)
    })
  })
