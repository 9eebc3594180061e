import type { ContextRoutes } from '../edge/context-routes.js';
import { AccountCallEvents } from './account-call-events.js';
import { CallEventSender } from './call-event-sender.js';
import { CallEventSubscriptions } from './call-event-subscriptions.js';
import { CallEnds } from './call-ends.js';
import { CallMutations } from './call-mutations.js';
import { CallOwners } from './call-owners.js';
import { CallReader } from './call-reader.js';
import { EndedCall } from './ended-call.js';
import { HangUpCallController } from './hang-up-call.js';
import { ListCallsController } from './list-calls.js';
import { ListLegsController } from './list-legs.js';
import { MuteLegController } from './mute-leg.js';
import { PastCallEvents } from './past-call-events.js';
import { PlaceCallController } from './place-call.js';
import { PlayMediaController } from './play-media.js';
import { SendDigitsController } from './send-digits.js';
import { ShowAuthorizationController } from './show-authorization.js';
import { ShowCallController } from './show-call.js';
import { StreamAccountEventsController } from './stream-account-events.js';
import { StreamCallEventsController } from './stream-call-events.js';
import { SimulateInboundCallController } from './simulate-inbound-call.js';

export const callRoutes: ContextRoutes = {
  controllers: [
    PlaceCallController,
    HangUpCallController,
    MuteLegController,
    SendDigitsController,
    PlayMediaController,
    ListCallsController,
    ShowCallController,
    ListLegsController,
    ShowAuthorizationController,
    StreamAccountEventsController,
    StreamCallEventsController,
    SimulateInboundCallController,
  ],
  providers: [
    CallOwners,
    CallReader,
    CallMutations,
    CallEnds,
    EndedCall,
    CallEventSubscriptions,
    CallEventSender,
    PastCallEvents,
    AccountCallEvents,
  ],
};
