// @ts-check
// Reads a message aloud with the browser's own voices, for whoever finds reading hard. It offers itself only where
// there is a voice for the language, and must never speak unasked.

/** @param {string} tag */
const base = (tag) =>
  tag
    .toLowerCase()
    .replace(/^n[bn]/, 'no')
    .slice(0, 2);

/** @param {() => void} voicesChanged */
export function createReader(voicesChanged) {
  const speech = 'speechSynthesis' in window ? speechSynthesis : null;
  let over = () => {};
  speech?.addEventListener?.('voiceschanged', voicesChanged);

  /** @param {string} language */
  const voice = (language) => speech?.getVoices().find(({ lang }) => base(lang) === base(language));

  const silence = () => {
    speech?.cancel();
    over();
    over = () => {};
  };

  return {
    /** @param {string} language */
    can: (language) => voice(language) !== undefined,
    silence,
    /**
     * @param {string} text
     * @param {string} language
     * @param {() => void} ended  told when it has been read, or is stopped
     */
    read(text, language, ended) {
      silence();
      over = ended;
      const words = new SpeechSynthesisUtterance(text);
      words.lang = language;
      words.voice = voice(language) ?? null;
      words.onend = ended;
      words.onerror = ended;
      speech?.speak(words);
    },
  };
}
