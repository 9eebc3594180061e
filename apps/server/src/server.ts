import 'reflect-metadata';
import { Failure } from '@ringfence/kernel/failure';
import { writeCompiledCode } from '@ringfence/runtime/compiled-code';
import { type Config, ConfigError, configFrom, testReachesLoopback } from './config/config.js';
import { type Platform, startPlatform, stopMsMax } from './platform.js';
import { banner } from './start/banner.js';
import { DataFiles } from './start/data-files.js';
import { isCuredByHand } from './start/start-failures.js';
import { createLog } from './telemetry/log.js';
import { Metrics } from './telemetry/metrics.js';
import { ServerLog } from './telemetry/server-log.js';
import { startTelemetry } from './telemetry/telemetry.js';

const exitCodes = { failed: 1, wrongConfig: 2, interrupted: 130 } as const;

const began = performance.now();
const config = readConfig();
const log = new ServerLog(createLog(config.logLevel));
process.on('uncaughtException', (failure) => {
  log.event('uncaught_exception', { err: failure });
  process.exit(exitCodes.failed);
});
process.on('unhandledRejection', (failure) => {
  log.event('unhandled_rejection', { err: failure });
  process.exit(exitCodes.failed);
});
await run(config, log);

async function run(config: Config, log: ServerLog): Promise<void> {
  const telemetry = await startTelemetry(config, new Metrics(log));
  let platform: Platform | undefined = undefined;
  let stopping: Promise<void> | undefined = undefined;
  const giveUp = new AbortController();
  const end = (code: number, planned = false) => {
    if (stopping !== undefined) process.exit(exitCodes.interrupted);
    giveUp.abort();
    setTimeout(() => {
      log.event('shutdown_timed_out');
      process.exit(exitCodes.failed);
    }, stopMsMax).unref();
    stopping = starting
      .catch(() => undefined)
      .then(() => platform?.stop(planned))
      .then(() => telemetry.stop())
      .then(
        () => process.exit(code),
        (failure: unknown) => {
          log.event('shutdown_failed', { err: failure });
          process.exit(exitCodes.failed);
        },
      );
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (stopping === undefined) log.event('shutdown_started', { signal });
      end(0, signal === 'SIGTERM');
    });
  }
  const onLost = () => {
    // Several parts may report it.
    if (stopping === undefined) end(exitCodes.failed);
  };
  const starting = startPlatform({ config, log, telemetry, onLost, signal: giveUp.signal });
  try {
    platform = await starting;
  } catch (failure) {
    explain(failure, log);
    process.exit(isCuredByHand(failure) ? exitCodes.wrongConfig : exitCodes.failed);
  }
  if (!giveUp.signal.aborted) await announce(platform, config);
  writeCompiledCode();
}

async function announce({ url, database, first }: Platform, config: Config): Promise<void> {
  const { dataDir, roles } = config;
  const secrets = first?.secrets ?? null;
  const keys =
    first === null || secrets === null
      ? null
      : { adminKey: secrets.operatorSecret, sandboxKey: secrets.sandboxSecret, accountId: first.accountId };
  if (keys !== null) await new DataFiles(dataDir).writeFirstKeys(keys);
  const reached = { testReachesLoopback: testReachesLoopback(config), tookMs: performance.now() - began };
  process.stdout.write(banner({ url, dataDir, database, roles: [...roles], ...reached }, keys));
  if (keys !== null) await first?.shown();
}

function readConfig(): Config {
  try {
    return configFrom(process.env);
  } catch (failure) {
    if (!(failure instanceof ConfigError)) throw failure;
    process.stderr.write(`ringfence: ${failure.message}\n`);
    process.exit(exitCodes.wrongConfig);
  }
}

/** Writes one clear line for what an operator can correct, and logs the whole error otherwise. */
function explain(failure: unknown, log: ServerLog): void {
  if (!(failure instanceof Failure)) log.event('startup_failed', { err: failure });
  const line = failure instanceof Error ? failure.message.replaceAll(/\s+/g, ' ') : 'the start failed';
  process.stderr.write(`ringfence: ${line}\n`);
}
