import type { Command } from 'commander';
import { withAccount } from '../option-values.js';
import { isAnswer, type JsonAnswer, textOr } from '../server/json-reading.js';
import type { StreamedEvent } from '../server/event-stream.js';
import type { Shell } from '../shell.js';
import type { Terminal } from '../terminal/terminal.js';

type WatchOptions = { readonly account?: string; readonly after?: string };

export function watchCalls(calls: Command, shell: Shell): void {
  withAccount(calls.command('watch [cs_…]').description('events of calls as they happen; of one call, until its end'))
    .option('--after <position>', 'continue after the event at this position')
    .action(async (call_id: string | undefined, { account, after }: WatchOptions) => {
      const { terminal } = shell;
      const api = await shell.api('account');
      const from = { after, onLost: () => { terminal.note('connecting again'); } }; // prettier-ignore
      const events =
        call_id === undefined
          ? api.follow('streamAccountCallEvents', { query: { account_id: account } }, from)
          : api.follow('streamCallEvents', { path: { call_id } }, from);
      for await (const event of events) printEvent(event, terminal);
    });
}

function printEvent({ id, type, data }: StreamedEvent, terminal: Terminal): void {
  const body: unknown = JSON.parse(data);
  if (!isAnswer(body)) return;
  if (type === 'stream.closed') {
    terminal.note(`the server has ended the stream: ${textOr(body, 'reason', '-')}`);
    return;
  }
  if (terminal.json) terminal.line(JSON.stringify({ position: id, ...body }));
  else {
    const fields = [textOr(body, 'occurred_at', '-'), textOr(body, 'call_id', '-'), type.padEnd(21), ...said(body)];
    terminal.line(fields.join('  '));
  }
}

/** Numbers and reason of an event, where it has them. */
function said(body: JsonAnswer): readonly string[] {
  const { data } = body;
  if (!isAnswer(data)) return [];
  const numbers =
    data['from_number'] === undefined
      ? []
      : [`${textOr(data, 'from_number', '(erased)')} → ${textOr(data, 'to_number', '(erased)')}`];
  const reason = textOr(data, 'reason', '');
  return reason === '' ? numbers : [...numbers, reason];
}
