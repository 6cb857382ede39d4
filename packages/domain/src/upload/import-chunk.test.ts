import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { FileAddress } from './delivery-files.ts'
import { type Around, type UploadShop, uploadShop } from './upload-shop.ts'

/** Three chunks of at most four rows, parts of two skus: skus in several chunks, rejects in two of them, one of them for its currency. */
const file = Buffer.from(
  `sku,name,quantity,unit_price,note
tea,Tea,2,2.50,
pot,"Pot, large",1,30.00,"two
lines"
cup,Cup,x,4.00,
tea,Tea,3,2.75,
can,Can,1,1.00,
gin,Gin,7,9.00,
bun,Bun,1,1,
tea,Green tea,5,3.00,
gin,Gin,1,=9,
gin,Gin,2,9.00,
`,
)
const expected = {
  stock: { bun: 1, can: 1, gin: 50, pot: 1, tea: 10 },
  rejects: [
    'line,column,value,reason',
    '5,quantity,x,must be a whole number from 1 to 1000000',
    '8,sku,gin,"the product is not priced in EUR, or has more units than can be counted"',
    '11,unit_price,\'=9,"must be a number like 12.50, not negative, at most 15 digits"',
    '12,sku,gin,"the product is not priced in EUR, or has more units than can be counted"',
    '',
  ].join('\r\n'),
}

class Killed extends Error {}

const arrange = async (around?: Around, bytes = file) => {
  const shop = uploadShop(around === undefined ? {} : { around })
  shop.stock('gin', 50, 'GBP')
  const address = await shop.request()
  shop.files.put(address, bytes)
  return { shop, address }
}

/**
 * Delivers the notification and then chunk messages, as `order` picks them, until none is left. What is killed stays in its
 * queue; what `order` gives as 0 is delivered once more.
 */
const deliverAll = async (shop: UploadShop, address: FileAddress, order: Iterable<number> = []) => {
  const picks = order[Symbol.iterator]()
  const { messages } = shop.queue
  while (!(await survived(shop.planUpload(address)))) {}
  while (messages.length > 0) {
    const pick: number = picks.next().value ?? 1
    const [message] = messages.splice(pick % messages.length, 1)
    if (message === undefined) throw new RangeError('No such message')
    if (!(await survived(shop.importChunk(message.address, message.cause))) || pick === 0)
      messages.push(message)
  }
}

const survived = (work: Promise<unknown>): Promise<boolean> =>
  work.then(
    () => true,
    (error: unknown) => {
      if (error instanceof Killed) return false
      throw error
    },
  )

const undisturbed = await arrange().then(async ({ shop, address }) => {
  await deliverAll(shop, address)
  return shop.outcome(address)
})

describe('importChunk', () => {
  test('adds each sku once per row, keeps rejects, and tells of every part and of the end', () => {
    expect(undisturbed).toMatchObject(expected)
    expect(undisturbed.upload).toMatchObject({
      status: 'imported_with_rejects',
      version: 2,
      rows: 10,
      rowsAccepted: 6,
      rowsRejected: 4,
    })
    const id = undisturbed.upload?.id
    expect(
      undisturbed.events.map(({ type, subject, sequence }) => [type, subject, Number(sequence)]),
    ).toEqual(
      [
        ['upload.planned.v1', id, 1],
        ['stock.received.v1', `${id}/00001/00001`, 1],
        ['stock.received.v1', `${id}/00002/00001`, 1],
        ['stock.received.v1', `${id}/00002/00002`, 1],
        ['upload.imported.v1', id, 2],
      ].sort(([, a, m], [, b, n]) => (`${a}${m}` < `${b}${n}` ? -1 : 1)),
    )
    expect(undisturbed.events.every(({ correlationid }) => correlationid === 'request-1')).toBe(true)
  })

  const killedAt = (steps: ReadonlyMap<number, 'before' | 'after'>) => {
    let step = 0
    const killed: Around = (_, call) => {
      step += 1
      const kill = steps.get(step)
      if (kill === 'before') throw new Killed()
      const result = call()
      if (kill === undefined || !(result instanceof Promise)) return result
      return result.then(() => Promise.reject(new Killed())) as typeof result
    }
    return { killed, steps: () => step }
  }

  test('killed before or after any step, and delivered again, comes to the same', async () => {
    const counting = killedAt(new Map())
    const { shop, address } = await arrange(counting.killed)
    await deliverAll(shop, address)
    expect(counting.steps()).toBeGreaterThan(25)
    for (let step = 1; step <= counting.steps(); step++)
      for (const when of ['before', 'after'] as const) {
        const { shop, address } = await arrange(killedAt(new Map([[step, when]])).killed)
        await deliverAll(shop, address)
        expect(await shop.outcome(address), `killed ${when} step ${step}`).toEqual(undisturbed)
      }
  })

  test('killed at many steps, delivered often and in any order, comes to the same', async () => {
    const kills = fc
      .array(fc.tuple(fc.integer({ min: 1, max: 80 }), fc.constantFrom('before' as const, 'after' as const)))
      .map((steps) => new Map(steps))
    await fc.assert(
      fc.asyncProperty(kills, fc.infiniteStream(fc.nat(9)), async (steps, order) => {
        const { shop, address } = await arrange(killedAt(steps).killed)
        await deliverAll(shop, address, order)
        expect(await shop.outcome(address)).toEqual(undisturbed)
      }),
    )
  })

  test('chunks delivered twice and side by side, in any interleaving, come to the same', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), async (scheduler) => {
        const { shop, address } = await arrange((_, call) => {
          const result = call()
          return result instanceof Promise ? (scheduler.schedule(result) as typeof result) : result
        })
        const plan = shop.planUpload(address)
        await scheduler.waitFor(plan)
        const messages = shop.queue.messages.flatMap((message) => [message, message])
        await scheduler.waitFor(
          Promise.all(messages.map((message) => shop.importChunk(message.address, message.cause))),
        )
        expect(await shop.outcome(address)).toEqual(undisturbed)
      }),
    )
  })

  test('products that get another currency while a chunk is imported refuse its rows, and no others', async () => {
    const late = ['can', 'bun']
    const { shop, address } = await arrange((name, call) => {
      const sku = name === 'applyPart' ? late.shift() : undefined
      if (sku !== undefined) shop.stock(sku, 1, 'GBP')
      return call()
    })
    await shop.planUpload(address)
    await shop.importChunk({ ...address, chunk: 2 }, { correlationId: 'request-1' })
    await deliverAll(shop, address)
    const { stock, upload, rejects } = await shop.outcome(address)
    expect(stock).toEqual({ bun: 1, can: 1, gin: 50, pot: 1, tea: 10 })
    expect(upload).toMatchObject({ rowsAccepted: 4, rowsRejected: 6 })
    expect(rejects).toMatch(/^7,sku,can,.*\r\n8,sku,gin,.*\r\n9,sku,bun,/m)
  })

  test('a file that is lost on the way ends as rejects, and what was added before is counted', async () => {
    const { shop, address } = await arrange(killedAt(new Map()).killed)
    await shop.planUpload(address)
    const [first, ...rest] = shop.queue.messages.splice(0)
    if (first === undefined) throw new Error('three chunks')
    await shop.importChunk(first.address, first.cause)
    shop.files.delete(address)
    shop.queue.messages.push(...rest)
    await deliverAll(shop, address)
    const { stock, upload, rejects } = await shop.outcome(address)
    expect(stock).toEqual({ gin: 50, pot: 1, tea: 5 })
    expect(upload).toMatchObject({ status: 'imported_with_rejects', rowsAccepted: 3, rowsRejected: 7 })
    expect(rejects).toMatch(/^7,,,.*changed or deleted before the 4 rows/m)
  })

  test('a file that is lost at any step, with every chunk delivered twice side by side, is counted as it was added', async () => {
    // One unit a row, so that rows accepted are units added.
    const skus = ['a', 'b', 'c', 'd', 'd', 'e', 'f', 'gin', 'h', 'a', 'b', 'x y']
    const units = Buffer.from(
      `sku,name,quantity,unit_price\n${skus.map((sku) => `${sku},Name,1,1\n`).join('')}`,
    )
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), fc.integer({ min: 7, max: 50 }), async (scheduler, lostAt) => {
        let step = 0
        const { shop, address } = await arrange((_, call) => {
          step += 1
          if (step === lostAt) shop.files.delete(address)
          const result = call()
          return result instanceof Promise ? (scheduler.schedule(result) as typeof result) : result
        }, units)
        await scheduler.waitFor(shop.planUpload(address))
        const messages = shop.queue.messages.flatMap((message) => [message, message])
        await scheduler.waitFor(
          Promise.all(messages.map((message) => shop.importChunk(message.address, message.cause))),
        )
        const { stock, upload } = await shop.outcome(address)
        if (upload?.status !== 'imported_with_rejects') throw new Error(`is ${upload?.status}`)
        expect(upload.rowsAccepted + upload.rowsRejected).toBe(12)
        expect(upload.rowsAccepted).toBe(Object.values(stock).reduce((sum, of) => sum + of, 0) - 50)
      }),
      { numRuns: 300 },
    )
  })

  test('a chunk of an upload that has ended changes nothing', async () => {
    const { shop, address } = await arrange()
    await deliverAll(shop, address)
    await shop.importChunk({ ...address, chunk: 1 }, { correlationId: 'late' })
    expect(await shop.outcome(address)).toEqual(undisturbed)
  })

  test.each([0, 4])('chunk %i is in no plan', async (chunk) => {
    const { shop, address } = await arrange()
    await shop.planUpload(address)
    await expect(shop.importChunk({ ...address, chunk }, { correlationId: 'forged' })).rejects.toThrow(
      /no chunk/,
    )
  })

  test('the same file under two uploads counts twice', async () => {
    const { shop, address } = await arrange()
    await deliverAll(shop, address)
    const again = await shop.request()
    shop.files.put(again, file)
    await deliverAll(shop, again)
    expect((await shop.outcome(again)).stock).toEqual({ bun: 2, can: 2, gin: 50, pot: 2, tea: 20 })
  })

  test('two files that bring the same skus at once, each chunk twice, count row by row, and each upload for itself', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), async (scheduler) => {
        const { shop, address } = await arrange((_, call) => {
          const result = call()
          return result instanceof Promise ? (scheduler.schedule(result) as typeof result) : result
        })
        const other = await shop.request()
        shop.files.put(other, file)
        await scheduler.waitFor(Promise.all([shop.planUpload(address), shop.planUpload(other)]))
        const messages = shop.queue.messages.flatMap((message) => [message, message])
        await scheduler.waitFor(
          Promise.all(messages.map((message) => shop.importChunk(message.address, message.cause))),
        )
        for (const each of [address, other]) {
          const { stock, upload, rejects } = await shop.outcome(each)
          expect(stock).toEqual({ bun: 2, can: 2, gin: 50, pot: 2, tea: 20 })
          expect(upload).toMatchObject({ rowsAccepted: 6, rowsRejected: 4 })
          expect(rejects).toBe(expected.rejects)
        }
      }),
    )
  })

  test('what a spreadsheet would run, and what a program would trip over, is stored as it came and exported inert', async () => {
    const shop = uploadShop()
    const address = await shop.request()
    const names = [
      '=1+1',
      '+1',
      '-1',
      '@SUM(A1)',
      '\u{ff1d}1+1',
      "=cmd|' /C calc'!A0",
      '__proto__',
      '<b>&amp;',
    ]
    const skus = ['constructor', 'toString', 'hasOwnProperty', 'prototype', 'valueOf', 'a', 'b', 'c']
    const rows = names.map((name, index) => `x,${skus[index]},"${name}",1,1,y`)
    const wrong = ['=1+1', '+1', '-1', '@x', '\u{ff1d}1'].map((sku) => `x,${sku},Name,1,1,y`)
    const columns = '__proto__,sku,name,quantity,unit_price,__proto__'
    shop.files.put(address, Buffer.from([columns, ...rows, ...wrong].join('\n')))
    await deliverAll(shop, address)
    const { items } = await shop.products.page(shop.merchant, { limit: 100 })
    expect(items.map(({ sku, name }) => [sku, name]).toSorted()).toEqual(
      skus.map((sku, index) => [sku, names[index]]).toSorted(),
    )
    const { rejects } = await shop.outcome(address)
    const values = rejects
      ?.split('\r\n')
      .slice(1, -1)
      .map((line) => line.split(',')[2])
    expect(values).toEqual(["'=1+1", "'+1", "'-1", "'@x", "'\u{ff1d}1"])
    expect(Object.keys(Object.prototype)).toEqual([])
  })

  test('an upload without rejects has no file of them', async () => {
    const shop = uploadShop()
    const address = await shop.request()
    shop.files.put(address, Buffer.from('sku,name,quantity,unit_price\ntea,Tea,1,1\n'))
    await deliverAll(shop, address)
    const { upload, rejects } = await shop.outcome(address)
    expect([upload?.status, rejects]).toEqual(['imported', undefined])
  })
})
