import { randomBytes } from 'node:crypto';
import { createInterface } from 'node:readline';
import { listenerHost } from '@ringfence/wire/flows/listener-url';
import { type Command, InvalidArgumentError } from 'commander';
import { cliFailures } from '../failures.js';
import type { Shell } from '../shell.js';
import type { Terminal } from '../terminal/terminal.js';
import { Listener } from './listener.js';

type ListenOptions = { readonly forwardTo: string; readonly flowTo?: string };

export function listenCommand(program: Command, shell: Shell): void {
  program
    .command('listen')
    .description('pass the webhooks and flow requests of a test key’s calls to a program on this machine')
    .requiredOption('--forward-to <url>', 'where copies of webhooks are sent', targetUrl)
    .option('--flow-to <url>', 'where requests of flows are sent; default: as --forward-to', targetUrl)
    .addHelpText(
      'after',
      `
A call whose flow_url has the host ${listenerHost} has its flow here. Requests are signed with the secret
that is printed, or RINGFENCE_LISTEN_SECRET. Type \`resend [#]\` to send a webhook again, \`table\` for the attempts.`,
    )
    .action(async ({ forwardTo, flowTo = forwardTo }: ListenOptions) => {
      const { terminal, settings } = shell;
      const secret = settings.listenSecret ?? `whsec_${randomBytes(24).toString('base64')}`;
      if (!/^whsec_(?:[A-Za-z0-9+/]{32}){1,2}$/.test(secret))
        throw cliFailures.usage('RINGFENCE_LISTEN_SECRET is `whsec_` and the base64 of 24 or 48 bytes');
      const api = await shell.api('account');
      const listener = new Listener({ webhooks: forwardTo, flows: flowTo, secret }, api, terminal);
      const from = {
        after: undefined,
        onConnected: () => {
          printConnected(terminal, { forwardTo, flowTo, secret });
        },
        onLost: () => {
          terminal.note('connecting again');
        },
      };
      const typed = createInterface({ input: process.stdin });
      typed.on('line', (line) => void obey(line, listener, terminal));
      try {
        for await (const event of api.follow('streamListener', {}, from)) listener.take(event);
      } finally {
        typed.close();
      }
    });
}

async function obey(line: string, listener: Listener, terminal: Terminal): Promise<void> {
  const [word, number, ...more] = line.trim().split(/\s+/);
  const isNumbered = number === undefined || /^#?\d{1,9}$/.test(number);
  if (word === 'table' && number === undefined) listener.log.print();
  else if (word === 'resend' && isNumbered && more.length === 0)
    await listener.resend(number === undefined ? null : Number(number.replace('#', '')));
  else if (line.trim() !== '') terminal.note('resend [#]: send a webhook again · table: the attempts');
}

function printConnected(
  terminal: Terminal,
  { forwardTo, flowTo, secret }: Required<ListenOptions> & { secret: string },
): void {
  if (terminal.json) {
    terminal.line(JSON.stringify({ listening: true, forward_to: forwardTo, flow_to: flowTo, secret }));
    return;
  }
  terminal.line(`${terminal.paint('green', '✓')} listening`);
  terminal.line(`  webhooks       → ${forwardTo}`);
  terminal.line(`  flow requests  → ${flowTo}   of calls with a flow_url like http://${listenerHost}/flow`);
  terminal.line(`  signed with    ${terminal.paint('bold', secret)}`);
}

function targetUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '')
    throw new InvalidArgumentError('It is an http(s) URL without credentials, such as http://127.0.0.1:3000/webhooks.');
  return url.href;
}
