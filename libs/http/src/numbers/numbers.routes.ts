import type { ContextRoutes } from '../edge/context-routes.js';
import { AssignNumbersController } from './assign-numbers.js';
import { ListAppNumbersController } from './list-app-numbers.js';
import { ListNumberRangesController } from './list-number-ranges.js';
import { ListTrunkNumbersController } from './list-trunk-numbers.js';
import { ListVirtualNumbersController } from './list-virtual-numbers.js';
import { NumberPages } from './number-pages.js';
import { NumberReader } from './number-reader.js';
import { OpenNumberRangeController } from './open-number-range.js';
import { RenameNumberController } from './rename-number.js';
import { ShowNumberController } from './show-number.js';
import { UnassignNumbersController } from './unassign-numbers.js';
import { WithdrawNumberController } from './withdraw-number.js';

export const numberRoutes: ContextRoutes = {
  controllers: [
    ShowNumberController,
    OpenNumberRangeController,
    ListNumberRangesController,
    ListVirtualNumbersController,
    ListAppNumbersController,
    ListTrunkNumbersController,
    AssignNumbersController,
    UnassignNumbersController,
    RenameNumberController,
    WithdrawNumberController,
  ],
  providers: [NumberReader, NumberPages],
};
