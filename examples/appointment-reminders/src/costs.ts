import { appendFile, readFile } from 'node:fs/promises';

type Cost = { readonly callId: string; readonly cause: string; readonly micros: bigint };

/** The cost of each call, in a file with a line each. An event may come twice; a call counts once. */
export class Costs {
  private constructor(
    private readonly path: string,
    private readonly known: Map<string, Cost>,
  ) {}

  static async open(path: string): Promise<Costs> {
    const text = await readFile(path, 'utf8').catch(() => '');
    const costs = text.split('\n').flatMap((line) => {
      const [callId = '', cause = '', micros = ''] = line.split(' ');
      return callId === '' ? [] : [[callId, { callId, cause, micros: BigInt(micros) }] as const];
    });
    return new Costs(path, new Map(costs));
  }

  of(callId: string): Cost | undefined {
    return this.known.get(callId);
  }

  async add(cost: Cost): Promise<void> {
    if (this.known.has(cost.callId)) return;
    await appendFile(this.path, `${cost.callId} ${cost.cause} ${String(cost.micros)}\n`);
    this.known.set(cost.callId, cost);
  }
}
