import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dice } from '@ringfence/testing/dice';

export type ReceivedEvent = {
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly callId: string;
  readonly sequence: number;
  readonly type: string;
  /** True: it was answered with 2xx. */
  readonly taken: boolean;
};

/** A receiver that fails, hangs, resets and answers 500 at seeded moments; about half of the events it takes. */
export class UnreliableReceiver {
  readonly received: ReceivedEvent[] = [];
  #server: Server | undefined;
  #url = '';
  /** True: from now on it takes everything. */
  isHealed = false;

  async listen(seed: number): Promise<void> {
    const random = dice(seed);
    this.#server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const chance = this.isHealed ? 0 : random();
        this.#note(Buffer.concat(chunks).toString(), request.headers, chance < 0.5);
        answer(chance, response);
      });
      request.on('error', () => undefined);
    });
    await new Promise<void>((resolve) => this.#server?.listen(0, '127.0.0.1', resolve));
    this.#url = `http://127.0.0.1:${String((this.#server.address() as AddressInfo).port)}/status`;
  }

  get url(): string {
    return this.#url;
  }

  close(): void {
    this.#server?.closeAllConnections();
    this.#server?.close();
  }

  #note(body: string, headers: IncomingHttpHeaders, taken: boolean): void {
    const event = JSON.parse(body) as { readonly call_id: string; readonly sequence: number; readonly type: string };
    const { call_id: callId, sequence, type } = event;
    this.received.push({ body, headers: headers as Record<string, string>, callId, sequence, type, taken });
  }
}

function answer(chance: number, response: ServerResponse): void {
  if (chance < 0.5) response.writeHead(204).end();
  else if (chance < 0.8) response.writeHead(chance < 0.7 ? 500 : 302, { location: '/elsewhere' }).end();
  else if (chance < 0.97) response.socket?.resetAndDestroy();
  // Nothing: it hangs.
}
