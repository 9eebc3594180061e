import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { Writable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { itUnless } from '@ringfence/testing/it-unless';
import { run } from '../program.js';

async function scriptFor(shell: string): Promise<string> {
  let text = '';
  const out = new Writable({ write: (chunk, _, done) => { text += String(chunk); done(); } }); // prettier-ignore
  const streams = { out, err: out } as unknown as Parameters<typeof run>[2];
  expect(await run(['node', 'ringfence', 'completion', shell], {}, streams)).toBe(0);
  return text;
}

/** Returns what a shell that has read the script offers for the last of these words. */
type Offers = (...words: readonly string[]) => readonly string[];

const cases: readonly (readonly [words: readonly string[], offers: readonly string[]])[] = [
  [['key'], ['keys']],
  [
    ['keys', 'r'],
    ['register', 'rotate', 'revoke'],
  ],
  [
    ['keys', 'issue', '--on-revoke', ''],
    ['hangup', 'drain'],
  ],
  [['keys', 'issue', '--on-revoke', 'dr'], ['drain']],
  [['keys', 'issue', '--label', 'list', '--caller'], ['--caller-numbers']],
  [['--url', 'http://127.0.0.1', 'ledger', 'ex'], ['export']],
  [
    ['ledger', 'export', '--format', ''],
    ['csv', 'jsonl'],
  ],
  [
    ['completion', ''],
    ['bash', 'zsh'],
  ],
];

function foundOn(path: string | undefined, command: string): boolean {
  return (path ?? '').split(delimiter).some((folder) => existsSync(join(folder, command)));
}
const without = (shell: string) => (foundOn(process.env['PATH'], shell) ? null : `there is no ${shell}`);

let folder = '';
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ringfence-completion-'));
  for (const shell of ['bash', 'zsh']) writeFileSync(join(folder, shell), await scriptFor(shell));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

function asked(shell: string, lines: readonly string[], words: readonly string[]): readonly string[] {
  const result = execFileSync(shell, ['-c', lines.join('\n'), shell, join(folder, shell), 'ringfence', ...words], {
    encoding: 'utf8',
  });
  return result.split('\n').filter((word) => word !== '');
}

const inBash: Offers = (...words) =>
  asked(
    'bash',
    [
      'set -eu',
      'source "$1"; shift',
      'COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))',
      '_ringfence',
      'printf "%s\\n" "${COMPREPLY[@]-}"',
    ],
    words,
  );

/** Replaces zsh's own completion, which needs a terminal: candidates are printed, and matched here by prefix. */
const inZsh: Offers = (...words) =>
  asked(
    'zsh',
    [
      'compdef() { :; }',
      'compadd() { shift; print -l -- "$@"; }',
      'source "$1"; shift',
      'words=("$@"); CURRENT=$#',
      '_ringfence',
    ],
    words,
  ).filter((word) => word.startsWith(words.at(-1) ?? ''));

describe('completion in bash', () => {
  const bashAlone = itUnless(without('bash'));
  for (const [words, offers] of cases) {
    bashAlone(`offers ${offers.join(', ')} for “${words.join(' ')}”`, () => {
      expect(inBash(...words)).toEqual(offers);
    });
  }

  bashAlone('offers files where a file is meant', () => {
    expect(inBash('keys', 'register', '--public-key', `${folder}/b`)).toEqual([join(folder, 'bash')]);
    expect(inBash('backup', `${folder}/z`)).toEqual([join(folder, 'zsh')]);
  });

  bashAlone('escapes the space in a value', () => {
    expect(inBash('keys', 'issue', '--preset', 'M')).toEqual([String.raw`Make\ calls`]);
  });

  bashAlone('offers nothing for values that only the user knows', () => {
    expect(inBash('keys', 'issue', '--label', '')).toEqual([]);
    expect(inBash('keys', 'show', '')).toEqual([]);
  });
});

describe('completion in zsh', () => {
  const zshAlone = itUnless(without('zsh'));
  for (const [words, offers] of cases) {
    zshAlone(`offers ${offers.join(', ')} for “${words.join(' ')}”`, () => {
      expect(inZsh(...words)).toEqual(offers);
    });
  }
});

it('completes every command that there is', async () => {
  const script = await scriptFor('bash');
  for (const path of [
    'accounts open',
    'keys policy',
    'ledger export',
    'audit events',
    'projections rebuild',
    'completion',
  ])
    expect(script).toContain(`'${path}'`);
});
