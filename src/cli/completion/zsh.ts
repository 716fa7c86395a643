import { anyPath, quote, valueCases } from './case.ts'
import type { OptionWord, Words } from './words.ts'

/** The same walk as in bash, with what each word means beside it. */
export function zshScript(all: readonly Words[]): string {
  return `#compdef vmcp
# zsh completion of vmcp
_vmcp() {
  local cur="\${words[CURRENT]}" prev="\${words[CURRENT-1]}" path_="" word i
  for ((i = 2; i < CURRENT; i++)); do
    word="\${words[i]}"
    [[ "$word" == "--" ]] && { _files; return }
    case "\${path_:+$path_ }$word" in
      ${anyPath(all)}) path_="\${path_:+$path_ }$word" ;;
    esac
  done
  case "$path_:$prev" in
${valueCases(all, values)}
  esac
  local -a offered
  case "$path_" in
${all.map(wordCase).join('\n')}
  esac
  if (( \${#offered} )); then _describe 'vmcp' offered; else _files; fi
}
compdef _vmcp vmcp`
}

function values({ takes }: OptionWord): string {
  if (takes === 'file') return '_files'
  return Array.isArray(takes) ? `compadd -- ${takes.map(quote).join(' ')}` : "_message 'value'"
}

function wordCase({ path, commands, options, inherited }: Words): string {
  const flags = [...options, ...inherited].flatMap((option) =>
    option.flags.map((flag) => described(flag, option.about)),
  )
  const plain = commands.map(({ text, about }) => described(text, about))
  return `    ${quote(path)}) if [[ "$cur" == -* ]]; then offered=(${flags.join(' ')}); else offered=(${plain.join(' ')}); fi ;;`
}

/** `_describe` splits at the first colon. */
function described(word: string, about: string): string {
  return quote(`${word.replaceAll(':', '\\:')}:${about}`)
}
