import { anyPath, quote, valueCases } from './case.ts'
import type { OptionWord, Words } from './words.ts'

/** Walks the words before the cursor to the command they name, then offers what that command knows. */
export function bashScript(all: readonly Words[]): string {
  return `# bash completion of vmcp
_vmcp() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" prev="\${COMP_WORDS[COMP_CWORD-1]}" path="" word i
  for ((i = 1; i < COMP_CWORD; i++)); do
    word="\${COMP_WORDS[i]}"
    [[ "$word" == "--" ]] && return
    case "\${path:+$path }$word" in
      ${anyPath(all)}) path="\${path:+$path }$word" ;;
    esac
  done
  case "$path:$prev" in
${valueCases(all, values)}
  esac
  case "$path" in
${all.map(wordCase).join('\n')}
  esac
}
complete -o default -F _vmcp vmcp`
}

function values({ takes }: OptionWord): string {
  if (takes === 'file') return 'COMPREPLY=($(compgen -f -- "$cur"))'
  return Array.isArray(takes) ? reply(takes) : 'COMPREPLY=()'
}

function wordCase({ path, commands, options, inherited }: Words): string {
  const flags = [...options, ...inherited].flatMap((option) => option.flags)
  const plain = commands.map(({ text }) => text)
  return `    ${quote(path)}) if [[ "$cur" == -* ]]; then ${reply(flags)}; else ${reply(plain)}; fi ;;`
}

function reply(words: readonly string[]): string {
  return words.length === 0 ? 'COMPREPLY=()' : `COMPREPLY=($(compgen -W ${quote(words.join(' '))} -- "$cur"))`
}
