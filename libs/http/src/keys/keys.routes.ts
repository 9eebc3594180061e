import type { ContextRoutes } from '../edge/context-routes.js';
import { CallerKeys } from './caller-keys.js';
import { ChangeKeyPolicyController } from './change-key-policy.js';
import { IssueKeyController } from './issue-key.js';
import { KeyBodies } from './key-bodies.js';
import { ListKeysController } from './list-keys.js';
import { RegisterSigningKeyController } from './register-signing-key.js';
import { RevokeKeyController } from './revoke-key.js';
import { RotateKeyController } from './rotate-key.js';
import { ShowKeyController } from './show-key.js';
import { ShowPlatformKeysController } from './show-platform-keys.js';

export const keyRoutes: ContextRoutes = {
  controllers: [
    IssueKeyController,
    RegisterSigningKeyController,
    ListKeysController,
    ShowKeyController,
    RotateKeyController,
    ChangeKeyPolicyController,
    RevokeKeyController,
    ShowPlatformKeysController,
  ],
  providers: [KeyBodies, CallerKeys],
};
