/**
 * What every adapter of the store's port must do, as one suite that each of them is put through. It speaks to the
 * port alone, so that it can not lean on how one adapter keeps things; what the port does not show, the adapter's own
 * tests look at.
 */
import { afterEach, beforeEach, describe } from 'vitest';
import { claimsContract } from './store-claims.ts';
import { Ground, type Opened } from './store-ground.ts';
import { outboxContract } from './store-outbox.ts';
import { recordsContract } from './store-records.ts';
import { rowsContract } from './store-rows.ts';

/** Puts one adapter through everything; `open` gives a fresh, empty store each time. */
export function storeContract(name: string, open: () => Promise<Opened>): void {
  describe(name, () => {
    const ground = new Ground(open);
    beforeEach(() => ground.begin());
    afterEach(() => ground.store.close());
    recordsContract(ground);
    outboxContract(ground);
    claimsContract(ground);
  });
  describe(`${name}, moving`, () => {
    const ground = new Ground(open);
    afterEach(() => ground.store.close());
    rowsContract(ground);
  });
}
