import type { ContextRoutes } from '../edge/context-routes.js';
import { ListNumberRangesController } from './list-number-ranges.js';
import { ListVirtualNumbersController } from './list-virtual-numbers.js';
import { NumberReader } from './number-reader.js';
import { OpenNumberRangeController } from './open-number-range.js';
import { RenameNumberController } from './rename-number.js';
import { ShowNumberController } from './show-number.js';
import { WithdrawNumberController } from './withdraw-number.js';

export const numberRoutes: ContextRoutes = {
  controllers: [
    ShowNumberController,
    OpenNumberRangeController,
    ListNumberRangesController,
    ListVirtualNumbersController,
    RenameNumberController,
    WithdrawNumberController,
  ],
  providers: [NumberReader],
};
