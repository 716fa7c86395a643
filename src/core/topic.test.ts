import { describe, expect, test } from 'vitest'
import { Mailbox, Topic } from './topic.ts'

interface Word {
  readonly key: string
  readonly value: number
}
const word = (key: string, value = 0): Word => ({ key, value })
const words = () => new Topic<Word>(({ key }) => key)

async function all(subscription: AsyncIterable<Word>): Promise<Word[]> {
  const got: Word[] = []
  for await (const it of subscription) got.push(it)
  return got
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve))

describe('a subscriber', () => {
  test('gets what is published from the call of subscribe on, before it begins to read', async () => {
    const topic = words()
    topic.publish(word('before'))
    const subscription = topic.subscribe(new AbortController().signal)
    topic.publish(word('a'))
    topic.close()
    expect(await all(subscription)).toEqual([word('a')])
  })

  test('gets what is published while it waits', async () => {
    const topic = words()
    const reading = all(topic.subscribe(new AbortController().signal))
    for (const key of ['a', 'b', 'c']) {
      await turn()
      topic.publish(word(key))
    }
    await turn()
    topic.close()
    expect(await reading).toEqual([word('a'), word('b'), word('c')])
  })

  test('that is slow gets the latest value of each key', async () => {
    const topic = words()
    const subscription = topic.subscribe(new AbortController().signal)
    for (let value = 0; value < 10_000; value++) topic.publish(word(value % 2 === 0 ? 'even' : 'odd', value))
    topic.close()
    expect(await all(subscription)).toEqual([word('even', 9998), word('odd', 9999)])
  })

  test('does not take values from another', async () => {
    const topic = words()
    const both = [1, 2].map(() => all(topic.subscribe(new AbortController().signal)))
    topic.publish(word('a'))
    topic.close()
    expect(await Promise.all(both)).toEqual([[word('a')], [word('a')]])
  })

  test('ends when its signal fires, whether it waits or not, and the others go on', async () => {
    const topic = words()
    const controller = new AbortController()
    const waiting = all(topic.subscribe(controller.signal))
    const other = all(topic.subscribe(new AbortController().signal))
    await turn()
    controller.abort()
    expect(await waiting).toEqual([])
    topic.publish(word('a'))
    topic.close()
    expect(await other).toEqual([word('a')])
  })

  test('of a signal that has fired, or a topic that has closed, ends at once', async () => {
    const topic = words()
    expect(await all(topic.subscribe(AbortSignal.abort()))).toEqual([])
    topic.close()
    expect(await all(topic.subscribe(new AbortController().signal))).toEqual([])
  })

  test('that breaks off leaves nothing behind', async () => {
    const topic = words()
    const listeners: unknown[] = []
    const { signal } = new AbortController()
    signal.addEventListener = ((_: string, listener: unknown) =>
      listeners.push(listener)) as typeof signal.addEventListener
    signal.removeEventListener = ((_: string, listener: unknown) =>
      listeners.splice(listeners.indexOf(listener), 1)) as typeof signal.removeEventListener
    const subscription = topic.subscribe(signal)
    expect(listeners).toHaveLength(1)
    topic.publish(word('a'))
    topic.publish(word('b'))
    for await (const it of subscription) {
      expect(it).toEqual(word('a'))
      break
    }
    expect(listeners).toHaveLength(0)
    expect(await all(subscription)).toEqual([])
  })

  test('may ask for several values ahead', async () => {
    const topic = words()
    const subscription = topic.subscribe(new AbortController().signal)[Symbol.asyncIterator]()
    const ahead = [subscription.next(), subscription.next(), subscription.next()]
    topic.publish(word('a'))
    await turn()
    topic.publish(word('b'))
    await turn()
    topic.close()
    expect(await Promise.all(ahead)).toEqual([
      { done: false, value: word('a') },
      { done: false, value: word('b') },
      { done: true, value: undefined },
    ])
  })
})

describe('a mailbox', () => {
  const signal = () => new AbortController().signal

  test('keeps what stands for itself apart from the rest, and in order', async () => {
    const topic = words()
    const mailbox = topic.subscribe(signal())
    mailbox.add(word('x', 1))
    topic.publish(word('x', 2))
    mailbox.add(word('x', 3))
    topic.publish(word('x', 4))
    topic.close()
    expect(await all(mailbox)).toEqual([word('x', 1), word('x', 4), word('x', 3)])
  })

  test('takes no more of that than a thousand at a time', async () => {
    const mailbox = new Mailbox<Word>(() => {})
    for (let value = 0; value < 1_000; value++) expect(mailbox.add(word('x', value))).toBe(true)
    expect(mailbox.add(word('x', 1_000))).toBe(false)
    expect(await mailbox.next()).toEqual({ done: false, value: word('x', 0) })
    expect(mailbox.add(word('x', 1_001))).toBe(true)
  })

  test('takes nothing more once it has ended, and lets what waits be read', async () => {
    const mailbox = new Mailbox<Word>(() => {})
    mailbox.add(word('x'))
    mailbox.end()
    expect(mailbox.add(word('y'))).toBe(false)
    expect(await all(mailbox)).toEqual([word('x')])
  })

  test('tells once of its end, whoever asks before or after it', () => {
    const ended: string[] = []
    const mailbox = new Mailbox<Word>(() => ended.push('first'))
    mailbox.onEnd(() => ended.push('before'))
    mailbox.end()
    mailbox.end()
    mailbox.onEnd(() => ended.push('after'))
    expect(ended).toEqual(['first', 'before', 'after'])
  })
})
