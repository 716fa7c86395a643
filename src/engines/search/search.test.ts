import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Collection, type Entry, SearchIndex } from './index.ts'

function entry(name: string, description = '', more: Partial<Entry> = {}): Entry {
  return { name, title: '', description, server: '', parameters: [], ...more }
}

function collection(...entries: Entry[]): Collection {
  return { items: entries.map((it) => ({ key: JSON.stringify(it), entry: it })) }
}

const TOOLS = collection(
  entry('create_issue', 'Create a new issue in a GitHub repository.', { server: 'github' }),
  entry('listRepositories', 'List the repositories of a user.', { server: 'github' }),
  entry('send_message', 'Send a message to a Slack channel.', {
    server: 'slack',
    parameters: [{ name: 'channel_id', text: 'Where it is posted' }],
  }),
  entry('resize_image', 'Resize a picture to a width and a height.', { server: 'media' }),
  entry('get_forecast', 'Get the weather forecast of a city for some days.', { server: 'weather' }),
  entry('generate_word_cloud_chart', 'Show how often words come.', { server: 'charts' }),
  entry('html_to_markdown', 'Convert HTML to Markdown.', { server: 'convert' }),
  entry('markdown_to_html', 'Convert Markdown to HTML.', { server: 'convert' }),
  entry('delete_file', 'Remove a file for good.', { server: 'files' }),
  entry('read_file', 'Read the whole of a file.', { server: 'files' }),
  entry('pdf_merger', 'Several PDF documents become one.', { server: 'pdf' }),
)

function ask(question: string, limit = 3, of: Collection = TOOLS, index = new SearchIndex()): string[] {
  return index.search(of, question, limit).map(({ place }) => of.items[place]?.entry.name ?? '')
}

describe('a tool is found', () => {
  test.each([
    ['by words of its name', 'create an issue', 'create_issue'],
    ['by words that are written as one in its name', 'list repositories', 'listRepositories'],
    ['by other forms of its words', 'sending messages', 'send_message'],
    ['by words that mean the same', 'make the photo smaller: resize photograph', 'resize_image'],
    ['by a name of a thing that means the same', 'pictures', 'resize_image'],
    ['with mistakes in the words', 'wether forcast', 'get_forecast'],
    ['with neighbours that changed places', 'create an isseu', 'create_issue'],
    ['by two words that the question writes as one', 'wordcloud', 'generate_word_cloud_chart'],
    ['by the beginning of a word', 'repos', 'listRepositories'],
    ['by its server', 'slack', 'send_message'],
    ['by the name of a parameter', 'channel id', 'send_message'],
    ['by what it does, where several are about the thing', 'erase the file', 'delete_file'],
    ['by a verb, where its name is what does it', 'merge pdf', 'pdf_merger'],
    [
      'in a whole sentence',
      'Could you please tell me what the weather in Paris will be like?',
      'get_forecast',
    ],
    ['with a path in the question', 'show me what is in /home/me/notes.txt', 'read_file'],
    ['in the order of the words', 'convert markdown to html', 'markdown_to_html'],
    ['in the other order', 'convert html to markdown', 'html_to_markdown'],
  ])('%s', (_, question, name) => {
    expect(ask(question)[0]).toBe(name)
  })

  test('each for its part, where a question asks for several things', () => {
    const found = ask(
      'Get the weather forecast of Berlin, then send it to the slack channel. Finally delete the file.',
      6,
    )
    expect(found).toEqual(expect.arrayContaining(['get_forecast', 'send_message', 'delete_file']))
  })

  test('by its rare words, however long the question and however common its other words', () => {
    const many = Array.from({ length: 3_000 }, (_, at) =>
      entry(`tool_${at}`, 'Reports gardens, rivers and roads.'),
    )
    const tools = collection(...many, entry('moon_phase', 'Phases of the moon.'))
    const question = `${'gardens rivers roads report '.repeat(25)} moon`
    expect(ask(question, 1, tools)).toEqual(['moon_phase'])
  })

  test('by words of its description in Chinese, asked in English or in Chinese', () => {
    const tools = collection(
      entry('a1', '获取热门新闻'),
      entry('a2', '计算两个数字'),
      entry('a3', '查询天气'),
    )
    expect(ask('news', 1, tools)).toEqual(['a1'])
    expect(ask('天气怎么样', 1, tools)).toEqual(['a3'])
  })
})

describe('what is found', () => {
  test('is nothing where no word is like any', () => {
    expect(ask('zzzzqqqq')).toEqual([])
    expect(ask('')).toEqual([])
  })

  test('is what is rare in the catalogue before what all tools have', () => {
    const tools = collection(
      ...['a', 'b', 'c'].map((it) => entry(`search_${it}`, 'search')),
      entry('vectors', 'search'),
    )
    expect(ask('search vectors', 1, tools)).toEqual(['vectors'])
  })

  test('has tools of the same name behind others', () => {
    const twice = (server: string) => entry('read_file', 'Read a file.', { server })
    const tools = collection(twice('a'), twice('b'), entry('file_read', 'A file.', { server: 'c' }))
    expect(ask('read a file', 3, tools)).toEqual(['read_file', 'file_read', 'read_file'])
  })

  test('depends on the collection alone, whatever else is indexed', () => {
    const words = ['file', 'issue', 'weather', 'message', 'image', 'markdown', 'remove', 'send', 'qwertz']
    const text = fc.array(fc.constantFrom(...words), { maxLength: 4 }).map((it) => it.join(' '))
    const others = fc.array(fc.tuple(fc.string({ maxLength: 12 }), text), { maxLength: 6 })
    fc.assert(
      fc.property(others, text, (more, question) => {
        const index = new SearchIndex()
        index.prepare(collection(...more.map(([name, description]) => entry(name, description))))
        expect(ask(question, 8, TOOLS, index)).toEqual(ask(question, 8))
      }),
      { numRuns: 100 },
    )
  })

  test('is at most what was asked for, each once, whatever was asked', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 300 }), fc.integer({ min: 1, max: 12 }), (question, limit) => {
        const found = ask(question, limit)
        expect(found.length).toBeLessThanOrEqual(limit)
        expect(new Set(found).size).toBe(found.length)
      }),
      { numRuns: 300 },
    )
  })
})

describe('an index', () => {
  test('reads what is in several collections once', () => {
    const index = new SearchIndex()
    index.prepare(TOOLS)
    expect(index.indexed).toBe(TOOLS.items.length)
    const changed = { items: [...TOOLS.items.slice(1), ...collection(entry('new_tool', 'Is new.')).items] }
    index.prepare(changed)
    expect(index.indexed).toBe(TOOLS.items.length + 1)
    expect(ask('create issue', 1, changed, index)).not.toContain('create_issue')
    expect(ask('new tool', 1, changed, index)).toEqual(['new_tool'])
  })

  test('does not grow for ever with catalogues that come and go', async () => {
    setFlagsFromString('--expose-gc')
    const collectGarbage = runInNewContext('gc') as () => void
    const index = new SearchIndex()
    for (let number = 0; number < 20; number++) {
      const tools = Array.from({ length: 700 }, (_, at) => entry(`tool_${number}_${at}`, 'Does something.'))
      expect(ask(`tool ${number} 7`, 1, collection(...tools), index)).toEqual([`tool_${number}_7`])
      await new Promise((resolve) => setImmediate(resolve))
      if (number % 3 === 1) collectGarbage()
    }
    expect(index.indexed).toBe(20 * 700)
    expect(index.size).toBeLessThan(8 * 700)
  })
})
