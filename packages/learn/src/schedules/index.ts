/** Schedules: settings as functions of the number of steps done. */
export { cosineRestartsSchedule, warmupCosineSchedule } from "./cosine.ts";
export {
  constantSchedule,
  cosineSchedule,
  exponentialSchedule,
  inverseSquareRootSchedule,
  linearSchedule,
  polynomialSchedule,
  stepSchedule,
} from "./decay.ts";
export {
  interpolatedSchedule,
  joinSchedules,
  piecewiseSchedule,
  tabulated,
  warmup,
} from "./piecewise.ts";
export { type Schedule, scheduleValues } from "./schedule.ts";
