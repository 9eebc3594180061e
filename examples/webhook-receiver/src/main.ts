import { createServer, type IncomingMessage } from 'node:http';
import { Webhook } from 'standardwebhooks';

type CallEvent = { readonly id: string; readonly type: string; readonly call_id: string; readonly sequence: number };

const { WEBHOOK_SECRET = '', RECEIVER_PORT = '8081' } = process.env;
const webhook = new Webhook(WEBHOOK_SECRET);
/** Ids of the events that were handled. A service keeps them where it keeps what it does with them. */
const handled = new Set<string>();

createServer((request, response) => {
  handle(request).then(
    () => response.writeHead(204).end(),
    // Not signed by the platform, or too old: the sender may send it again.
    () => response.writeHead(401).end(),
  );
}).listen(Number(RECEIVER_PORT), '127.0.0.1', () => {
  console.log(`listening on http://127.0.0.1:${RECEIVER_PORT}`);
});

async function handle(request: IncomingMessage): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks).toString(); // the bytes as they came: they are what is signed
  const event = webhook.verify(body, request.headers as Record<string, string>) as CallEvent;
  if (handled.has(event.id)) return; // an event may come more than once
  handled.add(event.id);
  console.log(`${String(event.sequence)} ${event.type} ${event.call_id}`);
}
