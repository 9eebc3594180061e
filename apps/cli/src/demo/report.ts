import { type JsonAnswer, countAt, isAnswer, listIn, microsAt, textAt, textOr } from '../server/json-reading.js';
import type { PlatformApi } from '../server/platform-api.js';
import { amountText, countText, durationText } from '../terminal/amounts.js';
import { printChain } from '../calls/authorization.js';
import { application } from './scenario.js';
import type { Narrator } from './narrator.js';

/** The test book: four ledger accounts that sum to zero, with nothing reserved any more. */
export async function showLedger(
  admin: PlatformApi,
  accountId: string,
  creditMicros: bigint,
  narrator: Narrator,
): Promise<void> {
  narrator.act('The ledger');
  const ledger = await admin.ask('getLedger', { query: { account_id: accountId } });
  const book = listIn(ledger['books'], 'the books').find((each) => each['book'] === 'test') ?? {};
  const turnovers = listIn(book['turnovers'], 'the turnovers');
  const sum = (column: string) => turnovers.reduce((total, row) => total + microsAt(row, column), 0n);
  const rows = turnovers.map((row) => [
    textAt(row, 'account'),
    ...['debit_micros', 'credit_micros', 'balance_micros'].map((column) => amountText(microsAt(row, column))),
  ]);
  const total = [
    'Σ',
    amountText(sum('debit_micros')),
    amountText(sum('credit_micros')),
    amountText(sum('balance_micros')),
  ];
  narrator.terminal.table(['test book', 'debit', 'credit', 'balance'], [...rows, total], [1, 2, 3]);
  narrator.expect('Σ debits = Σ credits', amountText(sum('debit_micros')), amountText(sum('credit_micros')));
  narrator.expect('reserved for calls that have ended', '0.00', amountText(microsAt(book, 'reserved_micros')));
  const left = microsAt(book, 'available_micros') + microsAt(book, 'charged_micros');
  narrator.expect('credit = what is left + what was charged', amountText(creditMicros), amountText(left));
}

export async function showUsage(admin: PlatformApi, accountId: string, narrator: Narrator): Promise<void> {
  narrator.act('Usage by application');
  const query = { account_id: accountId, by: 'application', group_by: 'day' };
  const rows = listIn(await admin.ask('getUsage', { query }), 'the usage');
  const of = (row: JsonAnswer, column: string) => countText(countAt(row, column));
  narrator.terminal.table(
    ['application', 'calls', 'answered', 'failed', 'refused', 'talk time', 'cost', 'average'],
    rows.map((row) => [
      textOr(row, 'value', '-'),
      of(row, 'calls'),
      of(row, 'answered'),
      of(row, 'failed'),
      of(row, 'refused'),
      durationText(countAt(row, 'talk_time_ms')),
      amountText(microsAt(row, 'cost_micros')),
      typeof row['average_cost_micros'] === 'string' ? amountText(microsAt(row, 'average_cost_micros')) : '-',
    ]),
    [1, 2, 3, 4, 5, 6, 7],
  );
  narrator.holds(
    'the key’s label stamps what it did',
    rows.some((row) => row['value'] === application),
    application,
  );
}

export async function showAuditTrail(
  admin: PlatformApi,
  callId: string,
  keyId: string,
  narrator: Narrator,
): Promise<void> {
  narrator.act('Who authorised this call?');
  const authorization = await admin.ask('getCallAuthorization', { path: { call_id: callId } });
  const key = authorization['key'];
  narrator.expect(`${callId} was authorised by`, keyId, isAnswer(key) ? textOr(key, 'id', '?') : '?');
  const events = printChain(authorization, narrator.terminal);
  narrator.holds('the chain begins with the key and ends with the call', events >= 3, `${String(events)} events`);
}
