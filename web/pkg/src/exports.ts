export { Fault, RecipeError, type FaultKind } from './errors.js';
export type {
  Cell,
  InputLike,
  PreviewOptions,
  ProfileOptions,
  ReportOf,
  RowsOptions,
  RunOptions,
  RunResult,
  SinkLike,
  StartOptions,
  WorkOptions,
} from './mill.js';
export type { Mode, Progress, Reason } from './protocol.js';
export type * from './generated/recipe.js';
export type * from './generated/report.js';
export type { Before, Fitted, Origins, Place, Preview, PreviewColumn, PreviewInput } from './generated/preview.js';
