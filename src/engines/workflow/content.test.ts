import { describe, expect, it } from 'vitest'
import { failureText, outputOf } from './content.ts'

describe('the output of a tool', () => {
  it('is its structured content, with the content blocks beside it', () => {
    const content = [{ type: 'text', text: '{"id":1}' }]
    expect(outputOf({ content, structuredContent: { id: 1 } })).toEqual({
      output: { id: 1 },
      content: { text: '{"id":1}' },
    })
  })

  it('has the content blocks by name where nothing is structured', () => {
    const content = [
      { type: 'text', text: 'one' },
      { type: 'image', data: 'aW1n', mimeType: 'image/png' },
      { type: 'text', text: 'two' },
      { type: 'resource', resource: { uri: 'a:1', text: 'body' } },
      { type: 'resource', resource: { uri: 'a:2', blob: 'YmxvYg==' } },
      { type: 'audio', data: 'c25k', mimeType: 'audio/wav' },
      { type: 'resource_link', uri: 'a:3', name: 'link' },
      { type: 'toString', text: 'from the future' },
      { type: 'text', text: 'three' },
    ]
    expect(outputOf({ content }).output).toEqual({
      text: 'one',
      text_1: 'two',
      text_2: 'three',
      image_0: 'aW1n',
      resource: 'body',
      resource_1: 'YmxvYg==',
      audio_0: 'c25k',
      link_0: 'a:3',
    })
  })

  it('does not take an array for structured content', () => {
    expect(outputOf({ content: [], structuredContent: [1] }).output).toEqual({})
  })
})

describe('the error of a tool', () => {
  it('is its first text', () => {
    expect(failureText({ isError: true, content: [{ type: 'text', text: 'no such repo' }] })).toBe(
      'no such repo',
    )
  })
  it.each(['error', 'message', 'text'])('is the field %s where there is no text', (field) => {
    expect(failureText({ isError: true, content: [], structuredContent: { [field]: 'bad' } })).toBe('bad')
  })
  it('is said to be missing', () => {
    expect(failureText({ isError: true, content: [] })).toContain('without saying')
  })
  it('is cut when it is very long', () => {
    const content = [{ type: 'text', text: 'x'.repeat(1_000_000) }]
    expect(failureText({ isError: true, content }).length).toBeLessThan(5000)
  })
})
