import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { DatabaseSync } from 'node:sqlite'
import { setImmediate } from 'node:timers/promises'

/**
 * Every write to a table with a stream looks for the newest record of that table. The engine has no index for it, so
 * writes would slow down with each record ever written (1,900 puts a second sink to 280 within minutes).
 */
export const indexStreamRecords = (databaseFile: string): void =>
  withDatabase(databaseFile, (database) =>
    database.exec(`
      CREATE INDEX IF NOT EXISTS x_seq
        ON _stream_records(table_name, CAST(sequence_number AS INTEGER));
      CREATE INDEX IF NOT EXISTS x_shard
        ON _stream_records(table_name, shard_id, CAST(sequence_number AS INTEGER));
    `),
  )

/** Rows that one transaction deletes: the engine waits for its end, and so does this process. */
const chunk = 5_000

/**
 * Deletes stream records created before `beforeMs` (milliseconds since the epoch) and returns how many. The newest record
 * of each table stays: the engine takes the next sequence number from it.
 */
export const trimStreamRecords = async (databaseFile: string, beforeMs: number): Promise<number> => {
  let trimmed = 0
  for (let deleted = chunk; deleted === chunk; trimmed += deleted) {
    // Ids grow with time, so the search ends at the first chunk that holds a younger record.
    deleted = withDatabase(databaseFile, (database) =>
      Number(
        database
          .prepare(`
            WITH newest AS (
              SELECT (SELECT id FROM _stream_records AS record WHERE record.table_name = _tables.table_name
                      ORDER BY CAST(sequence_number AS INTEGER) DESC LIMIT 1) AS id
              FROM _tables),
            oldest AS (
              SELECT id, created_at FROM _stream_records
              WHERE id NOT IN (SELECT id FROM newest WHERE id IS NOT NULL) ORDER BY id LIMIT ${chunk})
            DELETE FROM _stream_records WHERE id IN (SELECT id FROM oldest WHERE created_at < ?)
          `)
          .run(Math.floor(beforeMs / 1000)).changes,
      ),
    )
    await setImmediate()
  }
  return trimmed
}

const withDatabase = <Result>(file: string, use: (database: DatabaseSync) => Result): Result => {
  // The engine writes to the same file: wait for its lock as it waits for ours.
  const database = new DatabaseSync(file, { timeout: 5_000 })
  try {
    return use(database)
  } finally {
    database.close()
  }
}

/**
 * Deletes items whose time to live has passed and writes their REMOVE records, as AWS does within days. The engine offers
 * this only as a tool of its MCP mode; a second process opens the same file for it and ends when its input ends.
 * Returns the number of deleted items.
 */
export const sweepTimeToLive = async (binary: string, databaseFile: string): Promise<number> => {
  const child = spawn(binary, ['mcp', '--db-path', databaseFile], { stdio: ['pipe', 'pipe', 'ignore'] })
  const failed = new Promise<never>((_, reject) => child.once('error', reject))
  const send = (message: object): void => {
    child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`)
  }
  send({
    id: 1,
    method: 'initialize',
    params: {
      protocolVersion: '2025-03-26',
      capabilities: {},
      clientInfo: { name: 'local-cloud', version: '1' },
    },
  })
  send({ method: 'notifications/initialized' })
  send({ id: 2, method: 'tools/call', params: { name: 'sweep_ttl', arguments: {} } })

  const answer = (async () => {
    for await (const line of createInterface({ input: child.stdout })) {
      const message = JSON.parse(line) as SweepAnswer
      if (message.id !== 2) continue
      child.stdin.end()
      const text = message.result?.content?.[0]?.text ?? '{}'
      const { items_deleted: deleted } = JSON.parse(text) as { items_deleted?: number }
      if (message.result?.isError === false && deleted !== undefined) return deleted
      throw new Error(`The DynamoDB engine could not sweep expired items: ${line}`)
    }
    throw new Error('The DynamoDB engine ended before it had swept expired items')
  })()
  return Promise.race([answer, failed])
}

interface SweepAnswer {
  readonly id?: number
  readonly result?: { readonly isError?: boolean; readonly content?: readonly { readonly text?: string }[] }
}
