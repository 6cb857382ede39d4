import { randomUUID } from 'node:crypto'
import { createReadStream, createWriteStream, openSync } from 'node:fs'
import { mkdir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable, Writable } from 'node:stream'

/** First and last byte, both included. */
export interface ByteRange {
  readonly first: number
  readonly last: number
}

/** Object bodies in files named by random ids: no part of a request ever becomes a path. */
export class ObjectFiles {
  readonly #directory: string

  private constructor(directory: string) {
    this.#directory = directory
  }

  /** Opens the directory and removes the files that `isReferenced` disowns: writes that a crash cut short. */
  static async open(directory: string, isReferenced: (id: string) => boolean): Promise<ObjectFiles> {
    await mkdir(directory, { recursive: true })
    const files = new ObjectFiles(directory)
    const orphans = (await readdir(directory)).filter((id) => !isReferenced(id))
    for (const id of orphans) await files.remove(id)
    return files
  }

  create(): { readonly id: string; readonly stream: Writable } {
    const id = randomUUID()
    return { id, stream: createWriteStream(join(this.#directory, id), { flags: 'wx' }) }
  }

  /** Opens in the same tick, so a file just looked up in the index cannot vanish; later removal does not disturb the reader. */
  read(id: string, range?: ByteRange): Readable {
    const path = join(this.#directory, id)
    return createReadStream(path, {
      fd: openSync(path, 'r'),
      ...(range && { start: range.first, end: range.last }),
    })
  }

  async remove(id: string): Promise<void> {
    await rm(join(this.#directory, id), { force: true })
  }
}
