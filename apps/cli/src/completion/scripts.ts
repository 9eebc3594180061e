import type { CompletedCommand, CompletedValue } from './command-tree.js';

export const shells = ['bash', 'zsh'] as const;
export type ShellName = (typeof shells)[number];

/** The script that a shell reads to complete `ringfence`. */
export function completionScript(shell: ShellName, commands: readonly CompletedCommand[]): string {
  return shell === 'bash' ? bashScript(commands) : zshScript(commands);
}

/** The parts of the script that differ between shells. */
type Dialect = { readonly offer: (words: readonly string[]) => string; readonly files: string };

const bash: Dialect = {
  // The shell inserts candidates unchanged, so a space in one has to be escaped.
  offer: (words) => `_ringfence_offer ${words.map((word) => quoted(word.replaceAll(' ', String.raw`\ `))).join(' ')}`,
  files: `local IFS=$'\\n'; COMPREPLY=($(compgen -f -- "$current"))`,
};
const zsh: Dialect = { offer: (words) => `compadd -- ${words.map(quoted).join(' ')}`, files: '_files' };

function bashScript(commands: readonly CompletedCommand[]): string {
  return `# Completion of ringfence for bash: source <(ringfence completion bash)
_ringfence_offer() {
  local word
  for word; do
    if [[ $word == "$current"* ]]; then COMPREPLY+=("$word"); fi
  done
}
_ringfence() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD - 1]} command='' word at
  COMPREPLY=()
  for ((at = 1; at < COMP_CWORD; at++)); do
    word=\${COMP_WORDS[at]}
${commandSearch(commands)}
  done
${offers(commands, bash)}
}
complete -F _ringfence ringfence
`;
}

function zshScript(commands: readonly CompletedCommand[]): string {
  return `#compdef ringfence
# Completion of ringfence for zsh: source <(ringfence completion zsh), or this file as _ringfence in $fpath
_ringfence() {
  local current=\${words[CURRENT]} previous=\${words[CURRENT - 1]} command='' word
  local -i at
  for ((at = 2; at < CURRENT; at++)); do
    word=\${words[at]}
${commandSearch(commands)}
  done
${offers(commands, zsh)}
}
if [[ \${funcstack[1]} == _ringfence ]]; then _ringfence "$@"; else compdef _ringfence ringfence; fi
`;
}

/** Finds the command among the words so far: those that are neither options nor their values. */
function commandSearch(commands: readonly CompletedCommand[]): string {
  const taking = new Set(commands.flatMap(({ values }) => [...values.keys()]));
  const paths = commands.map(({ path }) => path).filter((path) => path !== '');
  return `    case "$word" in
      ${[...taking].join('|')}) at=$((at + 1)); continue ;;
    esac
    case "\${command:+$command }$word" in
      ${paths.map(quoted).join('|')}) command="\${command:+$command }$word" ;;
    esac`;
}

function offers(commands: readonly CompletedCommand[], dialect: Dialect): string {
  const values = commands.flatMap(({ path, values: each }) =>
    [...each].map(([option, value]) => `    ${quoted(`${path} ${option}`)}) ${offerOf(value, dialect)} ;;`),
  );
  const words = commands.flatMap(({ path, subcommands, options, argument }) => [
    `    ${quoted(path)})`,
    `      if [[ $current == -* ]]; then ${dialect.offer(options)}`,
    `      else ${offerOf(subcommands.length > 0 ? subcommands : argument, dialect)}; fi ;;`,
  ]);
  return `  case "$command $previous" in
${values.map((line) => line.replace(/ ;;$/, '; return ;;')).join('\n')}
  esac
  case "$command" in
${words.join('\n')}
  esac`;
}

function offerOf(value: CompletedValue, dialect: Dialect): string {
  if (value === 'file') return dialect.files;
  return value === 'text' ? ':' : dialect.offer(value);
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
