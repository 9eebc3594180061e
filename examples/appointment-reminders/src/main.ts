// Reminds people of their appointments: places a sandbox call for each over Kafka, and says what each has cost. See
// README.md.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FileCheckpoints, RingfenceClient, type RingfenceEvent } from '@ringfence/sdk';
import { type Appointment, appointments } from './appointments.js';
import { Costs } from './costs.js';
import { ownSigningKey } from './own-signing-key.js';
import { settingsFrom } from './settings.js';

const today = new Date().toISOString().slice(0, 10);
const caller = '+15005550100';

const { url, brokers, platformDir, ownDir } = settingsFrom(process.env);
const read = async (name: string) => (await readFile(join(platformDir, name), 'utf8')).trim();
const account = await read('demo-account');
const operator = { url, apiKey: await read('admin-key') };

const client = await RingfenceClient.open({
  account,
  source: 'urn:example:appointment-reminders',
  http: operator,
  kafka: { brokers, signingKey: await ownSigningKey(ownDir, account, operator) },
});

const calls = new Map<string, Appointment>();
for (const appointment of appointments) {
  // The id is the reminder's own: started again on the same day, this service calls nobody twice.
  const outcome = await client.send(
    'place_call',
    { from_number: caller, to_number: appointment.number },
    { id: `reminder ${today} ${appointment.id}` },
  );
  switch (outcome.status) {
    case 'accepted':
      calls.set(outcome.result.callId, appointment);
      say(appointment, outcome.replayed ? 'was called before today' : 'is being called', outcome.result.callId);
      break;
    case 'refused':
      say(appointment, 'is not called', `${outcome.code}: ${outcome.detail}`);
      break;
    case 'unknown':
      say(appointment, 'may have been called: start me again', outcome.detail);
      break;
  }
}

const costs = await Costs.open(join(ownDir, 'costs'));
const unpaid = new Set(calls.keys());
let allEnded: () => void = () => undefined;
const done = new Promise<void>((resolve) => (allEnded = resolve));
report();
const consumer = await client.consume({
  checkpoints: new FileCheckpoints(join(ownDir, 'checkpoints.json')),
  onEvent: onEvent,
});
const stopped = await Promise.race([done.then(() => null), consumer.ended]);
await client.close();
if (stopped !== null) {
  process.stderr.write(`the events cannot be read on: ${stopped.message}\n`);
  process.exitCode = 1;
}

/**
 * The checkpoint moves on when this has settled: what it does must be durable by then, and do no harm when it is done
 * twice.
 */
async function onEvent({ data }: RingfenceEvent): Promise<void> {
  if (data.type !== 'CallCompleted' && data.type !== 'CallFailed') return;
  const { callId, cause } = data;
  await costs.add({ callId, cause, micros: data.type === 'CallCompleted' ? data.chargedMicros : 0n });
  report();
}

function report(): void {
  for (const callId of unpaid) {
    const [cost, appointment] = [costs.of(callId), calls.get(callId)];
    if (cost === undefined || appointment === undefined) continue;
    unpaid.delete(callId);
    say(appointment, `ended with ${cost.cause} and cost ${amount(cost.micros)}`, callId);
  }
  if (unpaid.size === 0) allEnded();
}

/** Millionths of the account's currency, exactly. */
function amount(micros: bigint): string {
  const digits = String(micros).padStart(7, '0');
  return `${digits.slice(0, -6)}.${digits.slice(-6)}`;
}

function say(appointment: Appointment, what: string, detail: string): void {
  process.stdout.write(`${appointment.id} ${appointment.with} ${what} (${detail})\n`);
}
