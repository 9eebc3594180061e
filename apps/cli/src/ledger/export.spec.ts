import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { run } from '../program.js';

type Line = { readonly account: string; readonly amount_micros: string; readonly balance_after_micros: string };
type Entry = Readonly<Record<'position' | 'book' | 'event_type' | 'subject' | 'decided_at', string>> & {
  readonly key_id: string | null;
  readonly lines: readonly Line[];
};

const line = (account: string, amount: number, after: number): Line => ({
  account,
  amount_micros: String(amount),
  balance_after_micros: String(after),
});

/** `count` credits of 5 each, newest first. */
function credits(count: number): Entry[] {
  return Array.from({ length: count }, (_, at) => {
    const sum = (count - at) * 5;
    return {
      position: `log_1:${String(count - at)}`,
      book: 'live',
      event_type: 'CreditAdded',
      subject: 'acc_1',
      key_id: null,
      decided_at: '2026-11-02T00:00:00.000Z',
      lines: [line('cash', 5, sum), line('available', -5, -sum)],
    };
  });
}

type Served = {
  entries: readonly Entry[];
  pageSize: number;
  balanced: boolean;
  /** Requests for entries that fail before one succeeds, from that page on. */
  failing: { readonly fromPage: number; left: number };
};
let served: Served;
let asked: URL[];
let server: Server;
let folder: string;

beforeEach(async () => {
  served = { entries: credits(5), pageSize: 2, balanced: true, failing: { fromPage: 0, left: 0 } };
  asked = [];
  folder = mkdtempSync(join(tmpdir(), 'ringfence-export-'));
  server = createServer((request, response) => {
    const url = new URL(request.url ?? '', 'http://server');
    asked.push(url);
    const answer = answerTo(url);
    response.writeHead(answer === undefined ? 503 : 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(answer ?? { code: 'database_unavailable', detail: 'not now' }));
  });
  await new Promise<void>((listening) => {
    server.listen(0, '127.0.0.1', listening);
  });
});
afterEach(() => {
  server.close();
  rmSync(folder, { recursive: true });
});

function answerTo({ pathname, searchParams }: URL): object | undefined {
  switch (pathname) {
    case '/api/v1/ledger':
      return { account_id: 'acc_1', currency: 'USD', books: [] };
    case '/api/v1/accounts/acc_1':
      return { id: 'acc_1', time_zone: 'Europe/Berlin', time_zone_change: null };
    case '/api/v1/ledger/trial-balance':
      return { account_id: 'acc_1', balanced: served.balanced, turnovers: [] };
    default: {
      const page = Number(searchParams.get('cursor_after') ?? '0');
      if (page >= served.failing.fromPage && served.failing.left > 0) {
        served.failing.left -= 1;
        return undefined;
      }
      const from = page * served.pageSize;
      const more = from + served.pageSize < served.entries.length;
      return {
        data: served.entries.slice(from, from + served.pageSize),
        next_cursor: more ? String(page + 1) : null,
        has_more: more,
      };
    }
  }
}

async function exported(...options: readonly string[]) {
  const [out, err] = ['', ''].map(() => {
    const chunks: string[] = [];
    const stream = new Writable({
      write: (chunk, _, done) => {
        chunks.push(String(chunk));
        done();
      },
    });
    return { chunks, stream };
  });
  if (out === undefined || err === undefined) throw new Error('two streams were made');
  const streams = { out: out.stream, err: err.stream } as unknown as Parameters<typeof run>[2];
  const url = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  const words = ['ledger', 'export', '--url', url, '--api-key', 'any', '--month', '2026-11', ...options];
  const code = await run(['node', 'ringfence', ...words], { RINGFENCE_DATA_DIR: '/nonexistent' }, streams);
  return { code, out: out.chunks.join(''), err: err.chunks.join('') };
}

describe('an export of the ledger', () => {
  it('has a row for each line of every entry, and its totals on standard error', async () => {
    const { code, out, err } = await exported();
    expect(code).toBe(0);
    const rows = out.trimEnd().split('\r\n');
    expect(rows.slice(0, 3)).toEqual([
      'position,book,event_type,subject,key_id,decided_at,account,amount_micros,balance_after_micros',
      'log_1:5,live,CreditAdded,acc_1,,2026-11-02T00:00:00.000Z,cash,5,25',
      'log_1:5,live,CreditAdded,acc_1,,2026-11-02T00:00:00.000Z,available,-5,-25',
    ]);
    expect(rows).toHaveLength(11);
    expect(err).toBe(
      '5 entries of 2026-11 (2026-10-31T23:00:00.000Z to 2026-11-30T23:00:00.000Z), live book of acc_1: debits 25 micros, credits 25 micros, balanced\n',
    );
  });

  it('takes the month’s bounds from the account’s time zone, or from the one given', async () => {
    await exported('--mode', 'test');
    await exported('--time-zone', 'UTC');
    const queries = asked
      .filter(({ pathname }) => pathname.endsWith('/entries'))
      .map(({ searchParams }) => searchParams);
    expect(
      queries.map((query) => [query.get('mode'), query.get('decided_after'), query.get('decided_before')]),
    ).toEqual([
      ...Array<string[]>(3).fill(['test', '2026-10-31T23:00:00.000Z', '2026-11-30T23:00:00.000Z']),
      ...Array<string[]>(3).fill(['live', '2026-11-01T00:00:00.000Z', '2026-12-01T00:00:00.000Z']),
    ]);
    expect((await exported('--time-zone', 'Moon/Tranquility')).code).toBe(2);
  });

  it('begins and ends at the given bounds', async () => {
    await exported('--from', '2026-11-01T00:00:00+09:00', '--to', '2026-12-01T00:00:00Z');
    const [query] = asked
      .filter(({ pathname }) => pathname.endsWith('/entries'))
      .map(({ searchParams }) => searchParams);
    expect([query?.get('decided_after'), query?.get('decided_before')]).toEqual([
      '2026-10-31T15:00:00.000Z',
      '2026-12-01T00:00:00.000Z',
    ]);
    expect((await exported('--from', 'yesterday')).code).toBe(2);
  });

  it('has one entry per line as JSON, and the same ones each time', async () => {
    const [first, second] = [await exported('--json'), await exported('--json')];
    expect(first).toEqual(second);
    expect(
      first.out
        .trimEnd()
        .split('\n')
        .map((text) => JSON.parse(text) as unknown),
    ).toEqual(credits(5));
    expect(JSON.parse(first.err)).toMatchObject({ month: '2026-11', entries: 5, debit_micros: '25', balanced: true });
  });

  it('retries a page after a retryable failure', async () => {
    served.failing = { fromPage: 1, left: 1 };
    expect(await exported()).toMatchObject({ code: 0, err: expect.stringContaining('5 entries') as unknown });
  });

  it('ends with 1 and a message when it is interrupted', async () => {
    served.failing = { fromPage: 1, left: 1_000 };
    const { code, err } = await exported();
    expect(code).toBe(1);
    expect(err).toContain('broke off after 2 entries and is not complete: not now (database_unavailable)');
    expect(err).toContain('(export_broken_off)');
  }, 30_000);

  it.each([
    { what: 'an entry is missing', entries: credits(5).filter((_, at) => at !== 2), says: 'does not lead to the next' },
    {
      what: 'an entry comes twice',
      entries: [...credits(2).slice(0, 1), ...credits(2)],
      says: 'does not lead to the next',
    },
    {
      what: 'an entry does not add up',
      entries: credits(1).map((entry) => ({ ...entry, lines: [line('cash', 5, 5)] })),
      says: 'do not add up to zero',
    },
  ])('ends with 1 when $what', async ({ entries, says }) => {
    served.entries = entries;
    const { code, err } = await exported();
    expect(code).toBe(1);
    expect(err).toContain(says);
  });

  it('ends with 1 when the trial balance does not balance', async () => {
    served.balanced = false;
    expect(await exported()).toMatchObject({ code: 1, err: expect.stringContaining('ledger_unbalanced') as unknown });
  });

  it('writes a complete file or none', async () => {
    const file = join(folder, 'november.csv');
    expect(await exported('--output', file)).toMatchObject({ code: 0, out: '' });
    const whole = readFileSync(file, 'utf8');
    served.balanced = false;
    expect((await exported('--output', file)).code).toBe(1);
    expect([readFileSync(file, 'utf8'), readdirSync(folder)]).toEqual([whole, ['november.csv']]);
    writeFileSync(file, 'old');
    served.balanced = true;
    expect((await exported('--output', file)).code).toBe(0);
    expect(readFileSync(file, 'utf8')).toBe(whole);
  });
});
