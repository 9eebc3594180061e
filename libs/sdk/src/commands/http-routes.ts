import { type PublicCommandName, publicCommands } from '@ringfence/wire/public-commands';
import type { CommandRoute } from '@ringfence/wire/commands/public-command';
import type { OutgoingCommand } from './command-transport.js';

/** Converts a command into a request: some of its fields are in the path. */
export function requestOf({
  name,
  body,
  subject,
}: OutgoingCommand<PublicCommandName>): CommandRoute & { readonly body: object } {
  const { method, path } = publicCommands[name].route;
  const left = new Map<string, unknown>(Object.entries(body));
  const filled = path.replaceAll(/:([a-z_]+)/g, (_, field: string) => {
    const value = field === 'subject' ? subject : left.get(field);
    left.delete(field);
    return encodeURIComponent(typeof value === 'string' ? value : '');
  });
  return { method, path: filled, body: Object.fromEntries(left) };
}
