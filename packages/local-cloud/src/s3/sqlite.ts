import type { DatabaseSync, SQLOutputValue } from 'node:sqlite'
import { isRecord } from './xml.ts'

export type Row = Readonly<Record<string, SQLOutputValue>>

/** Runs `work` in a transaction; rolls back and rethrows when it throws. */
export const transaction = <T>(database: DatabaseSync, work: () => T): T => {
  database.exec('BEGIN IMMEDIATE')
  try {
    const result = work()
    database.exec('COMMIT')
    return result
  } catch (error) {
    database.exec('ROLLBACK')
    throw error
  }
}

const mistyped = (column: string): Error => new Error(`The S3 index holds an unexpected value in ${column}`)

export const textOf = (row: Row, column: string): string => {
  const value = row[column]
  if (typeof value !== 'string') throw mistyped(column)
  return value
}

export const optionalTextOf = (row: Row, column: string): string | undefined =>
  row[column] === null ? undefined : textOf(row, column)

export const integerOf = (row: Row, column: string): number => {
  const value = row[column]
  if (typeof value !== 'number') throw mistyped(column)
  return value
}

/** A JSON object whose values are all strings. */
export const stringsOf = (row: Row, column: string): Readonly<Record<string, string>> => {
  const value: unknown = JSON.parse(textOf(row, column))
  if (!isRecord(value)) throw mistyped(column)
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => {
      if (typeof item !== 'string') throw mistyped(column)
      return [name, item]
    }),
  )
}
