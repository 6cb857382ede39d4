import { createHash } from 'node:crypto'
import { crc32 } from 'node:zlib'
import { crc32c } from './crc32c.ts'
import { Crc64Nvme } from './crc64-nvme.ts'
import { S3Error } from './s3-error.ts'

export const checksumAlgorithms = ['CRC32', 'CRC32C', 'CRC64NVME', 'SHA1', 'SHA256'] as const
export type ChecksumAlgorithm = (typeof checksumAlgorithms)[number]

/** A checksum of an object or part; `value` is base64, followed by `-<parts>` for a composite one. */
export interface Checksum {
  readonly algorithm: ChecksumAlgorithm
  readonly value: string
}

export interface RunningChecksum {
  update(data: Uint8Array): void
  digest(): Buffer
}

const runningCrc32 = (step: (data: Uint8Array, previous: number) => number): RunningChecksum => {
  let crc = 0
  return {
    update: (data) => {
      crc = step(data, crc)
    },
    digest: () => {
      const result = Buffer.alloc(4)
      result.writeUInt32BE(crc)
      return result
    },
  }
}

const runningHash = (name: string): RunningChecksum => {
  const hash = createHash(name)
  return { update: (data) => void hash.update(data), digest: () => hash.digest() }
}

const starters = {
  CRC32: () => runningCrc32(crc32),
  CRC32C: () => runningCrc32(crc32c),
  CRC64NVME: () => new Crc64Nvme(),
  SHA1: () => runningHash('sha1'),
  SHA256: () => runningHash('sha256'),
} satisfies Record<ChecksumAlgorithm, () => RunningChecksum>

export const startChecksum = (algorithm: ChecksumAlgorithm): RunningChecksum => starters[algorithm]()

/** `x-amz-checksum-crc32` */
export const checksumHeader = (algorithm: ChecksumAlgorithm): string =>
  `x-amz-checksum-${algorithm.toLowerCase()}`

/** `ChecksumCRC32`, the element of XML answers. */
export const checksumElement = (algorithm: ChecksumAlgorithm): string => `Checksum${algorithm}`

export const isChecksumAlgorithm = (name: string): name is ChecksumAlgorithm =>
  checksumAlgorithms.some((algorithm) => algorithm === name)

/** The one checksum that `headers` (or a trailer's fields) carry. Throws InvalidRequest when there are several. */
export const checksumIn = (headers: ReadonlyMap<string, string>): Checksum | undefined => {
  const found = checksumAlgorithms.flatMap((algorithm) => {
    const value = headers.get(checksumHeader(algorithm))
    return value === undefined ? [] : [{ algorithm, value }]
  })
  if (found.length > 1) {
    throw new S3Error(
      'InvalidRequest',
      'Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.',
    )
  }
  return found[0]
}

/** The checksum of checksums that S3 gives to an object put together from parts. */
export const compositeChecksum = (algorithm: ChecksumAlgorithm, parts: readonly string[]): string => {
  const checksum = startChecksum(algorithm)
  for (const part of parts) checksum.update(Buffer.from(part, 'base64'))
  return `${checksum.digest().toString('base64')}-${parts.length}`
}
