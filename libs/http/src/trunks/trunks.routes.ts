import type { ContextRoutes } from '../edge/context-routes.js';
import { ChangeIpListController } from './change-ip-list.js';
import { ChangeSipTrunkController } from './change-sip-trunk.js';
import { CreateIpListController } from './create-ip-list.js';
import { CreateSipTrunkController } from './create-sip-trunk.js';
import { DeleteIpListController } from './delete-ip-list.js';
import { DeleteSipTrunkController } from './delete-sip-trunk.js';
import { IpListReader } from './ip-list-reader.js';
import { ListIpListsController } from './list-ip-lists.js';
import { ListSipTrunksController } from './list-sip-trunks.js';
import { ShowIpListController } from './show-ip-list.js';
import { ShowSipTrunkController } from './show-sip-trunk.js';
import { SipTrunkReader } from './sip-trunk-reader.js';

export const trunkRoutes: ContextRoutes = {
  controllers: [
    CreateIpListController,
    ListIpListsController,
    ShowIpListController,
    ChangeIpListController,
    DeleteIpListController,
    CreateSipTrunkController,
    ListSipTrunksController,
    ShowSipTrunkController,
    ChangeSipTrunkController,
    DeleteSipTrunkController,
  ],
  providers: [IpListReader, SipTrunkReader],
};
