import type { ContextRoutes } from '../edge/context-routes.js';
import { ChangeVoiceAppController } from './change-voice-app.js';
import { CreateVoiceAppController } from './create-voice-app.js';
import { DeleteVoiceAppController } from './delete-voice-app.js';
import { ListVoiceAppsController } from './list-voice-apps.js';
import { ShowVoiceAppController } from './show-voice-app.js';
import { VoiceAppReader } from './voice-app-reader.js';

export const appRoutes: ContextRoutes = {
  controllers: [
    CreateVoiceAppController,
    ListVoiceAppsController,
    ShowVoiceAppController,
    ChangeVoiceAppController,
    DeleteVoiceAppController,
  ],
  providers: [VoiceAppReader],
};
