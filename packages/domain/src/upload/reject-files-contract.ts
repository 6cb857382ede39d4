import { describe, expect, test } from 'vitest'
import { UploadId } from '../ids.ts'
import { MerchantId } from '../merchant-id.ts'
import type { FileAddress } from './delivery-files.ts'
import type { RejectFiles } from './reject-files.ts'
import { rejectsHeader } from './rejects-csv.ts'

/** What a store's test brings to the contract: the port, and what stands in the one file of an upload. */
export interface RejectFilesSetup {
  readonly rejectFiles: RejectFiles
  merged(address: FileAddress): Promise<string | undefined>
}

const merchant = MerchantId.parse('acme')
let files = 0
const anAddress = (): FileAddress => ({
  merchant,
  uploadId: UploadId.parse(`upl_${String(++files).padStart(26, '0')}`),
})

/** What every RejectFiles promises. */
export const rejectFilesContract = (name: string, setup: () => RejectFilesSetup) =>
  describe(`${name} as RejectFiles`, () => {
    test('merges the chunks in their order under one header, however often they were written', async () => {
      const address = anAddress()
      for (const chunk of [10, 2, 1, 2])
        await setup().rejectFiles.writeChunk({ ...address, chunk }, `${chunk},name,é,long\r\n`)
      expect(await setup().merged(address)).toBeUndefined()
      const whole = `${rejectsHeader}${[1, 2, 10].map((chunk) => `${chunk},name,é,long\r\n`).join('')}`
      await setup().rejectFiles.merge(address)
      expect(await setup().merged(address)).toBe(whole)
      await setup().rejectFiles.merge(address)
      expect(await setup().merged(address)).toBe(whole)
    })

    test("keeps each upload's rejects to itself", async () => {
      const [address, other] = [anAddress(), anAddress()]
      await setup().rejectFiles.writeChunk({ ...address, chunk: 1 }, 'mine\r\n')
      await setup().rejectFiles.writeChunk({ ...other, chunk: 1 }, 'theirs\r\n')
      await setup().rejectFiles.merge(address)
      expect(await setup().merged(address)).toBe(`${rejectsHeader}mine\r\n`)
      expect(await setup().merged(other)).toBeUndefined()
    })
  })
