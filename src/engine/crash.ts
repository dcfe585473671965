/**
 * Named points at which a test may have the process die, so that what a crash leaves behind can be proved and not
 * hoped. Outside the demo no point is ever set.
 */
export type CrashPoint =
  | 'before-commit'
  | 'after-commit'
  | 'after-sending-mark'
  | 'after-answer'
  | 'in-recovery';
export type Crash = (point: CrashPoint) => void;

export const neverCrash: Crash = () => {};

/** Kills the process, without any goodbye, when `point` is passed for the `n`th time. */
export function crashAt(point: string, n: number): Crash {
  let passed = 0;
  return (at) => {
    if (at === point && ++passed === n) process.kill(process.pid, 'SIGKILL');
  };
}
