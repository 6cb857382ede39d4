const polynomial = 0x9a6c9329ac4bc9b5n

// Two halves: BigInt arithmetic per byte would be a hundred times slower.
const high = new Uint32Array(256)
const low = new Uint32Array(256)
for (let index = 0; index < 256; index++) {
  let crc = BigInt(index)
  for (let bit = 0; bit < 8; bit++) crc = crc & 1n ? (crc >> 1n) ^ polynomial : crc >> 1n
  high[index] = Number(crc >> 32n)
  low[index] = Number(crc & 0xffffffffn)
}

/** A running CRC-64/NVME, S3's own default checksum. */
export class Crc64Nvme {
  #high = 0xffffffff
  #low = 0xffffffff

  update(data: Uint8Array): void {
    let h = this.#high
    let l = this.#low
    for (const byte of data) {
      const index = (l ^ byte) & 0xff
      l = ((l >>> 8) | (h << 24)) ^ (low[index] ?? 0)
      h = (h >>> 8) ^ (high[index] ?? 0)
    }
    this.#high = h >>> 0
    this.#low = l >>> 0
  }

  /** Eight bytes, big-endian. */
  digest(): Buffer {
    const result = Buffer.alloc(8)
    result.writeUInt32BE(~this.#high >>> 0, 0)
    result.writeUInt32BE(~this.#low >>> 0, 4)
    return result
  }
}
