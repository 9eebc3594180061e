import type { ContextRoutes } from '../edge/context-routes.js';
import { CreateTwilioCallController } from './create-call.js';
import { DeleteTwilioCallController } from './delete-call.js';
import { FetchTwilioCallController } from './fetch-call.js';
import { ListTwilioCallsController } from './list-calls.js';
import { TwilioCalls } from './twilio-calls.js';
import { UpdateTwilioCallController } from './update-call.js';

/** Twilio's doorway: the same commands and queries behind Twilio's paths, forms and errors. */
export const twilioRoutes: ContextRoutes = {
  controllers: [
    CreateTwilioCallController,
    ListTwilioCallsController,
    FetchTwilioCallController,
    UpdateTwilioCallController,
    DeleteTwilioCallController,
  ],
  providers: [TwilioCalls],
};
