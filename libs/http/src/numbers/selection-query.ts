import { territoryPattern } from '@ringfence/domain/limits/numbering-plan';
import { conditionValuesMax } from '@ringfence/wire/commands/numbers/selection-fields';
import { idPattern } from '@ringfence/wire/field-rule';
import { Text, TextList } from '../edge/fields.js';
import { edgeProblem } from '../problem.js';

/** The conditions of `apply_to_all` in the query, where clients of the Teler API send them. */
export class SelectionQuery {
  @TextList({
    description: 'As the field of the body.',
    itemsMax: conditionValuesMax,
    each: territoryPattern,
    itemIs: 'a territory such as US',
  })
  location?: readonly string[] | null;

  @TextList({
    description: 'As the field of the body.',
    itemsMax: conditionValuesMax,
    each: idPattern('va'),
    itemIs: 'the id of an app',
  })
  voice_app?: readonly string[] | null;

  @TextList({
    description: 'As the field of the body.',
    itemsMax: conditionValuesMax,
    each: idPattern('st'),
    itemIs: 'the id of a trunk',
  })
  sip_trunk?: readonly string[] | null;

  @Text({ description: 'Refused: names are encrypted, so no decision can select by them.', charactersMax: 100 })
  search?: string | null;
}

/**
 * The body with the conditions of the query.
 * @throws HttpProblem `validation_failed` for a condition in both, or one that cannot be decided
 */
export function withConditions<Body extends object>(body: Body, query: SelectionQuery): Body {
  if (typeof query.search === 'string')
    throw refused(
      'search',
      'not_supported',
      'selects by encrypted names: list the numbers, and send their ids as vn_ids',
    );
  const given = Object.entries(query).filter(([, value]) => value !== null && value !== undefined);
  for (const [name] of given)
    if (name in body) throw refused(name, 'exclusive', 'is in the body, and so not in the query');
  return Object.assign(body, Object.fromEntries(given));
}

function refused(name: string, rule: string, detail: string): Error {
  return edgeProblem('validation_failed', `${name} ${detail}`, {
    errors: [{ in: 'query', path: [name], rule, detail }],
  });
}
