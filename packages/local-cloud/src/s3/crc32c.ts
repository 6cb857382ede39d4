const table = Uint32Array.from({ length: 256 }, (_, index) => {
  let crc = index
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1
  return crc
})

/** Castagnoli CRC of `data`, continuing from `previous` (0 at the start), as an unsigned 32-bit integer. */
export const crc32c = (data: Uint8Array, previous = 0): number => {
  let crc = ~previous
  for (const byte of data) crc = (table[(crc ^ byte) & 0xff] ?? 0) ^ (crc >>> 8)
  return ~crc >>> 0
}
