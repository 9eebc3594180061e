import { describe, expect, it } from '@jest/globals';
import { roomCycles } from './room-cycles.js';

const tests = /\.spec\.ts$/;
const at = (source: string, ...resolved: readonly string[]) => ({
  source,
  dependencies: resolved.map((each) => ({ resolved: each })),
});

describe('rooms of a library', () => {
  it('may import each other in one order', () => {
    const modules = [
      at('libs/domain/src/calls/place-call.ts', 'libs/domain/src/keys/key-line.ts', 'libs/domain/src/refusals.ts'),
      at('libs/domain/src/keys/key-line.ts', 'libs/domain/src/keys/key-state.ts', 'libs/domain/src/refusals.ts'),
    ];
    expect(roomCycles(modules, tests)).toEqual([]);
  });

  it('may not import each other in a circle, however long; nor through a file beside them', () => {
    const modules = [
      at('libs/domain/src/calls/place-call.ts', 'libs/domain/src/keys/key-line.ts'),
      at('libs/domain/src/keys/key-line.ts', 'libs/domain/src/command.ts', 'libs/domain/src/shared/values.ts'),
      at('libs/domain/src/command.ts', 'libs/domain/src/calls/call.commands.ts'),
      at('libs/domain/src/streams/account-stream.ts', 'libs/domain/src/calls/place-call.ts'),
    ];
    expect(roomCycles(modules, tests)).toEqual([
      'libs/domain/src/calls/place-call.ts → libs/domain/src/keys/key-line.ts',
      'libs/domain/src/keys/key-line.ts → libs/domain/src/command.ts',
      'libs/domain/src/command.ts → libs/domain/src/calls/call.commands.ts',
    ]);
  });

  it('are those of one library: other libraries and tests compose them', () => {
    const modules = [
      at('libs/domain/src/calls/place-call.ts', 'libs/domain/src/keys/key-line.ts'),
      at('libs/domain/src/keys/key-line.spec.ts', 'libs/domain/src/calls/place-call.ts'),
      at('libs/adapters/sql-postgres/src/pool/pool.ts', 'libs/adapters/vault-postgres/src/vault/vault.ts'),
      at('libs/adapters/vault-postgres/src/vault/vault.ts', 'libs/adapters/sql-postgres/src/pool/pool.ts'),
    ];
    expect(roomCycles(modules, tests)).toEqual([]);
  });
});
