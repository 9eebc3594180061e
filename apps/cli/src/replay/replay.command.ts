import { parseAccountId, parseStreamId, type StreamId } from '@ringfence/kernel/ids';
import type { RecordedEnvelope } from '@ringfence/event-catalog/envelope';
import { isoTimeOf } from '@ringfence/event-catalog/envelope-attributes';
import { cliFailures } from '../failures.js';
import { amountText, countText } from '../terminal/amounts.js';
import type { Terminal } from '../terminal/terminal.js';
import type { FiledRow, LogSource } from './log-source.js';
import { replay, type ReplayReport } from './replay.js';
import { byWhom, describeEvent } from './timeline.js';

export type ReplayArguments = {
  readonly account?: string;
  readonly stream?: string;
  readonly subject?: string;
  readonly verifyOnly?: boolean;
};

/** The most findings that are printed; all are counted. */
const findingsShownMax = 20;

/** @throws Failure `usage` if one of the options would have no effect */
export function checkReplayArguments({ account, stream, subject, verifyOnly }: ReplayArguments): void {
  if (account !== undefined && stream !== undefined) usage('say --account or --stream, not both');
  if (verifyOnly === true && subject !== undefined)
    usage('--subject selects what is printed, and --verify-only prints nothing');
}

/** @throws Failure `usage`, `log_broken` */
export async function runReplay(log: LogSource, args: ReplayArguments, terminal: Terminal): Promise<void> {
  const stream = requestedStream(args);
  const silent = args.verifyOnly === true;
  const began = performance.now();
  const bar = terminal.progress('reading', stream === null ? await log.head() : 0);
  const report = await replay(log, {
    stream,
    subject: args.subject ?? null,
    onEvent: (envelope, event) => {
      if (!silent) terminal.line(terminal.json ? jsonLine(event) : timelineLine(envelope, terminal));
    },
    onProgress: (done) => {
      bar.at(done);
    },
  });
  bar.end();
  const seconds = (performance.now() - began) / 1000;
  if (terminal.json) terminal.line(JSON.stringify({ report: jsonReport(report, seconds) }));
  else printReport(report, seconds, terminal);
  if (report.findings.length > 0) throw cliFailures.log_broken(report.findings.length);
}

function requestedStream({ account, stream }: ReplayArguments): StreamId | null {
  if (account !== undefined) return parseAccountId(account) ?? usage(`--account takes an account's id, acc_…`);
  if (stream !== undefined) return parseStreamId(stream) ?? usage('--stream takes an account id or `platform`');
  return null;
}

function usage(message: string): never {
  throw cliFailures.usage(message);
}

/** The event's own bytes with its position: personal values stay sealed. */
function jsonLine({ position, bytes }: FiledRow): string {
  return `{"position":${String(position)},"event":${Buffer.from(bytes).toString('utf8')}}`;
}

function timelineLine(envelope: RecordedEnvelope, terminal: Terminal): string {
  const { position, decidedAtMs, subject, data } = envelope;
  const time = isoTimeOf(decidedAtMs).slice(0, 23).replace('T', ' ');
  return [
    terminal.paint('gray', String(position).padStart(8)),
    terminal.paint('gray', time),
    subject.padEnd(30),
    describeEvent(data),
    terminal.paint('gray', `← ${byWhom(envelope)}`),
  ].join('  ');
}

function jsonReport({ head, streams, totals, findings }: ReplayReport, seconds: number): object {
  const money = ({ creditMicros, reservedMicros, chargedMicros }: typeof totals.live) => ({
    credit_micros: String(creditMicros),
    reserved_micros: String(reservedMicros),
    charged_micros: String(chargedMicros),
  });
  const { events, accounts, keysIssued, keysRevoked, callsPlaced, callsAnswered, callsEnded, callsRefused } = totals;
  return {
    whole: findings.length === 0,
    head,
    streams,
    events,
    accounts,
    keys_issued: keysIssued,
    keys_revoked: keysRevoked,
    calls_placed: callsPlaced,
    calls_answered: callsAnswered,
    calls_ended: callsEnded,
    calls_refused: callsRefused,
    live: money(totals.live),
    test: money(totals.test),
    findings,
    seconds: Math.round(seconds * 1000) / 1000,
  };
}

function printReport(report: ReplayReport, seconds: number, terminal: Terminal): void {
  const { totals, findings, streams } = report;
  const perSecond = countText(totals.events / Math.max(seconds, 0.001));
  terminal.line('');
  terminal.table(
    ['', 'count'],
    [
      ['events', countText(totals.events)],
      ['streams', countText(streams)],
      ['accounts', countText(totals.accounts)],
      ['keys issued / revoked', `${countText(totals.keysIssued)} / ${countText(totals.keysRevoked)}`],
      [
        'calls placed / answered / ended',
        [totals.callsPlaced, totals.callsAnswered, totals.callsEnded].map(countText).join(' / '),
      ],
      ['calls refused', countText(totals.callsRefused)],
      ...(['live', 'test'] as const).map((book) => [
        `${book} book: credit / reserved / charged`,
        [totals[book].creditMicros, totals[book].reservedMicros, totals[book].chargedMicros]
          .map(amountText)
          .join(' / '),
      ]),
    ],
    [1],
  );
  for (const finding of findings.slice(0, findingsShownMax)) {
    const place = `position ${String(finding.position)}, ${finding.stream} version ${String(finding.version)}`;
    terminal.line(terminal.paint('red', `✗ ${place}: ${finding.rule}: ${finding.what}`));
  }
  if (findings.length > findingsShownMax)
    terminal.line(terminal.paint('red', `✗ … and ${String(findings.length - findingsShownMax)} more`));
  if (findings.length === 0)
    terminal.line(terminal.paint('green', `✓ positions, versions, hashes and bytes hold · ${perSecond} events/s`));
}
