/**
 * Makes text of the bytes of a list: UTF-8, UTF-16 as spreadsheets save it, or Windows-1252. It exists because "Tromsø" read in the wrong
 * encoding is a town that does not exist. It never fails: a byte that fits nothing becomes a mark that shows.
 */

/** @returns the text without a byte order mark */
export function decodeText(bytes: Uint8Array): string {
  // Latin text in UTF-16 has a zero in every second byte, and UTF-8 has none at all.
  const zeros = [0, 1].map(
    (at) => bytes.subarray(0, 200).filter((byte, i) => i % 2 === at && byte === 0).length,
  );
  const some = Math.min(bytes.length, 200) / 4;
  if (zeros[1]! > some) return new TextDecoder('utf-16le').decode(bytes);
  if (zeros[0]! > some) return new TextDecoder('utf-16be').decode(bytes);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder('windows-1252').decode(bytes);
  }
}
