/**
 * The fields of one record as `RecordScanner` finds it, quotes taken off and doubled quotes made single; a quote inside a
 * bare field is itself. `undefined` when text follows a closing quote, so that nobody can say where the field ends.
 */
export const splitFields = (record: string): readonly string[] | undefined => {
  if (!record.includes('"')) return record.split(',')
  const fields: string[] = []
  let at = 0
  for (;;) {
    if (record[at] === '"') {
      let value = ''
      let from = at + 1
      let close = record.indexOf('"', from)
      while (close !== -1 && record[close + 1] === '"') {
        value += record.slice(from, close + 1)
        from = close + 2
        close = record.indexOf('"', from)
      }
      if (close === -1) return undefined
      fields.push(value + record.slice(from, close))
      at = close + 1
      if (at < record.length && record[at] !== ',') return undefined
    } else {
      const next = record.indexOf(',', at)
      const end = next === -1 ? record.length : next
      fields.push(record.slice(at, end))
      at = end
    }
    if (at === record.length) return fields
    at += 1
  }
}
