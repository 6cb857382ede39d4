import { expect, test } from 'vitest'
import { checksumAlgorithms, startChecksum } from './checksum.ts'

// The check values of the CRC catalogue, and FIPS 180 for the hashes, all over "123456789".
const known = {
  CRC32: 'cbf43926',
  CRC32C: 'e3069283',
  CRC64NVME: 'ae8b14860a799888',
  SHA1: 'f7c3bc1d808e04732adf679965ccc34ca7ae3441',
  SHA256: '15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225',
}

test.each(checksumAlgorithms)('%s has its published check value, in one piece and in many', (algorithm) => {
  const data = Buffer.from('123456789')
  const whole = startChecksum(algorithm)
  whole.update(data)
  expect(whole.digest().toString('hex')).toBe(known[algorithm])
  const pieces = startChecksum(algorithm)
  for (const byte of data) pieces.update(Buffer.from([byte]))
  expect(pieces.digest().toString('hex')).toBe(known[algorithm])
})
