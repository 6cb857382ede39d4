import { expect, test } from 'vitest'
import * as z from 'zod/mini'
import { ManualClock } from '../manual-clock.ts'
import { MerchantId } from '../merchant-id.ts'
import { aKeyedRequest } from './a-keyed-request.ts'
import { answerOnce } from './answer-once.ts'
import { InMemoryAnswerStore } from './in-memory-answer-store.ts'

test('work that was begun and is finished without an answer is a bug, and no answer', async () => {
  const answers = new InMemoryAnswerStore(new ManualClock())
  const request = aKeyedRequest(MerchantId.parse('corner-shop'), 'k')
  const finished: string[] = []
  const attempt = async () => {
    answers.begin(request, 'work-1')
    return 'begun' as const
  }
  const finish = async (begun: string) => finished.push(begun)
  await expect(answerOnce(answers, z.string(), request, attempt, finish)).rejects.toThrow('without an answer')
  expect(finished).toEqual(['work-1'])
})
