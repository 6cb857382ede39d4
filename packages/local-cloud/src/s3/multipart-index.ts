import { randomBytes } from 'node:crypto'
import type { DatabaseSync } from 'node:sqlite'
import { type Checksum, type ChecksumAlgorithm, isChecksumAlgorithm } from './checksum.ts'
import { S3Error } from './s3-error.ts'
import { integerOf, optionalTextOf, type Row, stringsOf, textOf } from './sqlite.ts'

export interface MultipartUpload {
  readonly id: string
  readonly bucket: string
  readonly key: string
  readonly headers: Readonly<Record<string, string>>
  readonly checksum:
    | { readonly algorithm: ChecksumAlgorithm; readonly type: 'COMPOSITE' | 'FULL_OBJECT' }
    | undefined
}

export interface UploadedPart {
  readonly number: number
  readonly fileId: string
  readonly size: number
  readonly eTag: string
  readonly modifiedAt: number
  readonly checksum: Checksum | undefined
}

const schema = `
  CREATE TABLE IF NOT EXISTS upload (
    id TEXT PRIMARY KEY,
    bucket TEXT NOT NULL,
    key TEXT NOT NULL,
    headers TEXT NOT NULL,
    checksum_algorithm TEXT,
    checksum_type TEXT
  );
  CREATE TABLE IF NOT EXISTS upload_part (
    upload_id TEXT NOT NULL REFERENCES upload (id) ON DELETE CASCADE,
    number INTEGER NOT NULL,
    file_id TEXT NOT NULL UNIQUE,
    size INTEGER NOT NULL,
    etag TEXT NOT NULL,
    modified_at INTEGER NOT NULL,
    checksum_algorithm TEXT,
    checksum_value TEXT,
    PRIMARY KEY (upload_id, number)
  ) WITHOUT ROWID;
`

const partOf = (row: Row): UploadedPart => {
  const algorithm = optionalTextOf(row, 'checksum_algorithm')
  return {
    number: integerOf(row, 'number'),
    fileId: textOf(row, 'file_id'),
    size: integerOf(row, 'size'),
    eTag: textOf(row, 'etag'),
    modifiedAt: integerOf(row, 'modified_at'),
    checksum:
      algorithm !== undefined && isChecksumAlgorithm(algorithm)
        ? { algorithm, value: textOf(row, 'checksum_value') }
        : undefined,
  }
}

/** Uploads that are neither completed nor aborted, and their parts. */
export class MultipartIndex {
  readonly #database: DatabaseSync

  constructor(database: DatabaseSync) {
    this.#database = database
    database.exec(schema)
  }

  create(upload: Omit<MultipartUpload, 'id'>): string {
    const id = randomBytes(24).toString('base64url')
    this.#database
      .prepare('INSERT INTO upload VALUES (?, ?, ?, ?, ?, ?)')
      .run(
        id,
        upload.bucket,
        upload.key,
        JSON.stringify(upload.headers),
        upload.checksum?.algorithm ?? null,
        upload.checksum?.type ?? null,
      )
    return id
  }

  /** Throws NoSuchUpload, also for an upload of another bucket or key. */
  get(id: string, bucket: string, key: string): MultipartUpload {
    const row = this.#database
      .prepare('SELECT * FROM upload WHERE id = ? AND bucket = ? AND key = ?')
      .get(id, bucket, key)
    if (!row) throw new S3Error('NoSuchUpload', undefined, { UploadId: id })
    const algorithm = optionalTextOf(row, 'checksum_algorithm')
    return {
      id,
      bucket,
      key,
      headers: stringsOf(row, 'headers'),
      checksum:
        algorithm !== undefined && isChecksumAlgorithm(algorithm)
          ? { algorithm, type: textOf(row, 'checksum_type') === 'FULL_OBJECT' ? 'FULL_OBJECT' : 'COMPOSITE' }
          : undefined,
    }
  }

  parts(id: string): readonly UploadedPart[] {
    return this.#database
      .prepare('SELECT * FROM upload_part WHERE upload_id = ? ORDER BY number')
      .all(id)
      .map(partOf)
  }

  /** Adds or replaces a part; returns the file that it replaced. */
  putPart(id: string, part: UploadedPart): string | undefined {
    const replaced = this.#database
      .prepare('DELETE FROM upload_part WHERE upload_id = ? AND number = ? RETURNING file_id')
      .get(id, part.number)
    this.#database
      .prepare('INSERT INTO upload_part VALUES (?, ?, ?, ?, ?, ?, ?, ?)')
      .run(
        id,
        part.number,
        part.fileId,
        part.size,
        part.eTag,
        part.modifiedAt,
        part.checksum?.algorithm ?? null,
        part.checksum?.value ?? null,
      )
    return replaced && textOf(replaced, 'file_id')
  }

  /** Forgets an upload; returns the files of its parts. */
  remove(id: string): readonly string[] {
    const fileIds = this.parts(id).map((part) => part.fileId)
    this.#database.prepare('DELETE FROM upload WHERE id = ?').run(id)
    return fileIds
  }

  isReferenced(fileId: string): boolean {
    return this.#database.prepare('SELECT 1 FROM upload_part WHERE file_id = ?').get(fileId) !== undefined
  }
}
