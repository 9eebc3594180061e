import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FirstStartOutcome } from '../roles/first-start.js';

/** A process whose roles are started, but whose HTTP server does not listen yet. */
export type StartedRoles = {
  readonly app: NestFastifyApplication;
  /** The first keys to show; null: none */
  readonly first: FirstStartOutcome;
};
