import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FirstStartOutcome } from '../roles/first-start.js';

/** A process whose roles are started: its HTTP server does not listen yet. */
export type StartedRoles = {
  readonly app: NestFastifyApplication;
  /** null: nothing to show */
  readonly first: FirstStartOutcome;
};
