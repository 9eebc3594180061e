import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { supportedNodes, whyNodeUnfit } from '@ringfence/kernel/node-version';
import semver from 'semver';

const root = fileURLToPath(new URL('..', import.meta.url));
type Manifest = {
  readonly engines?: { readonly node?: string };
  readonly dependencies?: Readonly<Record<string, string>>;
};
const read = (path: string) => readFileSync(`${root}/${path}`, 'utf8');
const manifestOf = (folder: string) => JSON.parse(read(`${folder}/package.json`)) as Manifest;
const { packages } = JSON.parse(read('package-lock.json')) as {
  readonly packages: Readonly<Record<string, Manifest & { readonly dev?: boolean; readonly link?: boolean }>>;
};

describe('the releases of Node.js that `engines` promises', () => {
  it.each([...globSync('apps/*', { cwd: root }), 'libs/sdk'])('are the same in %s', (folder) => {
    expect(manifestOf(folder).engines?.node).toBe(supportedNodes);
  });

  it('are releases that every dependency at run time is made for', () => {
    const asked = Object.entries(packages).filter(
      ([path, { dev, engines }]) => path.startsWith('node_modules/') && dev !== true && engines?.node !== undefined,
    );
    expect(asked.length).toBeGreaterThan(50);
    const demanding = asked.filter(([, { engines }]) => !semver.subset(supportedNodes, engines?.node ?? '*'));
    expect(demanding.map(([path, { engines }]) => `${path}: ${engines?.node ?? ''}`)).toEqual([]);
  });

  it('have zstd, which came with 22.15 and 23.8', () => {
    expect(semver.subset(supportedNodes, '^22.15.0 || >=23.8.0')).toBe(true);
  });

  it('are those that a start accepts', () => {
    const lines = Array.from({ length: 12 }, (_, at) => 16 + at);
    const versions = lines.flatMap((major) =>
      [0, 5, 6, 7, 21, 22, 23].map((minor) => `${String(major)}.${String(minor)}.1`),
    );
    const accepted = versions.filter((version) => whyNodeUnfit(version) === undefined);
    expect(accepted).toEqual(versions.filter((version) => semver.satisfies(version, supportedNodes)));
    expect(whyNodeUnfit('20.20.2')).toContain('20.20.2');
  });

  const inWords = (whyNodeUnfit('20.20.2') ?? '').replace(/^.* needs /, '');
  it.each(['docs/operator.md', 'docs/sdk.md', 'libs/sdk/README.md'])('are those that %s names', (page) => {
    expect(inWords).toMatch(/^22\.22 or /);
    expect(read(page).replaceAll(/\s+/g, ' ')).toContain(`Node.js ${inWords}`);
  });

  it('are not what npm itself needs: for that the root names another, as the pages do that begin with npm', () => {
    const [, npmsOwn = ''] = /^>=(\d+)$/.exec(manifestOf('.').engines?.node ?? '') ?? [];
    const pages = {
      'README.md': `Node ≥ ${npmsOwn} and npm`,
      'CONTRIBUTING.md': `any Node ≥ ${npmsOwn}`,
      'docs/operator.md': `${npmsOwn} is enough for npm itself`,
      'examples/appointment-reminders/README.md': `Node ${npmsOwn} or later`,
      '.npmrc': `Any Node >= ${npmsOwn}`,
    };
    for (const [page, says] of Object.entries(pages))
      expect([page, read(page)]).toEqual([page, expect.stringContaining(says)]);
  });

  it('have those among them that npm and the image bring', () => {
    const [, ofImage = ''] = /^FROM node:([\d.]+)/m.exec(read('infra/Dockerfile')) ?? [];
    for (const brought of [manifestOf('.').dependencies?.['node'] ?? '', ofImage])
      expect(semver.satisfies(brought, supportedNodes)).toBe(true);
  });
});
