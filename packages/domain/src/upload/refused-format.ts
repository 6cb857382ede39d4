import type { UploadProblem } from './upload-problem.ts'

/** How files begin that people take for CSV, or pack it into, by their formats' specifications (RFC 1952, APPNOTE 4.3.7, [MS-CFB] 2.2 and so on). */
const formats = [
  { code: 'file.not_utf8', what: 'UTF-16; save it as UTF-8', prefix: [0xff, 0xfe] },
  { code: 'file.not_utf8', what: 'UTF-16; save it as UTF-8', prefix: [0xfe, 0xff] },
  { code: 'file.not_text', what: 'a gzip archive; unpack it', prefix: [0x1f, 0x8b] },
  {
    code: 'file.not_text',
    what: 'a ZIP archive or an Excel workbook; unpack it, or save it as CSV',
    prefix: [0x50, 0x4b, 0x03, 0x04],
  },
  { code: 'file.not_text', what: 'an empty ZIP archive', prefix: [0x50, 0x4b, 0x05, 0x06] },
  {
    code: 'file.not_text',
    what: 'an old Excel workbook; save it as CSV',
    prefix: [0xd0, 0xcf, 0x11, 0xe0],
  },
  { code: 'file.not_text', what: 'a bzip2 archive; unpack it', prefix: [0x42, 0x5a, 0x68] },
  { code: 'file.not_text', what: 'an xz archive; unpack it', prefix: [0xfd, 0x37, 0x7a, 0x58, 0x5a] },
  { code: 'file.not_text', what: 'a 7z archive; unpack it', prefix: [0x37, 0x7a, 0xbc, 0xaf] },
  { code: 'file.not_text', what: 'a Zstandard archive; unpack it', prefix: [0x28, 0xb5, 0x2f, 0xfd] },
  { code: 'file.not_text', what: 'a PDF; save it as CSV', prefix: [0x25, 0x50, 0x44, 0x46, 0x2d] },
] as const

/** Why a file that begins like this is refused before it is scanned. Nothing is unpacked: what it would become is not bounded by what was agreed. */
export const refusedFormat = (head: Uint8Array): UploadProblem | undefined => {
  const format = formats.find(({ prefix }) => prefix.every((byte, index) => head[index] === byte))
  return format && { code: format.code, reason: `The file is ${format.what}` }
}
