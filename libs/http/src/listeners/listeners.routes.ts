import type { ContextRoutes } from '../edge/context-routes.js';
import { ListenerMessages } from './listener-messages.js';
import { ReplyToFlowRequestController } from './reply-to-flow-request.js';
import { StreamListenerController } from './stream-listener.js';

export const listenerRoutes: ContextRoutes = {
  controllers: [StreamListenerController, ReplyToFlowRequestController],
  providers: [ListenerMessages],
};
