import * as z from 'zod/mini'

/** A calendar day in UTC, `2026-11-23`. Days sort as text. */
export const UtcDay = z.iso.date().brand<'UtcDay'>()
export type UtcDay = z.infer<typeof UtcDay>

/** The day that is `days` after (or before, if negative) the one in which `instant` lies. */
export const utcDay = (instant: Date, days = 0): UtcDay =>
  UtcDay.parse(new Date(instant.getTime() + days * 86_400_000).toISOString().slice(0, 10))
