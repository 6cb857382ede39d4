import { sumBy } from '@stockroom/ops/audit/sum-by'
import type { Exchange } from '../history.ts'
import type { Rule } from '../rules.ts'

const wordsOf = ({ request: { merchant, method, path, idempotencyKey } }: Exchange): string =>
  `${merchant} ${method} ${path} ${idempotencyKey ?? ''}`.trimEnd()

/** Whoever goes on asking is answered at last. */
export const clientsAreAnswered: Rule = {
  name: 'I12 everybody who asks is answered',
  breaches: ({ history }) =>
    history.exchanges
      .filter(({ answer }) => answer === undefined)
      .map((exchange) => `${wordsOf(exchange)} was never answered`),
}

const idOf = (body: unknown): string =>
  typeof body === 'object' && body !== null && 'id' in body ? String(body.id) : ''

/** Orders and endpoints that somebody was told of are there, and no other; and each order is in the state that its clients were told. */
export const countsAddUp: Rule = {
  name: 'I8 what is stored is what was accepted, no more and no less',
  breaches: ({ history, facts }) => {
    const accepted = (method: string, path: RegExp, status: number) =>
      history.exchanges.filter(
        ({ request, answer }) =>
          request.method === method && path.test(request.path) && answer?.status === status,
      )
    const placed = new Set(accepted('POST', /^\/orders$/, 201).map(({ answer }) => idOf(answer?.body)))
    const told = (action: string) =>
      new Set(
        accepted('POST', new RegExp(`^/orders/.*/${action}$`), 200).map(
          ({ request }) => request.path.split('/')[2],
        ),
      )
    const [paid, cancelled] = [told('payment'), told('cancellation')]
    const stored = new Set(facts.orders.map(({ id }) => id))
    return [
      ...[...placed].filter((id) => !stored.has(id)).map((id) => `${id} was accepted and is not there`),
      ...facts.orders.flatMap(({ id, status }) => {
        if (!placed.has(id)) return [`${id} is there and nobody was told of it`]
        if (paid.has(id) !== (status === 'paid'))
          return [`${id} is ${status}, its payment ${paid.has(id) ? 'was' : 'was not'} accepted`]
        if (cancelled.has(id) !== (status === 'cancelled'))
          return [`${id} is ${status}, its cancellation ${cancelled.has(id) ? 'was' : 'was not'} accepted`]
        return []
      }),
    ]
  },
}

/** Every file that S3 took ended, and the units of each sku are those of the files that were imported. */
export const uploadsAddUp: Rule = {
  name: 'I8 every delivery counts once: the stock received is that of the files',
  breaches: ({ history, facts }) => {
    const files = Map.groupBy(history.files, ({ uploadId }) => uploadId)
    const stuck = facts.uploads.filter(
      ({ id, status }) =>
        status === 'awaiting_upload' && (files.get(id) ?? []).some(({ stored }) => stored === 'stored'),
    )
    const imported = facts.uploads.filter(({ status }) => status.startsWith('imported'))
    // Which of several files under one form was planned cannot be told from outside; their uploads are only bounded.
    const single = imported.filter(({ id }) => files.get(id)?.length === 1)
    const ambiguous = new Set(
      imported.filter((upload) => !single.includes(upload)).map(({ merchant }) => merchant),
    )
    const units = sumBy(
      single.flatMap(({ merchant, id }) =>
        [...(files.get(id)?.[0]?.units ?? [])].map(([sku, quantity]) => ({
          key: `${merchant}/${sku}`,
          quantity,
        })),
      ),
      ({ key }) => key,
      ({ quantity }) => quantity,
    )
    return [
      ...stuck.map(({ id }) => `${id} has a file and still waits for one`),
      ...facts.products.flatMap(({ merchant, sku, received }) => {
        const sent = units.get(`${merchant}/${sku}`) ?? 0
        const wrong = ambiguous.has(merchant) ? received < sent : received !== sent
        return wrong ? [`${merchant}/${sku}: received ${received}, in its files ${sent}`] : []
      }),
      ...single.flatMap(({ id, rowsRejected }) => {
        const file = files.get(id)?.[0]
        if (file?.units === undefined) return [`${id} was imported from a file that is none`]
        return file.rowsWrong === rowsRejected
          ? []
          : [`${id}: ${rowsRejected} rows rejected of ${file.rowsWrong}`]
      }),
    ]
  },
}
