import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { callTo, initiatePath } from '../http/platform.js';

const busy = callTo('+15005550003');
const everyMs = 100;
const retryMs = 25;
const attemptMsMax = 20_000;
const giveUpAfterMs = 60_000;

/** A request as its client saw it: retried, under the same Idempotency-Key, until it was accepted. */
export type Probed = { readonly account: number; readonly sentAtMs: number; readonly tookMs: number };

/** Clients that place calls at a steady rate, one for each account, through any gateway that accepts them. */
export class Probes {
  readonly #done: Probed[] = [];
  readonly #open = new Set<Promise<void>>();
  #over = false;

  /** @param gateways called for each attempt: a gateway may return at another address */
  constructor(
    private readonly gateways: () => readonly string[],
    private readonly keys: readonly string[],
  ) {}

  /**
   * Sends until `during` settles and every request is accepted.
   * @throws Error if a request is not accepted within a minute
   */
  async run(during: () => Promise<void>): Promise<readonly Probed[]> {
    const sending = this.keys.map((key, account) => this.#send(key, account));
    await during();
    this.#over = true;
    await Promise.all(sending);
    await Promise.all(this.#open);
    return this.#done;
  }

  async #send(key: string, account: number): Promise<void> {
    for (let turn = account; !this.#over; turn += 1) {
      const asked = this.#ask(key, account, turn).finally(() => this.#open.delete(asked));
      this.#open.add(asked);
      await pause(everyMs);
    }
  }

  async #ask(key: string, account: number, turn: number): Promise<void> {
    const sentAtMs = performance.now();
    const idempotencyKey = randomUUID();
    for (let attempt = turn; ; attempt += 1) {
      const gateways = this.gateways();
      if (await isPlaced(gateways[attempt % gateways.length] ?? '', key, idempotencyKey)) break;
      if (performance.now() - sentAtMs > giveUpAfterMs) throw new Error(`account ${String(account)} is not served`);
      await pause(retryMs);
    }
    this.#done.push({ account, sentAtMs, tookMs: performance.now() - sentAtMs });
  }
}

/** Retries at one gateway until it accepts one call. @returns the time that took, in milliseconds */
export async function untilServed(gateway: string, key: string): Promise<number> {
  const began = performance.now();
  const idempotencyKey = randomUUID();
  while (!(await isPlaced(gateway, key, idempotencyKey))) {
    if (performance.now() - began > giveUpAfterMs) throw new Error(`${gateway} does not serve`);
    await pause(retryMs);
  }
  return performance.now() - began;
}

async function isPlaced(gateway: string, key: string, idempotencyKey: string): Promise<boolean> {
  try {
    const answer = await fetch(`${gateway}${initiatePath}`, {
      method: 'POST',
      headers: { 'x-api-key': key, 'content-type': 'application/json', 'idempotency-key': idempotencyKey },
      body: JSON.stringify(busy),
      signal: AbortSignal.timeout(attemptMsMax),
    });
    await answer.arrayBuffer();
    return answer.status === 202;
  } catch {
    return false;
  }
}
