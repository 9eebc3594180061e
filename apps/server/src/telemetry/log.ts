import type { LoggerService } from '@nestjs/common';
import pino, { type DestinationStream, type Logger } from 'pino';
import type { LogLevel } from '../config/config-keys.js';

/** Names of fields that must not be logged; if one is by mistake, its value is replaced by `[withheld]`. */
const withheld = ['secret', 'apiKey', 'x-api-key', 'authorization', 'from_number', 'to_number', 'url', 'password'];

/** Logs JSON lines on standard error, or readable lines on a terminal. Standard output is for people only. */
export function createLog(level: LogLevel): Logger {
  const options = {
    level,
    base: { pid: process.pid },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    redact: { paths: withheld.flatMap((name) => [`["${name}"]`, `*["${name}"]`]), censor: '[withheld]' },
    serializers: { err: errorFields },
  };
  const destination = process.stderr.isTTY ? forPeople : pino.destination({ fd: 2, sync: true });
  return pino(options, destination);
}

/** The logged fields of an error: kind, code, place, and the message if it is ours; a driver's may repeat a value. */
export function errorFields(thrown: unknown): object {
  if (!(thrown instanceof Error)) return { kind: typeof thrown };
  const ours = thrown.name === 'Failure' || thrown.name === 'BrokenInvariant' || thrown.name === 'HttpProblem';
  return {
    kind: thrown.name,
    ...('code' in thrown && typeof thrown.code === 'string' ? { code: thrown.code } : {}),
    ...(ours ? { message: thrown.message } : {}),
    stack: (thrown.stack ?? '')
      .split('\n')
      .filter((line) => line.trimStart().startsWith('at '))
      .slice(0, 12)
      .map((line) => line.trim()),
    ...(thrown.cause === undefined ? {} : { cause: errorFields(thrown.cause) }),
  };
}

type Line = {
  readonly level?: string;
  readonly time?: string;
  readonly msg?: string;
  readonly [field: string]: unknown;
};
const forPeople: DestinationStream = {
  write(line) {
    const { level = '', time = '', msg = '', pid: _pid, ...fields } = JSON.parse(line) as Line; // pino wrote it
    const rest = Object.keys(fields).length === 0 ? '' : ` ${JSON.stringify(fields)}`;
    process.stderr.write(`${time.slice(11, 23)} ${level.padEnd(5)} ${msg}${rest}\n`);
  },
};

/** Nest's own messages, which matter when something is wrong. */
export function nestLogger(log: Logger): LoggerService {
  const say = (level: 'debug' | 'warn' | 'error') => (message: unknown, context?: unknown) => {
    log[level](
      { event: 'nest_message', ...contextOf(context) },
      message instanceof Error ? message.name : String(message),
    );
  };
  return {
    log: say('debug'),
    debug: say('debug'),
    verbose: say('debug'),
    warn: say('warn'),
    error: say('error'),
    fatal: say('error'),
  };
}

/** The context of a message, or the error that it reports. */
function contextOf(context: unknown): object {
  if (context instanceof Error) return { err: context };
  return typeof context === 'string' ? { context: context.slice(0, 200) } : {};
}
