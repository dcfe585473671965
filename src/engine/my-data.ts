/**
 * Everything that is kept about one person as one file they can take along. It is put together at the moment it is
 * handed out, so that it never lies about in the outbox.
 */
import type { SendableFile } from '../channels/channel.ts';
import type { Vault } from '../store/vault.ts';

/** The records of `person`, as JSON under the given file name. */
export async function myData(
  vault: Vault,
  partition: number,
  person: string,
  name: string,
): Promise<SendableFile> {
  const kept = await vault.all(partition, person);
  const records = kept.map(({ key, value }) => ({ what: key.kind, ...(value as object) }));
  return { name, type: 'application/json', body: JSON.stringify(records, null, 2) };
}
