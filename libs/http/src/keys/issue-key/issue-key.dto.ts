import { NewKeyFields } from '../new-key.dto.js';

export class IssueKeyBody extends NewKeyFields {}
