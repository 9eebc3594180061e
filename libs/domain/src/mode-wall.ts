import type { ModeRule } from './shared/authorization.js';
import type { Mode } from './shared/values.js';
import type { Refusal } from './refusals.js';

/**
 * Returns why a key of mode `own` may not issue a command under `rule`; undefined: its mode does not forbid it.
 * @param target the mode of the object that the command creates or acts on; null: it does not exist
 */
export function acrossModes(rule: ModeRule, own: Mode, target: Mode | null): Refusal | undefined {
  switch (rule) {
    case 'account':
      return own === 'live'
        ? undefined
        : refused('This concerns the live side of the account too: it needs a live key, or an operator.');
    case 'test_below':
      return target === null || target === own || own === 'live'
        ? undefined
        : refused('A test key cannot manage live keys.');
    case 'own':
      return target === null || target === own ? undefined : refused(`A ${own} key acts on ${own} resources only.`);
  }
}

function refused(detail: string): Refusal {
  return { code: 'presenter_not_allowed', detail };
}
