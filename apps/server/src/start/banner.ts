import { relative } from 'node:path';

type FirstStart = { readonly adminKey: string; readonly sandboxKey: string; readonly accountId: string };
type Where = {
  readonly url: string;
  readonly dataDir: string;
  readonly database: string;
  readonly roles: readonly string[];
  readonly tookMs: number;
  /** True: webhooks and flow requests of test mode may reach this machine. */
  readonly testReachesLoopback: boolean;
};

/** The text shown once the server is ready. Contains secrets on the very first start only. */
export function banner(where: Where, first: FirstStart | null): string {
  const lines = [
    '',
    `Ringfence is ready at ${where.url}  (${(where.tookMs / 1_000).toFixed(1)} s)`,
    '',
    `  API         ${where.url}/api/v1`,
    `  docs        ${where.url}/api/docs`,
    `  metrics     ${where.url}/metrics`,
    `  health      ${where.url}/health/ready`,
    `  data        ${nearby(where.dataDir)}`,
    `  database    ${where.database}`,
    `  roles       ${where.roles.join(', ')}`,
    ...(where.testReachesLoopback
      ? ['  test mode   webhooks and flow requests may reach this machine (127.0.0.1, ::1)']
      : []),
    ...(first === null ? [] : firstStart(where, first)),
    '',
    'Ctrl-C stops it.',
    '',
  ];
  return lines.join('\n');
}

function firstStart({ url, dataDir }: Where, { adminKey, sandboxKey, accountId }: FirstStart): readonly string[] {
  return [
    '',
    'This is the first start. These keys are shown this once:',
    '',
    `  admin key    ${adminKey}`,
    `  sandbox key  ${sandboxKey}   (demo account ${accountId})`,
    '',
    `  For development they are kept in ${nearby(dataDir)}/admin-key and sandbox-key, which only you can read.`,
    '',
    'Place a call, watch it, ask who authorised it:',
    '',
    `  CALL=$(curl -sS -X POST ${url}/api/v1/voice/calls/initiate -H 'x-api-key: ${sandboxKey}' -H 'content-type: application/json' -d '{"from_number":"+15005550100","to_number":"+15005550000"}'); echo "$CALL"; CALL=$(echo "$CALL" | grep -o 'cs_[0-9A-Z]*')`,
    `  curl -sS ${url}/api/v1/voice/calls/$CALL -H 'x-api-key: ${sandboxKey}'`,
    `  curl -sS ${url}/api/v1/voice/calls/$CALL/authorization -H 'x-api-key: ${sandboxKey}'`,
  ];
}

/** The path, relative to the current folder if it is inside it. */
function nearby(path: string): string {
  const short = relative(process.cwd(), path);
  return short === '' ? '.' : short.startsWith('..') ? path : short;
}
