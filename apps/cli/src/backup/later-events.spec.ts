import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { DomainEvent } from '@ringfence/domain/domain-event';
import type { RecordedEvent } from '@ringfence/ports/log/event-store';
import { exampleEvents } from '@ringfence/testing/example-events';
import { ExampleLog } from '@ringfence/testing/example-log';
import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { position } from '@ringfence/kernel/units';
import { type LaterEvent, laterEventsOf } from './later-events.js';

let folder: string;
let file: string;
let recorded: readonly RecordedEvent[];
let logId: string;
const wanted = [exampleEvents.SubjectErased, exampleEvents.KeyRevoked];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ringfence-later-'));
  file = join(folder, 'events.jsonl');
  const log = new ExampleLog();
  for (const event of [exampleEvents.KeyIssued, ...wanted, exampleEvents.CallPlaced] as readonly DomainEvent[])
    await log.append(event);
  recorded = await log.store.readAll(position(0), 10);
  logId = (JSON.parse(textOf(recorded[0])) as { readonly logid: string }).logid;
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const textOf = (event: RecordedEvent | undefined) => Buffer.from(event?.bytes ?? []).toString();
const asRegister = (event: RecordedEvent) => `{"position":${String(event.position)},"event":${textOf(event)}}\n`;

async function read(): Promise<readonly LaterEvent[]> {
  const found: LaterEvent[] = [];
  for await (const event of laterEventsOf(file, logId)) found.push(event);
  return found;
}

describe('events newer than a backup', () => {
  it('are erasures and revocations, as the register or a replay writes them', async () => {
    await writeFile(file, recorded.map(asRegister).join(''));
    expect(await read()).toEqual(wanted);
    await appendFile(file, '{"report":{"whole":true}}\n');
    expect(await read()).toEqual(wanted);
  });

  it('are read as any consumer of the topic writes their bytes, between watermarks', async () => {
    await writeFile(file, `{"head":"7"}\n${recorded.map((event) => `${textOf(event)}\n`).join('{"head":"8"}\n')}\n`);
    expect(await read()).toEqual(wanted);
  });

  it('may end with a truncated line, but have no other unreadable one', async () => {
    await writeFile(file, `${recorded.map(asRegister).join('')}{"position":9,"event":{"comm`);
    expect(await read()).toEqual(wanted);
    await appendFile(file, `\n${recorded.map(asRegister).join('')}`);
    await expect(read()).rejects.toMatchObject({ code: 'later_events_unreadable' });
    await expect(read()).rejects.toThrow(`${file}, line 5: `);
  });

  it('are refused when they belong to another log, or differ from what they claim to be', async () => {
    await writeFile(file, recorded.map(asRegister).join(''));
    const ofOther = laterEventsOf(file, 'log_OTHER')[Symbol.asyncIterator]();
    await expect(ofOther.next()).rejects.toMatchObject({ code: 'later_events_of_other_log' });
    await writeFile(file, asRegister(recorded[1] ?? fail()).replace('"acc_', '"key_'));
    await expect(read()).rejects.toMatchObject({ code: 'later_events_unreadable' });
    await rm(file);
    await expect(read()).rejects.toMatchObject({ code: 'later_events_unreadable' });
  });
});

function fail(): never {
  throw new Error('the example log is shorter than that');
}
