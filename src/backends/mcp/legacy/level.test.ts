import { describe, expect, it } from 'vitest'
import { Level } from './level.ts'

/** A server that takes note of each level when it is told, and answers when `answer` is called. */
function levelOf(own: boolean) {
  const told: string[] = []
  const answers: ((fine: boolean) => void)[] = []
  const level = new Level({
    own,
    set: (name) => {
      told.push(name)
      return new Promise<void>((resolve, reject) =>
        answers.push((fine) => (fine ? resolve() : reject(new Error('no')))),
      )
    },
  })
  const answer = async (fine = true) => {
    await turn()
    answers.shift()?.(fine)
    await turn()
  }
  return { level, told, answer }
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve))

describe('the log level of a connection', () => {
  it('is set before a call that wants another, and once', async () => {
    const { level, told, answer } = levelOf(true)
    const setting = level.want('info')
    expect(level.want('info')).toBe(setting)
    await answer()
    await setting
    expect(level.want('info')).toBeUndefined()
    expect(told).toEqual(['info'])
  })

  it('goes up and down where one client alone is behind it', async () => {
    const { level, told, answer } = levelOf(true)
    for (const name of ['error', 'debug', 'warning']) {
      void level.want(name)
      await answer()
    }
    expect(told).toEqual(['error', 'debug', 'warning'])
  })

  it('is that of the most curious where several share it', async () => {
    const { level, told, answer } = levelOf(false)
    for (const name of ['error', 'warning', 'critical', 'debug', 'info']) {
      void level.want(name)
      await answer()
    }
    expect(told).toEqual(['error', 'warning', 'debug'])
  })

  it('is set in the order in which it was wanted, however long the server takes', async () => {
    const { level, told, answer } = levelOf(true)
    void level.want('debug')
    const last = level.want('error')
    await turn()
    expect(told).toEqual(['debug'])
    await answer()
    expect(told).toEqual(['debug', 'error'])
    await answer()
    await last
  })

  it('does not hold a call back that the server refuses it, or does not know it', async () => {
    const { level, told, answer } = levelOf(true)
    const setting = level.want('info')
    await answer(false)
    await expect(setting).resolves.toBeUndefined()
    expect(level.want('loud')).toBeUndefined()
    expect(told).toEqual(['info'])
  })

  it('is set anew when the server has begun a new session', async () => {
    const { level, told, answer } = levelOf(true)
    void level.want('info')
    await answer()
    level.forget()
    void level.want('info')
    await answer()
    expect(told).toEqual(['info', 'info'])
  })
})
