import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';

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
    expect(sources.filter((path) => path !== 'tools/tidy.spec.ts' && switchedOff.test(read(path)))).toEqual([]);
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

  it('stand in a file each, named by a verb and a noun', () => {
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

describe('what is exported', () => {
  it('is used by somebody', () => {
    const code = sources.filter((path) => path.endsWith('.ts'));
    const counts = new Map<string, number>();
    for (const path of code) {
      for (const [word] of read(path).matchAll(/[A-Za-z_]\w*/g)) counts.set(word, (counts.get(word) ?? 0) + 1);
    }
    const declared = /^export (?:abstract )?(?:async )?(?:const|function\*?|class|interface|type) (\w+)/gm;
    const unused = code.flatMap((path) =>
      [...read(path).matchAll(declared)].flatMap(([, name = '']) =>
        counts.get(name) === 1 ? [`${path}: ${name}`] : [],
      ),
    );
    expect(unused).toEqual([]);
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
