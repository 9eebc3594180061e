import type { ContextRoutes } from '../edge/context-routes.js';
import { CallEnds } from './call-ends.js';
import { CallOwners } from './call-owners.js';
import { CallReader } from './call-reader.js';
import { EndedCall } from './ended-call.js';
import { HangUpCallController } from './hang-up-call.js';
import { ListCallsController } from './list-calls.js';
import { ListLegsController } from './list-legs.js';
import { PlaceCallController } from './place-call.js';
import { ShowAuthorizationController } from './show-authorization.js';
import { ShowCallController } from './show-call.js';

export const callRoutes: ContextRoutes = {
  controllers: [
    PlaceCallController,
    HangUpCallController,
    ListCallsController,
    ShowCallController,
    ListLegsController,
    ShowAuthorizationController,
  ],
  providers: [CallOwners, CallReader, CallEnds, EndedCall],
};
