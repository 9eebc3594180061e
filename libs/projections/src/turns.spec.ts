import { describe, expect, it } from '@jest/globals';
import { Turns } from './turns.js';

describe('turns', () => {
  it('let so many work at once, and the others in the order in which they came', async () => {
    const turns = new Turns(2);
    const began: number[] = [];
    const end: (() => void)[] = [];
    const works = [0, 1, 2, 3].map((number) =>
      turns.take(() => {
        began.push(number);
        return new Promise<number>((resolve) => {
          end[number] = () => {
            resolve(number);
          };
        });
      }),
    );
    await turn();
    expect(began).toEqual([0, 1]);
    end[1]?.();
    await turn();
    expect(began).toEqual([0, 1, 2]);
    end[2]?.();
    await turn();
    expect(began).toEqual([0, 1, 2, 3]);
    end[0]?.();
    end[3]?.();
    expect(await Promise.all(works)).toEqual([0, 1, 2, 3]);
  });

  it('pass on from work that fails', async () => {
    const turns = new Turns(1);
    const failing = turns.take(() => Promise.reject(new Error('broken')));
    const after = turns.take(() => Promise.resolve('done'));
    await expect(failing).rejects.toThrow('broken');
    expect(await after).toBe('done');
    expect(await turns.take(() => Promise.resolve('and again'))).toBe('and again');
  });
});

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
