/**
 * A command of the program run in the test's own process, which spares the start of one. It reads the environment as
 * it is stubbed for this call, and gives what was printed and how it ended; nothing is left changed.
 */
import { vi } from 'vitest';
import { main } from '../../src/main.ts';

export type Ended = { stdout: string; stderr: string; code: number };

export async function inProcess(args: string[], settings: Record<string, string>): Promise<Ended> {
  for (const [name, value] of Object.entries(settings)) vi.stubEnv(name, value);
  const printed = { stdout: '', stderr: '' };
  const spies = (['stdout', 'stderr'] as const).map((stream) =>
    vi.spyOn(process[stream], 'write').mockImplementation((chunk) => {
      printed[stream] += typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString();
      return true;
    }),
  );
  const before = process.exitCode;
  let code = 0;
  const exit = vi.spyOn(process, 'exit').mockImplementation((given) => {
    code = Number(given ?? 0);
    return undefined as never;
  });
  try {
    await main(args);
    return { ...printed, code: code || Number(process.exitCode ?? 0) };
  } finally {
    process.exitCode = before;
    for (const spy of [...spies, exit]) spy.mockRestore();
    vi.unstubAllEnvs();
  }
}
