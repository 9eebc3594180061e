import { existsSync, globSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { run } from '../apps/cli/src/program.js';
import { configKeys } from '../apps/server/src/config/config-keys.js';
import { logEvents } from '../apps/server/src/telemetry/log-events.js';
import { Metrics } from '../apps/server/src/telemetry/metrics.js';
import { ServerLog } from '../apps/server/src/telemetry/server-log.js';
import { sandboxNumbers } from '@ringfence/carrier-sandbox/sandbox-numbers';
import { flowFaultCodes } from '@ringfence/domain/flows/flow-fault';
import { refusalCatalogue, type RefusalCode } from '@ringfence/domain/refusals';
import { edgeProblems, refusalProblems } from '@ringfence/http/problem';
import { spanNames } from '@ringfence/kernel/tracing';
import { ineffectiveFields } from '../libs/wire/src/ineffective-fields.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const read = (path: string) => readFileSync(join(root, path), 'utf8');

/** The rows of every table of a page, cell by cell, without back-ticks. */
function rowsOf(page: string): readonly (readonly string[])[] {
  return read(page)
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .map((line) =>
      line
        .replaceAll('\\|', '¦')
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim().replaceAll('`', '')),
    )
    .filter(([first = '']) => !/^-+$/.test(first));
}

describe('CHANGELOG.md', () => {
  it('says each change once, under a kind of change', () => {
    const [first = '', ...kinds] = (read('CHANGELOG.md').split('## Unreleased')[1] ?? '').split('\n### ');
    expect(first.trim()).toBe('');
    const beginnings = [...kinds.join('\n').matchAll(/^- .{40}/gm)].map(([beginning]) => beginning);
    expect(beginnings.length).toBeGreaterThan(50);
    expect(beginnings.filter((each, at) => beginnings.indexOf(each) !== at)).toEqual([]);
  });
});

describe('docs/dependencies.md', () => {
  it('gives every runtime dependency, and nothing else, its reason and the licence that it states', () => {
    const manifest = JSON.parse(read('package.json')) as { readonly dependencies: Readonly<Record<string, string>> };
    const stated = Object.keys(manifest.dependencies).map((name) => {
      const { license } = JSON.parse(read(`node_modules/${name}/package.json`)) as { readonly license: string };
      return [name, license];
    });
    const [, ...rows] = rowsOf('docs/dependencies.md');
    expect(rows.map(([name, licence]) => [name, licence])).toEqual(stated);
    expect(rows.filter(([, , why = '']) => why.length < 10)).toEqual([]);
  });
});

describe('docs/flows.md', () => {
  it('says what each failure of a flow means', () => {
    const codes: ReadonlySet<string> = new Set(flowFaultCodes);
    const listed = rowsOf('docs/flows.md').flatMap(([code = '']) => (codes.has(code) ? [code] : []));
    expect(listed).toEqual([...flowFaultCodes]);
  });
});

describe('docs/backend.md', () => {
  const rows = rowsOf('docs/backend.md');

  it('lists every refusal code with its status, and whether its outcome is kept', () => {
    const listed = rows
      .filter(([, , kept = '']) => kept === 'kept' || kept === 'not kept')
      .map((row) => row.slice(0, 3));
    const catalogue = Object.entries(refusalCatalogue).map(([code, { kept }]) => [
      code,
      String(refusalProblems[code as RefusalCode].status),
      kept ? 'kept' : 'not kept',
    ]);
    expect([...listed].sort()).toEqual([...catalogue].sort());
  });

  it('lists every field that is accepted and has no effect', () => {
    const listed = rows.filter(([code = '']) => code in ineffectiveFields).map((row) => row.slice(0, 2));
    expect(listed).toEqual(Object.entries(ineffectiveFields).map(([code, { field }]) => [code, field]));
  });

  it('lists what the gateway rejects', () => {
    const listed = rows.filter((row) => row.length === 3 && /^\d{3}$/.test(row[1] ?? '')).map((row) => row.slice(0, 2));
    const problems = Object.entries(edgeProblems).map(([code, { status }]) => [code, String(status)]);
    expect(listed).toEqual(problems);
  });
});

describe('docs/operator.md', () => {
  it('lists every setting with its default and what it is', () => {
    const listed = rowsOf('docs/operator.md').filter(([name = '']) => /^[A-Z][A-Z_]+$/.test(name));
    const settings = Object.values(configKeys).map(({ name, description, default: stated }) => [
      name,
      stated ?? 'none',
      description.replaceAll('`', ''),
    ]);
    expect(listed).toEqual(settings);
  });
});

describe('docs/operator.md, about the command line', () => {
  /** The names below “Commands:” in what `--help` prints. */
  async function commandsOf(...group: readonly string[]): Promise<readonly string[]> {
    let help = '';
    const out = new Writable({ write: (chunk, _, done) => { help += String(chunk); done(); } }); // prettier-ignore
    await run(['node', 'ringfence', ...group, '--help'], {}, { out, err: out } as unknown as Parameters<typeof run>[2]);
    const names = (help.split('Commands:\n')[1] ?? '').matchAll(/^ {2}([a-z]+)/gm);
    return [...names].map(([, name = '']) => name).filter((name) => name !== 'help');
  }

  it('lists every command', async () => {
    const commands: string[] = [];
    for (const name of await commandsOf()) {
      const below = await commandsOf(name);
      commands.push(...(below.length === 0 ? [name] : below.map((verb) => `${name} ${verb}`)));
    }
    expect(commands).toContain('calls hangup');
    const page = read('docs/operator.md').split('## The command line\n')[1]?.split('\n## ')[0] ?? '';
    const rows = [...page.matchAll(/^\| `([a-z]+)(?: ([a-z|\\]+))?/gm)];
    const listed = rows.flatMap(([, name = '', verbs]) =>
      verbs === undefined ? [name] : verbs.split('\\|').map((verb) => `${name} ${verb}`),
    );
    expect(listed.sort()).toEqual(commands.sort());
  });
});

describe('docs/operator.md, about metrics', () => {
  it('lists each with its kind and what it is', async () => {
    const text = await new Metrics(new ServerLog(pino({ level: 'silent' }))).text();
    const served = [...text.matchAll(/^# HELP (\S+) (.*)\n# TYPE \S+ (\S+)/gm)]
      .map(([, name = '', help, kind]) => [name, kind, help])
      .filter(([name = '']) => /^ringfence_(?!process_|nodejs_)/.test(name));
    const listed = rowsOf('docs/operator.md').filter(([name = '']) => /^ringfence_[a-z_]+$/.test(name));
    expect(listed.map(([name, kind, , help]) => [name, kind, help])).toEqual(served);
  });
});

describe('docs/runbooks.md', () => {
  it('has a runbook for each log event that calls for an operator, and no other', () => {
    const codes = [...read('docs/runbooks.md').matchAll(/^## `?([a-z_]+)`?$/gm)].map(([, code = '']) => code);
    const calling = Object.entries(logEvents).flatMap(([code, event]) => ('actionRequired' in event ? [code] : []));
    expect(codes.sort()).toEqual(calling.sort());
    expect(codes.length).toBeGreaterThan(0);
  });
});

describe('docs/operator.md, about traces', () => {
  it('lists every span', () => {
    const names = rowsOf('docs/operator.md').map(([name = '']) => name);
    expect(names.filter((name) => /^(?!ringfence\.)[a-z]+\.[a-z_]+$/.test(name))).toEqual(spanNames);
  });
});

describe('docs/sandbox.md', () => {
  it('says of every number what the sandbox does', () => {
    const [, ...rows] = rowsOf('docs/sandbox.md');
    expect(rows.map(([pattern, does]) => [pattern, does])).toEqual(
      sandboxNumbers.map(({ pattern, does }) => [pattern, does]),
    );
  });
});

describe('docs/benchmarks.md', () => {
  it('states no figure that a result does not state for the same measurement', () => {
    type Result = {
      readonly command: string;
      readonly at: string;
      readonly rows: readonly { readonly what: string; readonly figure: string }[];
    };
    const folder = join(root, 'bench/results');
    const results = readdirSync(folder)
      .filter((name) => name.endsWith('.json'))
      .map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as Result);
    const [, stated = ''] = read('docs/benchmarks.md').split('<!-- figures');
    // A result that is newer than the page makes it old, not wrong: `node tools/figures.mjs` writes it again.
    for (const { command, at, rows } of results) {
      const [, section] = stated.split(`\`${command}\` (${at.slice(0, 16)}Z`);
      if (section === undefined) continue;
      for (const { what, figure } of rows) expect(section.replaceAll(/ +/g, ' ')).toContain(`| ${what} | ${figure} |`);
    }
  });
});

describe('README.md', () => {
  it('states six figures, all of them of docs/benchmarks.md', () => {
    const [, stated = ''] = read('README.md').split(/<!-- (?:end of )?figures/);
    const figures = [...stated.matchAll(/^\| [^|]*[^|\s-][^|]* \| +(\S[^|]*?) +\|$/gm)].map(
      ([, figure = '']) => figure,
    );
    const known = rowsOf('docs/benchmarks.md').map(([, figure]) => figure);
    expect(figures).toHaveLength(6);
    expect(known).toEqual(expect.arrayContaining(figures));
  });
});

describe('docs/glossary.md', () => {
  it('lists each term once, in alphabetical order', () => {
    const [, ...rows] = rowsOf('docs/glossary.md');
    const terms = rows.map(([term = '']) => term);
    expect(terms).toEqual([...new Set(terms)].sort());
    expect(terms.length).toBeGreaterThan(50);
  });
});

describe('docs/adr', () => {
  const records = readdirSync(join(root, 'docs/adr')).filter((name) => /^\d{4}-/.test(name));

  it.each(records)('%s has the sections of every record', (name) => {
    const page = read(`docs/adr/${name}`);
    expect(page).toMatch(/^# \d{4} .+\n\nStatus: /);
    const sections = ['Context', 'Decision', 'Consequences', 'Revisit when'];
    const found = [...page.matchAll(/^## (.+)$/gm)].map(([, heading = '']) => heading);
    expect(found.filter((heading) => sections.includes(heading))).toEqual(sections);
  });

  it('lists every record under its title', () => {
    const [, ...rows] = rowsOf('docs/adr/README.md');
    const titles = records.map((name) => /^# (\d{4}) (.+)$/m.exec(read(`docs/adr/${name}`))?.slice(1) ?? []);
    expect(rows.map(([link = '', title]) => [link.slice(1, 5), title])).toEqual(titles);
  });
});

describe('every page', () => {
  const pages = markdownPages();
  const links = pages.flatMap((page) =>
    [...read(page).matchAll(/\]\(([^)#\s]*)(?:#([^)\s]*))?\)/g)].map(([, to = '', heading]) => ({ page, to, heading })),
  );
  const inTree = links.filter(({ to }) => !/^https?:/.test(to));
  const target = ({ page, to }: { readonly page: string; readonly to: string }) =>
    to === '' ? page : join(dirname(page), to);

  it('links to what is there', () => {
    expect(inTree.length).toBeGreaterThan(20);
    expect(inTree.filter((link) => !existsSync(join(root, target(link))))).toEqual([]);
  });

  it('links to headings that are there', () => {
    const dead = inTree.filter(
      (link) =>
        link.heading !== undefined && target(link).endsWith('.md') && !headingsOf(target(link)).has(link.heading),
    );
    expect(dead).toEqual([]);
  });
});

/** The anchors of a page's headings, as GitHub makes them. */
function headingsOf(page: string): ReadonlySet<string> {
  const headings = [...read(page).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => heading);
  return new Set(
    headings.map((heading) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}_\- ]/gu, '')
        .replaceAll(' ', '-'),
    ),
  );
}

/** Every page of the tree that is ours, the READMEs of libraries among them. */
function markdownPages(): readonly string[] {
  const rooms = ['docs', 'libs', 'apps', 'e2e', 'bench', 'tools', 'examples', 'findings'];
  return ['README.md', 'CONTRIBUTING.md', ...rooms.flatMap(markdownUnder)];
}

function markdownUnder(folder: string): readonly string[] {
  return globSync(`${folder}/**/*.md`, {
    cwd: root,
    exclude: (path) => /(^|\/)(node_modules|dist|bundle)$/.test(path),
  });
}
