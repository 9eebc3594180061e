import { describe, expect, it } from '@jest/globals';
import { accept, acceptAll, refuse } from './decider.js';

describe('a decision', () => {
  it('is facts or one reason, never neither', () => {
    expect(accept('done')).toEqual({ accepted: true, events: ['done'] });
    expect(acceptAll(['one', 'two'])).toEqual({ accepted: true, events: ['one', 'two'] });
    expect(refuse({ code: 'no' })).toEqual({ accepted: false, refusal: { code: 'no' }, trace: [] });
    expect(() => acceptAll([])).toThrow(RangeError);
  });
});
