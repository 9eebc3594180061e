import { begunCall } from '@ringfence/domain/calls/begun-call';
import { Controller, Inject, Param, Post, Req, Res } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import type { AccountId } from '@ringfence/kernel/ids';
import { platformStream } from '@ringfence/kernel/ids';
import { SUBJECT_VAULT, type SubjectVault } from '@ringfence/ports/vault/subject-vault';
import { FindVoiceApp } from '@ringfence/read-models/apps/voice-apps.handlers';
import { ListNumbers } from '@ringfence/read-models/numbers/number.handlers';
import { e164Number } from '@ringfence/wire/field-rule';
import { idOfSid } from '@ringfence/wire/twilio/twilio-sid';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { callerOf, ownerFor } from '../edge/access.js';
import { DecidedEvents } from '../edge/decided-events.js';
import { notDescribed } from '../edge/described.js';
import { Operation } from '../edge/operation.js';
import { PersonalValues, ReadGate } from '../edge/reading.js';
import { CommandSubmission } from '../edge/submission.js';
import { status } from '../problem.js';
import { accountNamed } from './twilio-access.js';
import { twilioCallBody } from './twilio-call-body.js';
import { TwilioCalls } from './twilio-calls.js';
import { formOf, TwilioParameters } from './twilio-parameters.js';
import { unsupportedOfNewCalls } from './unsupported-parameters.js';

/** The time for which the platform lets a call ring. */
const ringSeconds = '60';
const known = ['To', 'From', 'ApplicationSid', 'Timeout', 'Record'];

@notDescribed()
@Controller('2010-04-01/Accounts')
export class CreateTwilioCallController {
  constructor(
    @Inject(CommandSubmission) private readonly commands: CommandSubmission,
    @Inject(DecidedEvents) private readonly decided: DecidedEvents,
    @Inject(QueryBus) private readonly queries: QueryBus,
    @Inject(SUBJECT_VAULT) private readonly vault: SubjectVault,
    @Inject(PersonalValues) private readonly personal: PersonalValues,
    @Inject(ReadGate) private readonly gate: ReadGate,
    @Inject(TwilioCalls) private readonly calls: TwilioCalls,
  ) {}

  @Post([':account_sid/Calls', ':account_sid/Calls.json'])
  @Operation({
    id: 'createTwilioCall',
    tag: 'Twilio',
    summary: 'Place a call',
    access: { scopes: ['calls:write'], operatorsOnly: false, modes: 'own' },
    answer: { status: status.created, description: 'The call.', schema: {} },
    command: true,
    problems: [
      'validation_failed',
      'content_type_unsupported',
      'key_not_accepted',
      'account_suspended',
      'caller_number_not_allowed',
      'destination_not_allowed',
      // And whatever else PlaceCall is refused for, as at its own route.
      'rate_limited',
    ],
  })
  async create(
    @Param('account_sid') accountSid: string,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object> {
    const accountId = accountNamed(request, accountSid);
    const parameters = TwilioParameters.read(formOf(request.body), 'body', known, unsupportedOfNewCalls);
    const [from, to] = [numberIn(parameters, 'From'), numberIn(parameters, 'To')];
    checkFixed(parameters);
    const flowUrl = await this.#flowOf(request, parameters, { accountId, from });
    const fields = { from_number: from, to_number: to, flow_url: flowUrl };
    const { position } = await this.commands.submit(request, reply, 'place_call', fields, accountId);
    const [placed, currency] = await Promise.all([
      this.decided.at(position, 'CallPlaced'),
      this.calls.currencyOf(accountId),
    ]);
    const nothingYet = {
      ringingAtMs: null,
      answeredAtMs: null,
      endedAtMs: null,
      talkTimeMs: null,
      chargedMicros: null,
    };
    return twilioCallBody(
      { ...begunCall(placed), ...nothingYet, state: 'initiated', cause: null },
      { from, to },
      currency,
    );
  }

  /**
   * The flow URL of the app that the request names: the one that the caller number is assigned to.
   * @throws HttpProblem `validation_failed`
   */
  async #flowOf(
    request: FastifyRequest,
    parameters: TwilioParameters,
    { accountId, from }: { readonly accountId: AccountId; readonly from: string },
  ): Promise<string> {
    const appId = idOfSid('va', parameters.need('ApplicationSid'));
    await this.gate.wait(request, null, ['voice_apps', 'numbers']);
    const app = appId && (await this.queries.execute(new FindVoiceApp(appId, ownerFor(callerOf(request)))));
    if (app === undefined) throw parameters.invalid('ApplicationSid', 'is the SID of a voice app of the key’s mode');
    const { appId: found, mode } = app;
    const numberSubject = await this.vault.find(platformStream, from);
    const filter = { accountId, mode, territories: null, assignedTo: [found], numberSubject };
    const { rows } =
      numberSubject === undefined ? { rows: [] } : await this.queries.execute(new ListNumbers(filter, { limit: 1 }));
    if (rows.length === 0)
      throw parameters.invalid('ApplicationSid', 'is the app of From: the number is not assigned to this one');
    const [opened] = await this.personal.open([app], ['flowUrl']);
    const flowUrl = opened?.values.flowUrl ?? null;
    if (flowUrl === null) throw parameters.invalid('ApplicationSid', 'names an app whose flow URL was erased');
    return flowUrl;
  }
}

function numberIn(parameters: TwilioParameters, name: 'From' | 'To'): string {
  const value = parameters.need(name);
  if (!e164Number.isValid(value)) throw parameters.invalid(name, e164Number.expectation);
  return value;
}

/** Checks parameters of which only the value is supported that they have anyway. */
function checkFixed(parameters: TwilioParameters): void {
  if ((parameters.get('Timeout') ?? ringSeconds) !== ringSeconds)
    throw parameters.invalid('Timeout', `is ${ringSeconds} in this release: a call rings for so many seconds`);
  if ((parameters.get('Record') ?? 'false') !== 'false')
    throw parameters.invalid('Record', 'is false in this release: no call is recorded');
}
