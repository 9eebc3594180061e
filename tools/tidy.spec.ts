import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { declaredNamesOf } from './declared-names.js';
import { exportsNamedNowhereElse } from './exported-names.js';
import { columnsMax, overlongLines, type Prose, proseLinesOf, proseOf } from './prose.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const tracked = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
  cwd: root,
  encoding: 'utf8',
})
  .split('\n')
  .filter((path) => path !== '');
const sources = tracked.filter((path) => /\.(ts|mjs|cjs)$/.test(path));

/** Words that say nothing of what is inside, with what to write instead. */
const bannedNames = new Map([
  ['utils', 'the noun it is about'],
  ['util', 'the noun it is about'],
  ['helpers', 'the noun it is about'],
  ['helper', 'the noun it is about'],
  ['manager', 'what it does: executor, registry, pool'],
  ['common', 'the layer or context it belongs to'],
  ['misc', 'the noun it is about'],
]);

/**
 * Words of a private dialect, each with what to write instead. Wire names and codes are code: they stand in back-ticks
 * or are identifiers.
 */
const bannedWords: readonly (readonly [word: RegExp, instead: string])[] = [
  [/\bwish(?:es|ed|ing)?\b/i, 'command, request'],
  [/\btold\b|\btell(?:s|ing)?\b(?!.{0,40}\bapart\b)/i, 'report, say, notify; “distinguish” for tell … from'],
  [/\btroubled?\b/i, 'error, failure'],
  [/\bturn(?:s|ed|ing)? (?:\w+ ){0,2}away\b/i, 'reject'],
  [/\b(?:stands?|stood)\b(?! (?:by|for|or falls)\b)/i, 'is, is kept, is recorded'],
  [/\bput(?:s|ting)? (?:\w+ )?away\b|\bset(?:s|ting)? aside\b/i, 'park, quarantine, keep as a dead letter'],
  [/\bwhoever\b/i, 'anyone who, the process that'],
  [/\bsomebody has to\b/i, 'operator action required'],
  [/\bask(?:s|ed|ing)? again\b/i, 'retry'],
  [/\banew\b/i, 'again; recreate, rebuild, restart'],
  [/\blet(?:s|ting)? (?:\w+ )?in\b(?! the)/i, 'admit, accept'],
  [/\bdoors?\b/i, 'gateway, verifier'],
  [/\bshout(?:s|ed|ing)?\b/i, 'report'],
  [/\bmend(?:s|ed|ing)?\b/i, 'fix, repair'],
  [/\bhears? of\b|\bheard of\b/i, 'learn of, be notified'],
  [/\bvouch(?:es|ed|ing)?\b(?![- ]key)/i, 'sign, authenticate'],
  [/\bpresenters?\b/i, 'principal, requester'],
  [/\bcom(?:es?|ing) to rest\b|\bat rest\b/i, 'settle'],
  [/\bstubborn(?:ly)?\b/i, 'persistent'],
  [/\bupheavals?\b|\bweather\b/i, 'fault, fault profile'],
  [/\bbut for\b/i, 'except'],
];

/** Words of that dialect as parts of identifiers. */
const bannedInNames =
  /(?:^|_)(?:told|untold|stubborn|stubbornly|troubles?|troubled|weather|upheavals?|anew|wish|wishes|doors?|shout)(?:$|_)/;

/** First words that make a docstring something else than a noun phrase or a verb in the third person. */
const bannedFirstWords = new Set(
  `What Whatever Whether Where How Whoever Who Whom Whose It This If When Its These Those Such So As For Nobody Somebody Something Nothing
  Everything Everybody May Must Is Are Has Can Of In By From Then No Not At On Under Without Here Which Why While Until Once After Before
  Between With To Over Asked Told Else Below Above Beyond Beside`.split(/\s+/),
);

/** Sources and pages that quote the words: the rule itself, recorded figures, and the changelog with former names. */
const quoting = /^(?:tools\/(?:tidy\.spec|prose)\.ts|docs\/benchmarks\.md|CHANGELOG\.md)$/;

function read(path: string): string {
  return readFileSync(join(root, path), 'utf8');
}

describe('the tree', () => {
  it('has files to look at', () => {
    expect(sources.length).toBeGreaterThan(50);
  });

  it('names folders and files after what is in them', () => {
    const words = (path: string) => [...dirname(path).split('/'), ...basename(path).split(/[.-]/)];
    const named = tracked.filter((path) => words(path).some((word) => bannedNames.has(word)));
    expect(named).toEqual([]);
  });

  it('keeps one idea to a file: no source over 400 lines', () => {
    const long = sources
      .filter((path) => /(^|\/)src\//.test(path) && !/\.(spec|contract|e2e|long)\.ts$/.test(path))
      .filter((path) => read(path).split('\n').length > 401);
    expect(long).toEqual([]);
  });

  it('leaves nothing to be done later without saying where it is tracked', () => {
    const marker = new RegExp(
      `\\b(${['TO', 'DO'].join('')}|${['FIX', 'ME'].join('')}|${['XX', 'X'].join('')})\\b(?!\\(#\\d+\\))`,
    );
    expect(sources.filter((path) => marker.test(read(path)))).toEqual([]);
  });

  it('switches no check off for a whole file', () => {
    const switchedOff = /@ts-nocheck|eslint-disable(?!-next-line)/;
    expect(
      sources.filter((path) => !/^tools\/(?:tidy\.spec|prose)\.ts$/.test(path) && switchedOff.test(read(path))),
    ).toEqual([]);
  });

  it('skips no test silently: only where the reason is given', () => {
    const skip = new RegExp(`\\b(it|test|describe)\\.(${['sk', 'ip'].join('')}|only|todo)\\b|\\bx(it|describe)\\(`);
    expect(sources.filter((path) => skip.test(read(path)))).toEqual(['libs/testing/src/it-unless.ts']);
  });

  it('gives every context of the domain a README', () => {
    const contexts = new Set(sources.flatMap((path) => /^libs\/domain\/src\/([^/]+)\//.exec(path)?.[1] ?? []));
    const missing = [...contexts].filter((context) => !tracked.includes(`libs/domain/src/${context}/README.md`));
    expect(missing).toEqual([]);
  });
});

describe('the routes of the HTTP API', () => {
  const routes = sources.filter(
    (path) => /^libs\/http\/src\/.*(?<!\.spec)\.ts$/.test(path) && /^@Controller\(/m.test(read(path)),
  );

  it('have a file each, named by a verb and a noun', () => {
    expect(routes.length).toBeGreaterThan(30);
    const misnamed = routes.filter((path) => !/\/[a-z]+\/[a-z]+(-[a-z]+)+\.ts$/.test(path));
    const crowded = routes.filter((path) => read(path).match(/^@Controller\(/gm)?.length !== 1);
    expect([...misnamed, ...crowded]).toEqual([]);
  });

  it('have a spec beside them, which exercises the problems that they declare', () => {
    const unexercised = routes.filter((path) => {
      const [, controller = ''] = /^export class (\w+Controller)\b/m.exec(read(path)) ?? [];
      const spec = path.replace(/\.ts$/, '.spec.ts');
      return !tracked.includes(spec) || !read(spec).includes(`problemsOf(${controller})`);
    });
    expect(unexercised).toEqual([]);
  });
});

describe('the prose', () => {
  const pieces = sources
    .filter((path) => !quoting.test(path))
    .flatMap((path) => proseOf(path, read(path)).map((piece) => ({ path, ...piece })));
  const pages = tracked.filter((path) => path.endsWith('.md') && !quoting.test(path));
  const place = ({ path, line }: { readonly path: string; readonly line: number }) => `${path}:${String(line)}`;

  it('is looked at: docstrings, comments, strings and pages', () => {
    for (const kind of ['docstring', 'comment', 'string'] satisfies readonly Prose['kind'][])
      expect(pieces.filter((piece) => piece.kind === kind).length).toBeGreaterThan(100);
    expect(pages.length).toBeGreaterThan(20);
  });

  it('says things in the words of the field, as a native engineer would', () => {
    const found = [...pieces, ...pages.flatMap(linesOf)].flatMap((piece) =>
      bannedWords.flatMap(([word, instead]) => {
        const [said] = word.exec(piece.text) ?? [];
        return said === undefined ? [] : [`${place(piece)}: “${said}”: ${instead}`];
      }),
    );
    expect(found).toEqual([]);
  });

  it('begins a docstring with a noun or with a verb in the third person', () => {
    const found = pieces.filter(
      ({ kind, text }) => kind === 'docstring' && bannedFirstWords.has(/^[A-Za-z]+/.exec(text)?.[0] ?? ''),
    );
    expect(found.map((piece) => `${place(piece)}: ${piece.text.slice(0, 60)}`)).toEqual([]);
  });

  it(`fits ${String(columnsMax)} columns, and so does the code: only tables, links and literals may be longer`, () => {
    const long = sources.flatMap((path) => overlongLines(path, read(path)).map((line) => place({ path, line })));
    const ofPages = pages
      .flatMap(linesOf)
      .filter(({ text }) => text.length > columnsMax && !/^\s*\||\]\(|https?:/.test(text));
    expect([...long, ...ofPages.map(place)]).toEqual([]);
  });

  function linesOf(path: string) {
    return proseLinesOf(read(path)).map(([line, text]) => ({ path, line, text }));
  }
});

describe('the names in the code', () => {
  it('are words of the field too', () => {
    const found = sources.flatMap((path) =>
      declaredNamesOf(path, read(path)).flatMap(([line, name]) => {
        const words = name
          .replaceAll(/(?<=[a-z0-9])(?=[A-Z])/g, '_')
          .replace('#', '')
          .toLowerCase();
        return bannedInNames.test(words) ? [`${path}:${String(line)}: ${name}`] : [];
      }),
    );
    expect(found).toEqual([]);
  });
});

describe('the imports of a file', () => {
  const ownImport = /^import [^;]*?from '(?:@ringfence\/|\.)/gm;
  /** Files that name everything that they put together, and hold no idea besides; each with what it puts together. */
  const wiring: readonly (readonly [files: RegExp, what: string])[] = [
    [/^apps\/cli\/src\/program\.ts$/, 'every command of the command line'],
    [/^apps\/server\/src\/infrastructure\/infrastructure\.ts$/, 'an adapter behind each port'],
    [
      /^libs\/http\/src\/(?:http\.module|calls\/calls\.routes)\.ts$/,
      'every route, of all contexts or of calls, for Nest',
    ],
    [
      /^libs\/(?:commands\/src\/command-definitions|wire\/src\/public-commands|requests\/src\/request-builders)\.ts$/,
      'the list of all commands, one line each',
    ],
    [/^libs\/read-models\/src\/read-models\.module\.ts$/, 'every query, for Nest'],
    [
      /^libs\/testing\/src\/(?:decider-world|gateway-world|signed-command-bench|simulation\/simulated-cluster)\.ts$/,
      'a world',
    ],
    [/\.(?:spec|contract|long|faults)\.ts$/, 'what a test needs'],
  ];

  it('are at most twenty of our own: more is more than one idea', () => {
    const found = sources
      .filter((path) => !wiring.some(([files]) => files.test(path)))
      .filter((path) => [...read(path).matchAll(ownImport)].length > 20);
    expect(found).toEqual([]);
  });
});

describe('what is exported', () => {
  it('is named by another file', () => {
    const packages = new Map(
      tracked
        .filter((path) => path.endsWith('/package.json'))
        .map((path) => [(JSON.parse(read(path)) as { readonly name: string }).name, dirname(path)] as const),
    );
    const code = sources.filter((path) => path.endsWith('.ts')).map((path) => ({ path, text: read(path) }));
    // The generator finds its kinds by their file names.
    const found = exportsNamedNowhereElse(code, packages).filter((each) => !each.startsWith('tools/new/kinds/'));
    expect(found).toEqual([]);
  });
});

describe('the flags of the server', () => {
  it('are the same however it is started', () => {
    const flags = JSON.parse(read('infra/node-flags.json')) as string[];
    expect(read('package.json')).toContain(`node ${flags.join(' ')} apps/server/dist/main.js`);
    expect(read('infra/Dockerfile')).toContain(`${flags.map((flag) => `"${flag}"`).join(', ')}, "apps/server`);
  });
});

describe('the direction of dependencies', () => {
  it('is looked at in every module, and the look is not blind', () => {
    const said = execFileSync(process.execPath, ['tools/direction.mjs'], {
      cwd: root,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    expect(said).toMatch(/^[1-9]\d* modules, [1-9]\d* imports of libraries, 0 violations$/m);
  });
});
