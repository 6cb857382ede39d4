import type { ExecutionEnvironment } from './execution-environment.ts'
import { lags, pages, reads, throughGate, transacts } from './port-gate.ts'
import type { VirtualStores } from './virtual-stores.ts'

/** All ports as the adapters of one environment offer them: which call to AWS each method stands for. */
export const gatedPorts = (environment: ExecutionEnvironment, stores: VirtualStores) => {
  const gate: <T extends object>(port: T, crossings: Parameters<typeof throughGate<T>>[2]) => T = (
    port,
    crossings,
  ) => throughGate(environment, port, crossings)
  return {
    answers: gate(stores.answers, {
      has: 'inside',
      put: 'inside',
      begin: 'inside',
      find: reads('GetItem'),
      keep: reads('PutItem'),
    }),
    orders: gate(stores.orders, {
      rows: 'inside',
      unfinished: 'inside',
      find: reads('GetItem'),
      findReservation: reads('GetItem'),
      findProgress: reads('GetItem'),
      page: lags('Query'),
      due: pages('Query'),
      paidOn: pages('Query'),
      begin: transacts,
      commit: transacts,
      moveStock: transacts,
      place: transacts,
      refuse: transacts,
    }),
    products: gate(stores.products, {
      breaches: 'inside',
      rows: 'inside',
      move: 'inside',
      available: 'inside',
      findAll: reads('BatchGetItem'),
      page: lags('Query'),
    }),
    uploads: gate(stores.uploads, {
      rows: 'inside',
      create: reads('PutItem'),
      find: reads('GetItem'),
      findPlan: reads('GetItem'),
      chunkProgress: reads('Query'),
      commit: transacts,
      applyPart: transacts,
      closeChunk: transacts,
    }),
    files: gate(stores.files, {
      put: 'inside',
      delete: 'inside',
      head: reads('HeadObject'),
      read: reads('GetObject'),
      stream: pages('GetObject'),
    }),
    rejectFiles: gate(stores.rejectFiles, {
      link: 'inside',
      merged: 'inside',
      writeChunk: reads('PutObject'),
      merge: reads('PutObject'),
    }),
    outbox: gate(stores.outbox, {
      add: 'inside',
      rows: 'inside',
      markPublished: reads('UpdateItem'),
      pending: pages('Query'),
      pendingOf: reads('Query'),
    }),
    endpoints: gate(stores.endpoints, {
      rows: 'inside',
      find: reads('GetItem'),
      list: reads('Query'),
      change: reads('UpdateItem'),
      remove: reads('DeleteItem'),
      register: transacts,
      replaceSecrets: transacts,
    }),
    deliveries: gate(stores.deliveries, {
      rows: 'inside',
      add: reads('PutItem'),
      find: reads('GetItem'),
      page: lags('Query'),
      save: reads('UpdateItem'),
      commit: transacts,
    }),
    cursors: gate(stores.cursors, { last: reads('GetItem'), advance: reads('PutItem') }),
    secrets: gate(stores.secrets, { mint: reads('Encrypt'), open: reads('Decrypt') }),
    watermarks: gate(stores.watermarks, { read: reads('GetItem'), advance: reads('PutItem') }),
    reports: gate(stores.reports, { write: reads('PutObject'), find: reads('HeadObject') }),
  }
}
