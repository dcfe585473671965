/**
 * Changes keys from the command line, also while the program runs. The order of things is told as they are done, since
 * an old master key may be thrown away only when nothing needs it any more.
 */
import { readConfig } from '../config.ts';
import { masterKeyOf } from '../engine/master-key.ts';
import { openProgram } from '../engine/program.ts';
import { silentLog } from '../log.ts';
import { renewKeys, rewrapKeys } from '../store/rotation.ts';

export type Rotated = 'master' | 'data';

export async function rotate(which: Rotated): Promise<void> {
  const config = readConfig();
  const { store, clock } = await openProgram(config, silentLog);
  const master = masterKeyOf(config)();
  const done =
    which === 'master' ? await rewrapKeys(store, master) : await renewKeys(store, master, clock.now());
  await store.close();
  process.stdout.write(
    which === 'master'
      ? `${done} keys were wrapped by the current master key now; none needs an older one any more.\n`
      : `${done} owners have a fresh data key, and their records are sealed with it.\n`,
  );
}
