import { Body, Controller, HttpCode, Inject, Post, Req } from '@nestjs/common';
import { COMMAND_DISPATCHER, type CommandDispatcher } from '@ringfence/commands/command-dispatcher';
import type { FlowReply } from '@ringfence/domain/calls/call.commands';
import type { CallFlowRequested } from '@ringfence/domain/calls/call-flow.events';
import { decodeRecorded } from '@ringfence/event-catalog/event-codec';
import type { Clock } from '@ringfence/kernel/clock';
import { type IdSource, parseCallId } from '@ringfence/kernel/ids';
import { addDuration, durationMs } from '@ringfence/kernel/units';
import { EVENT_STORE, type EventStore, readLimitMax } from '@ringfence/ports/log/event-store';
import { SUBJECT_VAULT, type SubjectVault } from '@ringfence/ports/vault/subject-vault';
import { isListenerUrl } from '@ringfence/wire/flows/listener-url';
import type { FastifyRequest } from 'fastify';
import { Operation } from '../edge/operation.js';
import { CLOCK, ID_SOURCE } from '../edge/ports.js';
import { PersonalValues } from '../edge/reading.js';
import { commandDeadlineMs } from '../edge/submission.js';
import { traceparentOf } from '../edge/traceparent.js';
import { validatedBody } from '../edge/validated.js';
import { edgeProblem, HttpProblem, refusalProblems, status } from '../problem.js';
import { FlowReplyBody, readAnswer, recordedBody } from './flow-reply-body.js';
import { listeningCaller } from './listening-caller.js';

@Controller('api/v1/listener')
export class ReplyToFlowRequestController {
  constructor(
    @Inject(EVENT_STORE) private readonly store: EventStore,
    @Inject(PersonalValues) private readonly personal: PersonalValues,
    @Inject(SUBJECT_VAULT) private readonly vault: SubjectVault,
    @Inject(COMMAND_DISPATCHER) private readonly lanes: CommandDispatcher,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(ID_SOURCE) private readonly ids: IdSource,
  ) {}

  @Post('flow-replies')
  @HttpCode(status.ok)
  @Operation({
    id: 'replyToFlowRequest',
    tag: 'Webhooks',
    summary: 'What the application behind a listener answered to a flow request',
    description:
      'Either `status` with `body`, or `error`. It is read as the answer of a `flow_url` is, and recorded once: a later one is 409, as is one for a call that is over or went on without it.',
    access: { scopes: ['webhooks:write'], operatorsOnly: false, modes: 'own' },
    answer: { status: status.ok, description: 'What was recorded.', schema: 'RecordedFlowReply' },
    problems: ['mode_not_allowed', 'not_found', 'progress_already_recorded'],
  })
  async reply(
    @Body(validatedBody(FlowReplyBody)) body: FlowReplyBody,
    @Req() request: FastifyRequest,
  ): Promise<object> {
    const requested = await this.#requested(body, request);
    const reply = await readAnswer(body, requested.accountId, this.vault);
    await this.#record(requested, reply, request);
    return { call_id: requested.callId, step: requested.step, ...recordedBody(reply) };
  }

  /** @throws HttpProblem `not_found` for every request that is not of this key, or does not go to a listener */
  async #requested(body: FlowReplyBody, request: FastifyRequest): Promise<CallFlowRequested> {
    const { accountId, keyId } = listeningCaller(request);
    const callId = parseCallId(body.call_id);
    const recorded = callId === undefined ? [] : await this.store.readSubject(callId, readLimitMax);
    const requested = recorded
      .map((each) => decodeRecorded(each).data)
      .filter((event) => event.type === 'CallFlowRequested')
      .find((event) => event.step === body.step && event.accountId === accountId && event.keyId === keyId);
    const [opened] = requested === undefined ? [] : await this.personal.open([{ url: requested.url }], ['url']);
    const url = opened?.values.url ?? null;
    if (requested === undefined || requested.mode !== 'test' || url === null || !isListenerUrl(url))
      throw edgeProblem('not_found', 'no listener of this key was sent such a request');
    return requested;
  }

  async #record({ accountId, callId, step }: CallFlowRequested, reply: FlowReply, request: FastifyRequest) {
    const { keyId } = listeningCaller(request);
    const outcome = await this.lanes.dispatch({
      commandId: this.ids.commandId(),
      idChosenByClient: false,
      fingerprint: noFingerprint,
      stream: accountId,
      // What its application says is reported by a worker, here as for a `flow_url`; this one is the listener.
      principal: { kind: 'worker', workerId: `listener:${keyId}` },
      payload: { type: 'RecordFlowReply', accountId, callId, step, reply },
      result: {},
      deadlineMs: addDuration(this.clock.now(), durationMs(commandDeadlineMs)),
      traceparent: traceparentOf(request),
    });
    if (outcome.accepted) return;
    const { code: refusal, detail } = outcome.refusal;
    const code = refusal === 'call_unknown' ? 'progress_already_recorded' : refusal;
    throw new HttpProblem(code, refusalProblems[code], detail);
  }
}

/** Commands of workers are compared by the call's own state, not by their fields. */
const noFingerprint = new Uint8Array(32);
