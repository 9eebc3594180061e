import { Body, Controller, Inject, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { callerOf } from '../edge/access.js';
import { Operation } from '../edge/operation.js';
import { RateLimitHeaders } from '../edge/rate-limit-headers.js';
import { CommandSubmission } from '../edge/submission.js';
import { validatedBody } from '../edge/validated.js';
import { edgeProblem, HttpProblem, status } from '../problem.js';
import { commandBody } from '../edge/command-body.js';
import { warningBodies } from './warnings.js';

export class PlaceCallBody extends commandBody('place_call') {}

const specOf = (id: string) =>
  ({
    id,
    tag: 'Calls',
    summary: 'Place a call',
    description:
      'Accepted means: authorised, paid for and written to the log; it is dialled next. A test key reaches the sandbox alone. Once it is answered, the flow at `flow_url` says what happens with it; without one it lasts until a party hangs up. In this release no call is recorded: `record` is answered `false`, and `warnings` names every field of the request that has no effect.',
    access: { scopes: ['calls:write'], operatorsOnly: false, modes: 'own' },
    answer: { status: status.accepted, description: 'The call is placed.', schema: 'CallCreation' },
    command: true,
    extraHeaders: ['RateLimit', 'RateLimit-Policy'],
    problems: [
      'account_not_verified',
      'account_suspended',
      'number_invalid',
      'number_erased',
      'caller_number_not_allowed',
      'number_range_unknown',
      'destination_not_allowed',
      'voice_app_inactive',
      'rate_limited',
      'lines_exhausted',
      'app_channels_exhausted',
      'key_cap_reached',
      'daily_spend_exceeded',
      'balance_insufficient',
      'no_route',
    ],
  }) as const;

@Controller('api/v1')
export class PlaceCallController {
  constructor(
    @Inject(CommandSubmission) private readonly commands: CommandSubmission,
    @Inject(RateLimitHeaders) private readonly limits: RateLimitHeaders,
  ) {}

  @Post('voice/calls/initiate')
  @Operation(specOf('initiateCall'))
  async initiate(
    @Body(validatedBody(PlaceCallBody)) body: PlaceCallBody,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object> {
    return this.#place(body, request, reply);
  }

  @Post('calls/initiate')
  @Operation(specOf('initiateCallShort'))
  async initiateShort(
    @Body(validatedBody(PlaceCallBody)) body: PlaceCallBody,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object> {
    return this.#place(body, request, reply);
  }

  async #place(body: PlaceCallBody, request: FastifyRequest, reply: FastifyReply): Promise<object> {
    const caller = callerOf(request);
    if (caller.accountId === null)
      throw edgeProblem('scope_not_held', 'a call is placed with a key of the account that pays for it');
    const placed = this.commands.submit(request, reply, 'place_call', body, caller.accountId);
    const accepted = await placed.catch((thrown: unknown) => {
      if (thrown instanceof HttpProblem) this.limits.onRefused(caller.entry, thrown, reply);
      throw thrown;
    });
    this.limits.onAccepted(caller.entry, reply);
    const { from_number, to_number, status_callback_url = null } = body;
    const { call_id: id, warnings } = accepted.result;
    return { id, from_number, to_number, status_callback_url, record: false, warnings: warningBodies(warnings) };
  }
}
