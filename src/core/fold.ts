/**
 * Brings what people type to one form, so that words can be compared: case, punctuation, emoji and space are set
 * aside. It must never be used to change what is shown.
 */

/** Lower case, without punctuation and symbols, single spaces, trimmed. */
export const fold = (text: string): string =>
  text
    .normalize('NFC')
    .toLowerCase()
    .replace(/[\p{P}\p{S}]+/gu, ' ')
    .replace(/\s+/g, ' ')
    .trim();
