import { randomBytes } from 'node:crypto'
import type { DatabaseSync } from 'node:sqlite'
import { isChecksumAlgorithm } from './checksum.ts'
import { S3Error } from './s3-error.ts'
import { integerOf, optionalTextOf, type Row, stringsOf, textOf, transaction } from './sqlite.ts'
import type { ObjectVersion, StoredObject } from './stored-object.ts'

/** Conditional write: `ifNoneMatch` means that the key must not exist, `ifMatch` that its ETag must be this. */
export interface WriteCondition {
  readonly ifNoneMatch: boolean
  readonly ifMatch: string | undefined
}

export interface Write {
  readonly bucket: string
  readonly versioned: boolean
  readonly object: Omit<StoredObject, 'kind' | 'versionId'>
  readonly condition: WriteCondition
}

/** What a change did; `freedFileIds` are referenced no more and may be removed. */
export interface Change {
  readonly versionId: string
  /** Grows with every change of any key. */
  readonly sequence: number
  readonly freedFileIds: readonly string[]
}

const schema = `
  CREATE TABLE IF NOT EXISTS object_version (
    bucket TEXT NOT NULL,
    key TEXT NOT NULL,
    position INTEGER NOT NULL, -- the newest version of a key has the highest
    version_id TEXT NOT NULL,
    file_id TEXT, -- NULL makes it a delete marker
    size INTEGER NOT NULL,
    etag TEXT NOT NULL,
    modified_at INTEGER NOT NULL,
    headers TEXT NOT NULL,
    checksum_algorithm TEXT,
    checksum_value TEXT,
    PRIMARY KEY (bucket, key, position)
  ) WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS object_version_file ON object_version (file_id);
  CREATE TABLE IF NOT EXISTS sequence (id INTEGER PRIMARY KEY CHECK (id = 1), value INTEGER NOT NULL);
  INSERT OR IGNORE INTO sequence VALUES (1, 0);
`

const versionOf = (row: Row): ObjectVersion => {
  const common = {
    key: textOf(row, 'key'),
    versionId: textOf(row, 'version_id'),
    modifiedAt: integerOf(row, 'modified_at'),
  }
  const fileId = optionalTextOf(row, 'file_id')
  if (fileId === undefined) return { kind: 'delete marker', ...common }
  const algorithm = optionalTextOf(row, 'checksum_algorithm')
  return {
    kind: 'object',
    ...common,
    fileId,
    size: integerOf(row, 'size'),
    eTag: textOf(row, 'etag'),
    headers: stringsOf(row, 'headers'),
    checksum:
      algorithm !== undefined && isChecksumAlgorithm(algorithm)
        ? { algorithm, value: textOf(row, 'checksum_value') }
        : undefined,
  }
}

/** Which objects exist. Synchronous: a lookup or a change is atomic towards every other request. */
export class ObjectIndex {
  readonly #database: DatabaseSync

  constructor(database: DatabaseSync) {
    this.#database = database
    database.exec(schema)
  }

  latest(bucket: string, key: string): ObjectVersion | undefined {
    const row = this.#database
      .prepare('SELECT * FROM object_version WHERE bucket = ? AND key = ? ORDER BY position DESC LIMIT 1')
      .get(bucket, key)
    return row && versionOf(row)
  }

  version(bucket: string, key: string, versionId: string): ObjectVersion | undefined {
    const row = this.#database
      .prepare('SELECT * FROM object_version WHERE bucket = ? AND key = ? AND version_id = ?')
      .get(bucket, key, versionId)
    return row && versionOf(row)
  }

  /** The newest versions that are objects, by UTF-8 order of their keys: all keys at or after `from` and after `after`. */
  *objects(bucket: string, from: string, after: string): Generator<StoredObject> {
    const rows = this.#database
      .prepare(
        // SQLite takes the other columns from the row that holds the maximum.
        `SELECT *, max(position) FROM object_version WHERE bucket = ? AND key >= ? AND key > ? GROUP BY key ORDER BY key`,
      )
      .iterate(bucket, from, after)
    for (const row of rows) {
      const version = versionOf(row)
      if (version.kind === 'object') yield version
    }
  }

  isReferenced(fileId: string): boolean {
    return (
      this.#database.prepare('SELECT 1 FROM object_version WHERE file_id = ? LIMIT 1').get(fileId) !==
      undefined
    )
  }

  /** Runs several changes of this database as one. */
  atomically<T>(work: () => T): T {
    return transaction(this.#database, work)
  }

  /** Adds the newest version of a key; call it inside {@link atomically}. Throws PreconditionFailed, NoSuchKey. */
  put({ bucket, versioned, object, condition }: Write): Change {
    this.#assertCondition(bucket, object.key, condition)
    const sequence = this.#nextSequence()
    const versionId = versioned ? randomBytes(16).toString('hex') : 'null'
    const freedFileIds = versioned ? [] : this.#remove(bucket, object.key, 'null')
    this.#database
      .prepare('INSERT INTO object_version VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)')
      .run(
        bucket,
        object.key,
        sequence,
        versionId,
        object.fileId,
        object.size,
        object.eTag,
        object.modifiedAt,
        JSON.stringify(object.headers),
        object.checksum?.algorithm ?? null,
        object.checksum?.value ?? null,
      )
    return { versionId, sequence, freedFileIds }
  }

  /** Hides a key behind a delete marker, as DeleteObject without a version does in a bucket with versioning. */
  addDeleteMarker(bucket: string, key: string, modifiedAt: number): Change {
    const sequence = this.#nextSequence()
    const versionId = randomBytes(16).toString('hex')
    this.#database
      .prepare("INSERT INTO object_version VALUES (?, ?, ?, ?, NULL, 0, '', ?, '{}', NULL, NULL)")
      .run(bucket, key, sequence, versionId, modifiedAt)
    return { versionId, sequence, freedFileIds: [] }
  }

  /** Removes one version for good. */
  remove(bucket: string, key: string, versionId: string): Change {
    return { versionId, sequence: this.#nextSequence(), freedFileIds: this.#remove(bucket, key, versionId) }
  }

  #remove(bucket: string, key: string, versionId: string): readonly string[] {
    return this.#database
      .prepare('DELETE FROM object_version WHERE bucket = ? AND key = ? AND version_id = ? RETURNING file_id')
      .all(bucket, key, versionId)
      .flatMap((row) => optionalTextOf(row, 'file_id') ?? [])
  }

  #assertCondition(bucket: string, key: string, { ifMatch, ifNoneMatch }: WriteCondition): void {
    const current = ifNoneMatch || ifMatch !== undefined ? this.latest(bucket, key) : undefined
    const exists = current?.kind === 'object'
    if (ifNoneMatch && exists) {
      throw new S3Error('PreconditionFailed', undefined, { Condition: 'If-None-Match' })
    }
    if (ifMatch === undefined) return
    if (!exists) throw new S3Error('NoSuchKey', undefined, { Key: key })
    if (current.eTag !== ifMatch)
      throw new S3Error('PreconditionFailed', undefined, { Condition: 'If-Match' })
  }

  #nextSequence(): number {
    const row = this.#database.prepare('UPDATE sequence SET value = value + 1 RETURNING value').get()
    if (!row) throw new Error('The S3 index has lost its sequence')
    return integerOf(row, 'value')
  }
}
