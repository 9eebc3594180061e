import { readdirSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { refusalCatalogue } from '@ringfence/domain/refusals';
import { edgeProblems, failureProblems, type ProblemKind, refusalProblems } from '../problem.js';
import { docsSite, problemCodes, problemPage, servedPaths, userPages } from './docs-site.js';
import { problemsHtml } from './problems-html.js';

const kinds: Readonly<Record<string, ProblemKind>> = { ...failureProblems, ...refusalProblems, ...edgeProblems };
const site = docsSite();
/** Pages for those who change Ringfence: they are not served. */
const contributorPages = ['architecture.md', 'benchmarks.md', 'dependencies.md', 'testing.md'];

function pagesIn(folder: '' | 'problems/'): readonly string[] {
  const names = readdirSync(new URL(`../../../../docs/${folder}`, import.meta.url));
  return names.filter((name) => name.endsWith('.md')).sort();
}

/** The line below the heading of a code's page. */
function statusLineOf(code: string): string {
  const status = `HTTP ${String(kinds[code]?.status)}`;
  if (Object.hasOwn(refusalCatalogue, code)) {
    const { kept } = refusalCatalogue[code as keyof typeof refusalCatalogue];
    return `${status} · refusal, ${kept ? 'kept' : 'not kept'}`;
  }
  return `${status} · ${Object.hasOwn(edgeProblems, code) ? 'gateway' : 'failure'}`;
}

describe('the pages about problems', () => {
  it('are one for each code that a problem may have, and no more', () => {
    expect(pagesIn('problems/')).toEqual(problemCodes.map((code) => `${code}.md`));
    expect(site.problems.map(({ code }) => code)).toEqual(problemCodes);
  });

  it('say the status that the code has, and whether its outcome is kept', () => {
    expect(site.problems.map(({ code, status }) => [code, status])).toEqual(
      problemCodes.map((code) => [code, statusLineOf(code)]),
    );
  });

  it('say cause, cure and whether to retry, in this order, and lead to others', () => {
    for (const { code, paragraphs } of site.problems) {
      const begins = paragraphs.map((paragraph) => /^\*\*[A-Z][a-z ]+[.*]/.exec(paragraph)?.[0]);
      expect([code, ...begins]).toEqual([code, '**Cause.', '**Cure.', '**Retry.', '**See also*']);
    }
  });

  it('say to retry what is not there for now, and never what is kept', () => {
    const retries = (code: string) => site.problems.find((page) => page.code === code)?.paragraphs[2] ?? '';
    for (const code of problemCodes) {
      const passes = [429, 503, 504].includes(kinds[code]?.status ?? 0);
      if (passes) expect([code, retries(code)]).toEqual([code, expect.stringMatching(/^\*\*Retry\.\*\* Yes/)]);
      if (statusLineOf(code).endsWith(' kept') && !statusLineOf(code).endsWith('not kept'))
        expect([code, retries(code)]).toEqual([code, expect.stringMatching(/^\*\*Retry\.\*\* No/)]);
    }
  });

  it('are refused in another form', () => {
    expect(() => problemPage('# Two words\n\nHTTP 400 · gateway\n\nText.')).toThrow(RangeError);
    expect(() => problemPage('# bad_request\n\nHTTP 400 · gateway\n\nText.')).toThrow(RangeError);
  });

  it('are in HTML what they are in Markdown, with an anchor for each code and no markup left', () => {
    const html = problemsHtml('', site.problems);
    for (const code of problemCodes) expect(html).toContain(`<article id="${code}">`);
    expect(html.replaceAll(/<style>.*<\/style>/g, '')).not.toMatch(/\*\*|`|\]\(/);
    const anchors = [...html.matchAll(/href="#([^"]+)"/g)].map(([, code = '']) => code);
    expect(anchors.length).toBeGreaterThan(problemCodes.length);
    expect(anchors.filter((code) => !problemCodes.includes(code))).toEqual([]);
  });
});

describe('the documentation that is served', () => {
  it('is every page of docs/ but those for contributors', () => {
    expect([...Object.keys(userPages), ...contributorPages].sort()).toEqual(pagesIn(''));
    expect([...site.files.keys()].sort()).toEqual([...servedPaths].sort());
  });

  it('links to nothing that is not served', () => {
    const there = new Set([...servedPaths, 'openapi.json', 'asyncapi.json']);
    const links = [...site.files].flatMap(([page, text]) =>
      [...text.matchAll(/\]\(([^)#\s]+)/g)].map(([, to = '']) => ({ page, to })),
    );
    expect(links.length).toBeGreaterThan(300);
    const dead = links.filter(
      ({ page, to }) => !/^https?:/.test(to) && !there.has(posix.join(posix.dirname(page), to)),
    );
    expect(dead).toEqual([]);
  });

  it('has every anchor that a page about a problem leads to', () => {
    const anchorsOf = (text: string) =>
      [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
        heading
          .toLowerCase()
          .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
          .replaceAll(' ', '-'),
      );
    const links = [...site.files].flatMap(([page, text]) =>
      page.startsWith('problems/')
        ? [...text.matchAll(/\]\(\.\.\/([^)#]+)#([^)]+)\)/g)].map(([, to = '', anchor = '']) => [page, to, anchor])
        : [],
    );
    expect(links.length).toBeGreaterThan(10);
    expect(links.filter(([, to = '', anchor = '']) => !anchorsOf(site.files.get(to) ?? '').includes(anchor))).toEqual(
      [],
    );
  });

  it('is listed in llms.txt, in the form of llmstxt.org', () => {
    const text = site.files.get('llms.txt') ?? '';
    const [title, , quote] = text.split('\n');
    expect(title).toBe('# Ringfence');
    expect(quote).toMatch(/^> \S/);
    const listed = [...text.matchAll(/^- \[[^\]]+\]\(([^)]+)\): \S/gm)].map(([, path = '']) => path);
    const all = [...servedPaths.filter((path) => path !== 'llms.txt'), 'openapi.json', 'asyncapi.json'];
    expect([...listed].sort()).toEqual(all.sort());
  });

  it('is in the image that infra/Dockerfile makes', () => {
    const dockerfile = readFileSync(new URL('../../../../infra/Dockerfile', import.meta.url), 'utf8');
    const removed = [...dockerfile.matchAll(/rm -rf ([^\n&]+)/g)].flatMap(([, paths = '']) => paths.trim().split(' '));
    expect(removed).toContain('e2e');
    expect(removed).not.toContain('docs');
  });
});
