import { createServer, type IncomingMessage } from 'node:http';

/** The members of a request that this flow reads; docs/flows.md has the rest. */
type FlowRequest = { readonly call_id: string; readonly step: number; readonly reason: string };

const port = Number(process.env['FLOW_PORT'] ?? '7360');
/** The address that the platform is given as `flow_url`, without a path. */
const here = process.env['FLOW_URL'] ?? `http://127.0.0.1:${String(port)}`;

/** A greeting first, then the agent: each path is one step of the conversation. */
const actions: Readonly<Record<string, object>> = {
  '/flow': { action: 'play', media_url: `${here}/greeting-3s.mp3`, flow_url: `${here}/agent` },
  '/agent': {
    action: 'stream',
    ws_url: 'wss://agent.example.com/media',
    sample_rate: '16k',
    chunk_size: 500,
    record: false,
  },
};
/** Requests that were answered: the platform may ask twice, under the same id, and has to get the same answer. */
const answered = new Set<string>();

const server = createServer((request, response) => {
  void readJson(request).then((body) => {
    const action = actions[request.url ?? ''];
    const id = String(request.headers['webhook-id']);
    if (action === undefined || body === undefined) {
      response.writeHead(404).end();
      return;
    }
    if (!answered.has(id))
      console.log(`${body.call_id} step ${String(body.step)}, ${body.reason}: ${request.url ?? ''}`);
    answered.add(id);
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(action));
  });
});

/** The body as JSON; undefined: it is none. */
async function readJson(request: IncomingMessage): Promise<FlowRequest | undefined> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  try {
    return JSON.parse(text) as FlowRequest;
  } catch {
    return undefined;
  }
}

server.listen(port, '127.0.0.1', () => {
  console.log(`answers ${here}/flow`);
});
