/** Ten probabilities as an answer in words. */

const CLOSE = 0.2; // least difference of the first two probabilities for a sure answer
// By familiarity: below these, an answer is doubted, or the drawing is taken for no digit.
const DOUBTFUL = 0.01;
const STRANGE = 0.002;

/** @param {number} probability @returns {string} such as "98.3 %" */
export function percent(probability) {
  return `${(100 * probability).toFixed(1)}\u00a0%`;
}

/** @param {number} digit @returns {string} such as "a 7" */
export const named = (digit) => `${digit === 8 ? "an" : "a"} ${digit}`;

/**
 * The answer in words.
 * @param {ArrayLike<number>} probabilities of the ten digits
 * @param {number | null} [familiarity] the share of real digits that look less like digits, where it is known
 * @returns {{digit: number | null, second: number, sure: boolean, mark: string, says: string, detail: string}}
 *   whose digit is null for a drawing that is no digit
 */
export function verdict(probabilities, familiarity) {
  const [first, second] = [...Array(probabilities.length).keys()].sort((a, b) => probabilities[b] - probabilities[a]);
  const [most, next] = [probabilities[first], probabilities[second]];
  const likeness = familiarity ?? 1;
  const answer = { digit: first, second, sure: false, mark: "?" };
  if (likeness < STRANGE) {
    return { ...answer, digit: null, mark: "–", says: "No digit, it seems", detail: `Nearest to ${first}` };
  }
  if (most - next < CLOSE) {
    return { ...answer, says: `Not sure: ${first} or ${second}`, detail: `${percent(most)} and ${percent(next)}` };
  }
  const detail = percent(most);
  if (likeness < DOUBTFUL) {
    return { ...answer, second: first, says: `Not sure: perhaps ${first}`, detail: `${detail}, but few digits look so` };
  }
  return { ...answer, sure: true, mark: `${first}`, says: `Looks like ${named(first)}`, detail };
}
