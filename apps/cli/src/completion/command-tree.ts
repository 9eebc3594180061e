import type { Command, Option } from 'commander';

/** Kind of a value on a command line: a file, any text, or one of a few words. */
export type CompletedValue = 'file' | 'text' | readonly string[];
/** The words that can follow one command. Read off the program itself, so that completion cannot fall behind it. */
export type CompletedCommand = {
  /** The words that name the command; empty: the program itself. */
  readonly path: string;
  readonly subcommands: readonly string[];
  readonly options: readonly string[];
  /** The values of each option that takes one, by its name. */
  readonly values: ReadonlyMap<string, CompletedValue>;
  /** The values of the command's argument. */
  readonly argument: CompletedValue;
};

/** Every command of a program, the program itself first. */
export function commandsOf(root: Command): readonly CompletedCommand[] {
  const global = visibleOptions(root).filter(({ long }) => long !== '--version');
  return [completed(root, '', []), ...below(root, '', global)];
}

function below(parent: Command, path: string, global: readonly Option[]): readonly CompletedCommand[] {
  return parent
    .createHelp()
    .visibleCommands(parent)
    .filter(isReal)
    .flatMap((command) => {
      const named = path === '' ? command.name() : `${path} ${command.name()}`;
      return [completed(command, named, global), ...below(command, named, global)];
    });
}

function completed(command: Command, path: string, global: readonly Option[]): CompletedCommand {
  const options = [...visibleOptions(command), ...global.filter(({ long }) => long !== '--help')];
  const names = options.flatMap(({ long }) => (typeof long === 'string' ? [long] : []));
  return {
    path,
    subcommands: command
      .createHelp()
      .visibleCommands(command)
      .filter(isReal)
      .map((each) => each.name()),
    options: [...new Set(names)],
    values: new Map(options.flatMap((option) => valuesOf(option))),
    argument: argumentOf(command),
  };
}

const filePlaceholder = /^(?:file|dir)$/;

function argumentOf(command: Command): CompletedValue {
  const [argument] = command.registeredArguments;
  return argument?.argChoices ?? (filePlaceholder.test(argument?.name() ?? '') ? 'file' : 'text');
}

function valuesOf(option: Option): readonly (readonly [string, CompletedValue])[] {
  if (typeof option.long !== 'string' || (!option.required && !option.optional)) return [];
  const [, placeholder = ''] = /[<[](.+)[>\]]/.exec(option.flags) ?? [];
  return [[option.long, option.argChoices ?? (filePlaceholder.test(placeholder) ? 'file' : 'text')]];
}

function visibleOptions(command: Command): readonly Option[] {
  return command.createHelp().visibleOptions(command);
}

/** The library adds `help`, which is no command of ours. */
function isReal(command: Command): boolean {
  return command.name() !== 'help';
}
