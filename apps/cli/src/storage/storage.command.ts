import type { Command } from 'commander';
import { openLogDatabase } from '../database/open-database.js';
import type { Shell } from '../shell.js';
import { countText } from '../terminal/amounts.js';
import type { Terminal } from '../terminal/terminal.js';
import { bytesOf, type DatabaseSize, databaseSize } from './database-size.js';

export function storageCommand(program: Command, shell: Shell): void {
  program
    .command('storage')
    .description('where the bytes are: by table, by call and by event, in rows and in segments (on the database)')
    .action(async () => {
      const { pool, close } = await openLogDatabase(shell.settings);
      try {
        const size = await databaseSize(pool);
        if (shell.terminal.json) writeJson(size, shell.terminal);
        else writeTable(size, shell.terminal);
      } finally {
        await close();
      }
    });
}

function writeJson(size: DatabaseSize, terminal: Terminal): void {
  for (const each of size.tables) {
    const { table, rowBytes: row_bytes, toastBytes: toast_bytes, indexBytes: index_bytes } = each;
    terminal.line(JSON.stringify({ table, row_bytes, toast_bytes, index_bytes, bytes: bytesOf(each) }));
  }
  const { bytes, events, eventsInSegments, calls } = size;
  const total = {
    bytes,
    events,
    events_in_segments: eventsInSegments,
    calls,
    bytes_per_event: share(bytes, events),
    bytes_per_call: share(bytes, calls),
  };
  terminal.line(JSON.stringify({ total }));
}

function writeTable(size: DatabaseSize, terminal: Terminal): void {
  const { tables, bytes, events, eventsInSegments, calls } = size;
  const perCall = (of: number): string => (calls === 0 ? '' : countText(of / calls));
  terminal.table(
    ['table', 'rows', 'large values', 'indexes', 'bytes', 'a call'],
    [
      ...tables.map((each) => [
        each.table,
        countText(each.rowBytes),
        countText(each.toastBytes),
        countText(each.indexBytes),
        countText(bytesOf(each)),
        perCall(bytesOf(each)),
      ]),
      ['all', '', '', '', countText(bytes), perCall(bytes)],
    ],
    [1, 2, 3, 4, 5],
  );
  terminal.line(
    `${countText(events)} events: ${countText(eventsInSegments)} in segments, ${countText(events - eventsInSegments)} in rows; ${countText(bytes / Math.max(1, events))} bytes an event`,
  );
  terminal.line(`${countText(calls)} calls; a table's bytes a call are its bytes divided by them`);
}

/** Rounded to whole bytes; null: there is nothing to divide by. */
function share(bytes: number, count: number): number | null {
  return count === 0 ? null : Math.round(bytes / count);
}
