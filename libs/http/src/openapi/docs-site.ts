import { readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { edgeProblems, failureProblems, refusalProblems } from '../problem.js';

const docs = new URL('../../../../docs/', import.meta.url);

/** The pages for users of Ringfence, in the order of the list, each with its subject. */
export const userPages = {
  'backend.md': 'keys, commands over HTTP and Kafka, idempotency, positions, refusals',
  'flows.md': 'what an application has the platform do with an answered call: requests, actions, failures',
  'webhooks.md': 'events of calls at your own address: order, retries, signatures',
  'sdk.md': 'the client for Node.js: commands with exactly one outcome, events with checkpoints',
  'twilio.md': 'programs written for Twilio: what works, and what is refused',
  'sandbox.md': 'test numbers, and how a call to each of them ends',
  'events.md': 'every event with its fields, and how to read them from Kafka',
  'finance.md': 'the double-entry ledger, prices, usage, CSV and exports',
  'auditor.md': 'what can be checked about the log, and how',
  'operator.md': 'configuration, clusters, the command line, metrics, what to do when something is wrong',
  'operations.md': 'backup, restore, rotation of keys',
  'runbooks.md': 'what to do about each log line that asks for an operator',
  'glossary.md': 'the terms that pages, logs and code use',
  'secret-scanning.md': 'the pattern of API keys for secret scanners',
} as const satisfies Readonly<Record<string, string>>;

/** Every code that a problem may have. */
export const problemCodes: readonly string[] = [
  ...new Set([...Object.keys(edgeProblems), ...Object.keys(refusalProblems), ...Object.keys(failureProblems)]),
].sort();

/** A parsed page about one problem code. */
export type ProblemPage = {
  readonly code: string;
  /** Status of the code, and the requests that answer with it. */
  readonly status: string;
  readonly summary: string;
  /** Cause, remedy, whether to retry, and related pages; Markdown. */
  readonly paragraphs: readonly string[];
};

/** The documentation as it is served below `/api/docs/`: Markdown by path, and the pages about problems. */
export type DocsSite = { readonly files: ReadonlyMap<string, string>; readonly problems: readonly ProblemPage[] };

/** Reads all pages; they are few and small, and never change while the process runs. */
export function docsSite(): DocsSite {
  const problems = problemCodes.map((code) => problemPage(read(`problems/${code}.md`)));
  const paths = [...Object.keys(userPages), ...problemCodes.map((code) => `problems/${code}.md`)];
  const served = new Set([...paths, ...generated, 'openapi.json', 'asyncapi.json']);
  const files = new Map(paths.map((path) => [path, withServedLinks(read(path), path, served)]));
  files.set('problems.md', problemIndex(problems));
  files.set('llms.txt', llmsText(files, problems));
  return { files, problems };
}

const generated = ['problems.md', 'llms.txt'];

/** The paths below `/api/docs/` that `docsSite` fills. */
export const servedPaths: readonly string[] = [
  ...Object.keys(userPages),
  ...problemCodes.map((code) => `problems/${code}.md`),
  ...generated,
];

function read(path: string): string {
  return readFileSync(new URL(path, docs), 'utf8');
}

/** @throws RangeError if the page does not have the form of the pages about problems */
export function problemPage(markdown: string): ProblemPage {
  const [heading = '', status = '', summary = '', ...paragraphs] = markdown
    .trim()
    .split('\n\n')
    .map((paragraph) => paragraph.replaceAll('\n', ' '));
  const [, code = ''] = /^# ([a-z_\d]+)$/.exec(heading) ?? [];
  if (code === '' || paragraphs.length < 4) throw new RangeError(`${heading} is no page about a problem`);
  return { code, status, summary, paragraphs };
}

/**
 * Keeps a link if its target is served too; otherwise only its text. The OpenAPI document is served under another path.
 */
function withServedLinks(markdown: string, page: string, served: ReadonlySet<string>): string {
  return markdown.replaceAll(/\[([^\]]+)\]\(([^)\s]+)\)/g, (link, text: string, target: string) => {
    if (/^(?:https?:|#)/.test(target)) return link;
    const [path = '', fragment] = target.split('#');
    const found = posix.join(posix.dirname(page), path).replace(/^api\/openapi\.json$/, 'openapi.json');
    if (!served.has(found)) return text;
    return `[${text}](${posix.relative(posix.dirname(page), found)}${fragment === undefined ? '' : `#${fragment}`})`;
  });
}

function problemIndex(problems: readonly ProblemPage[]): string {
  const lines = problems.map(
    ({ code, status, summary }) => `- [\`${code}\`](problems/${code}.md) ${status}: ${summary}`,
  );
  return `# Problems\n\nPrograms may rely on \`code\`. Each has a page: what causes it, what cures it, whether to retry.\n\n${lines.join('\n')}\n`;
}

/** Builds the text in the form of llmstxt.org: a title, a summary, and links with a note. */
function llmsText(files: ReadonlyMap<string, string>, problems: readonly ProblemPage[]): string {
  const pages = Object.entries(userPages).map(
    ([path, about]) => `- [${titleOf(files.get(path) ?? '')}](${path}): ${about}`,
  );
  return `# Ringfence

> Call control behind API keys: Ringfence sits between an application that makes phone calls and the telephone network, and every call stands or falls with the key that asked for it.

The API is at \`/api/v1\`. A command carries an \`Idempotency-Key\` and has exactly one outcome. Errors have a \`code\`; each code has a page.

## API

- [OpenAPI](openapi.json): every route, with its fields, answers and problems
- [AsyncAPI](asyncapi.json): the topics on Kafka: commands, replies, events
- [Problems](problems.md): every error code with its status

## Docs

${pages.join('\n')}

## Optional

${problems.map(({ code, summary }) => `- [${code}](problems/${code}.md): ${summary}`).join('\n')}
`;
}

function titleOf(markdown: string): string {
  return /^# (.+)$/m.exec(markdown)?.[1] ?? '';
}
