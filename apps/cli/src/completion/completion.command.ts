import { Argument, type Command } from 'commander';
import type { Shell } from '../shell.js';
import { commandsOf } from './command-tree.js';
import { completionScript, type ShellName, shells } from './scripts.js';

export function completionCommand(program: Command, shell: Shell): void {
  program
    .command('completion')
    .description('a script that completes this command line: source <(ringfence completion bash)')
    .addArgument(new Argument('<shell>', 'whose').choices(shells))
    .action(async (name: ShellName) => {
      await shell.terminal.write(completionScript(name, commandsOf(program)));
    });
}
