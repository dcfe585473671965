/**
 * Prints what patients asked to have passed on to the clinic: so far, that they want to be rung. It shows the alias
 * the clinic itself gave, and nothing the patient did not agree to.
 */
import { readConfig } from '../config.ts';
import type { Notice } from '../core/records.ts';
import { openProgram, ownClinic } from '../engine/program.ts';
import { silentLog } from '../log.ts';

export async function notices(options: { json?: boolean }): Promise<void> {
  const { vault, store, engine } = await openProgram(readConfig(), silentLog);
  const kept = await vault.all(engine.directory.partitionOf(ownClinic), ownClinic);
  await store.close();
  const found = kept
    .flatMap(({ key, value }) => (key.kind === 'notice' ? [value as Notice] : []))
    .sort((a, b) => a.at - b.at)
    .map(({ at, alias, what }) => ({
      at: Temporal.Instant.fromEpochMilliseconds(at).toString(),
      alias,
      what,
    }));
  if (options.json) process.stdout.write(`${JSON.stringify(found)}\n`);
  else if (found.length === 0) process.stdout.write('No notices.\n');
  else
    for (const { at, alias, what } of found)
      process.stdout.write(`${at}  ${alias ?? '(no alias)'}  ${what}\n`);
}
