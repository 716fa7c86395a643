import type { OptionWord, Words } from './words.ts'

/** One line per word; a function says which command the line so far has named. */
export function fishScript(all: readonly Words[]): string {
  const paths = all.flatMap(({ path }) => (path === '' ? [] : [quote(path)])).join(' ')
  return `# fish completion of vmcp
function __vmcp_path
    set -l path ''
    for word in (commandline -opc)[2..-1]
        set -l longer (string trim -- "$path $word")
        contains -- $longer ${paths}; and set path $longer
    end
    test "$path" = "$argv[1]"
end
complete -c vmcp -f
${all.flatMap(linesOf).join('\n')}`
}

function linesOf({ path, commands, options, inherited }: Words): string[] {
  const when = `complete -c vmcp -n ${quote(`__vmcp_path ${quote(path)}`)}`
  return [
    ...commands.map(({ text, about }) => `${when} -a ${quote(text)} -d ${quote(about)}`),
    ...[...options, ...inherited].map(
      (option) => `${when} ${flagsOf(option)}${takes(option)} -d ${quote(option.about)}`,
    ),
  ]
}

function flagsOf({ flags }: OptionWord): string {
  return flags
    .map((flag) => (flag.startsWith('--') ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`))
    .join(' ')
}

function takes({ takes }: OptionWord): string {
  if (takes === 'nothing') return ''
  if (takes === 'file') return ' -r -F'
  return Array.isArray(takes) ? ` -x -a ${quote(takes.join(' '))}` : ' -x'
}

function quote(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
}
