import type { OptionWord, Words } from './words.ts'

/** The pattern of a `case` of bash and zsh that every command's path matches. */
export function anyPath(all: readonly Words[]): string {
  return all.flatMap(({ path }) => (path === '' ? [] : [quote(path)])).join('|')
}

/** The branches of a `case "$path:$prev"` for the options that take something; `offer` is what such a branch does. */
export function valueCases(all: readonly Words[], offer: (option: OptionWord) => string): string {
  const branches = all.flatMap(({ path, options }) =>
    options.flatMap((option) => {
      if (option.takes === 'nothing') return []
      const at = path === '' ? '*' : quote(path)
      const patterns = option.flags.map((flag) => `${at}:${flag}`).join('|')
      return [`    ${patterns}) ${offer(option)}; return ;;`]
    }),
  )
  return branches.join('\n')
}

export function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}
