import { accept, type Decision, refuse } from '@ringfence/kernel/decider';
import type { SimulateInboundCall } from '../../calls/call.commands.js';
import { e164 } from '../../limits/numbering-plan.js';
import type { Refusal } from '../../refusals.js';
import { remembers } from '../../shared/generations.js';
import type { AccountState } from './account-state.js';
import type { AccountStreamEvent } from './slice.js';

/** Lets a caller of the sandbox ring a test number of the account itself, so that nobody rings anybody else's. */
export function simulateInboundCall(
  command: SimulateInboundCall,
  { standing, keys, numbers, numbersBySubject, calls, ended }: AccountState,
): Decision<AccountStreamEvent, Refusal> {
  const { accountId, callId, attemptId, from, to, givesUpAfterMs, hangsUpAfterMs, nowMs, principal } = command;
  if (standing.status === 'unopened')
    return refuse({ code: 'account_unknown', detail: `There is no account ${accountId}.` });
  const key = principal.kind === 'key' ? keys.get(principal.keyId)?.key : undefined;
  if (key?.mode !== 'test')
    return refuse({ code: 'presenter_not_allowed', detail: 'Callers of the sandbox ring for test keys alone.' });
  if (calls.has(callId) || remembers(ended, callId))
    return refuse({ code: 'call_already_received', detail: `Call ${callId} was received.` });
  if (!e164.test(from.clear))
    return refuse({ code: 'number_invalid', detail: 'from_number: E.164, a + and 7 to 15 digits.' });
  const numberId = numbersBySubject.get(to.sealed.subjectId);
  const number = numberId === undefined ? undefined : numbers.get(numberId);
  if (number?.mode !== 'test')
    return refuse({ code: 'number_unknown', detail: 'to_number: a test number of the account.' });
  return accept<AccountStreamEvent>({
    type: 'InboundCallSimulated',
    ...{ callId, attemptId, accountId, keyId: key.keyId, mode: 'test', numberId: number.numberId },
    ...{ from: from.sealed, to: to.sealed, givesUpAfterMs, hangsUpAfterMs, simulatedAtMs: nowMs },
  });
}
