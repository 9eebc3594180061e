import { Controller, Get, Inject, Param, Query, Req } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { SUBJECT_VAULT, type SubjectVault } from '@ringfence/ports/vault/subject-vault';
import { isOfMode } from '@ringfence/event-catalog/event-facts';
import { EVENT_STORE, type EventStore } from '@ringfence/ports/log/event-store';
import { type CallId, parseCallId } from '@ringfence/kernel/ids';
import { position } from '@ringfence/kernel/units';
import { ProjectionProgress } from '@ringfence/projections/projection-progress';
import { FindAuthorisation } from '@ringfence/read-models/audit/audit.handlers';
import type { CallAuthorisation } from '@ringfence/read-models/audit/audit.queries';
import type { FastifyRequest } from 'fastify';
import { auditEventBody } from '../audit/audit-event-body.js';
import { type Caller, callerOf } from '../edge/access.js';
import { Operation } from '../edge/operation.js';
import { LOG_NAME, type LogName } from '../edge/ports.js';
import { positionTokenOf } from '../edge/positions.js';
import { ReadQuery } from '../edge/query-fields.js';
import { catchUpMsMax, momentText, ReadGate } from '../edge/reading.js';
import { validatedQuery } from '../edge/validated.js';
import { policyBody } from '../keys/policy-of.js';
import { edgeProblem, status } from '../problem.js';
import { firstOfSeenCall } from './seen-call.js';

@Controller('api/v1/voice/calls')
export class ShowAuthorizationController {
  constructor(
    @Inject(QueryBus) private readonly queries: QueryBus,
    @Inject(SUBJECT_VAULT) private readonly vault: SubjectVault,
    @Inject(EVENT_STORE) private readonly store: EventStore,
    @Inject(ProjectionProgress) private readonly progress: ProjectionProgress,
    @Inject(ReadGate) private readonly gate: ReadGate,
    @Inject(LOG_NAME) private readonly log: LogName,
  ) {}

  @Get(':call_id/authorization')
  @Operation({
    id: 'getCallAuthorization',
    tag: 'Audit',
    summary: 'Who authorised this call?',
    description:
      'The key as it was when the call was placed, its limits of that moment, who issued it, and the chain of events that led there. A live key that issued the test key of a test call is named, its own events are not shown to a test key.',
    access: { scopes: ['audit:read'], operatorsOnly: false, modes: 'own' },
    answer: { status: status.ok, description: 'The authorisation.', schema: 'CallAuthorization' },
    read: true,
    problems: ['not_found'],
  })
  async show(
    @Param('call_id') callIdText: string,
    @Query(validatedQuery(ReadQuery)) query: ReadQuery,
    @Req() request: FastifyRequest,
  ): Promise<object> {
    const caller = callerOf(request);
    await this.gate.wait(request, query.min_position, ['audit_trail']);
    const callId = parseCallId(callIdText);
    const found = callId === undefined ? undefined : await this.#find(callId, caller);
    if (found === undefined) throw edgeProblem('not_found', 'there is no such call');
    return this.#body(found, caller);
  }

  /** Waits for the audit trail if the log already has the call. */
  async #find(callId: CallId, caller: Caller): Promise<CallAuthorisation | undefined> {
    const first = await firstOfSeenCall(this.store, caller, callId);
    if (first === undefined) return undefined;
    await this.progress.waitFor(['audit_trail'], position(first.position + 1), catchUpMsMax);
    return this.queries.execute(new FindAuthorisation(callId));
  }

  async #body(
    { callId, accountId, placedPosition, placedAtMs, key, chain }: CallAuthorisation,
    { mode }: Caller,
  ): Promise<object> {
    const numbers = key.policy.callerNumbers;
    const [label = null, ...opened] = await this.vault.open([key.label, ...(numbers ?? [])]);
    return {
      call_id: callId,
      account_id: accountId,
      placed_at: momentText(placedAtMs),
      position: positionTokenOf(this.log.logId, placedPosition),
      key: {
        id: key.keyId,
        version: key.keyVersion,
        kind: key.kind,
        label,
        issued_by: { kind: key.issuedBy.kind, id: key.issuedBy.id, version: key.issuedBy.version },
        issued_at: momentText(key.issuedAtMs),
        policy_version: key.policyVersion,
        policy_hash: key.policyHash,
        policy: policyBody(key.policy, numbers === null ? null : opened),
        erased: [...(label === null ? ['label'] : []), ...(opened.includes(null) ? ['caller_numbers'] : [])],
      },
      events: chain
        .filter(({ attributes }) => mode === null || isOfMode(attributes, mode))
        .map((event) => auditEventBody(event, this.log.logId)),
    };
  }
}
