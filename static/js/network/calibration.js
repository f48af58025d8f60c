/** How much an answer looks like that to a real digit: the twin of training/ml/evaluation/calibration.py. */

const SHARES = [0, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1]; // of real digits

/**
 * Measure likeness to digits by the calibration of a network.
 * @param {Record<string, string>} metadata of the network's file
 * @returns {(probabilities: Float32Array) => number | null} the share of real digits that look less like digits than
 *   the image with these ten probabilities; null for a network without calibration
 */
export function familiarityBy({ calibration }) {
  const { temperature, quantiles } = JSON.parse(calibration ?? "{}");
  if (!(temperature > 0 && quantiles?.length === SHARES.length - 2)) return () => null;
  const certainties = [0, ...quantiles, 1];
  return (probabilities) => {
    const sharp = [...probabilities].map((probability) => probability ** (1 / temperature));
    const certainty = Math.max(...sharp) / sharp.reduce((sum, each) => sum + each);
    const i = certainties.findIndex((quantile) => quantile >= certainty);
    if (i < 1) return i + 1 ? 0 : 1;
    const along = (certainty - certainties[i - 1]) / (certainties[i] - certainties[i - 1]);
    return SHARES[i - 1] + along * (SHARES[i] - SHARES[i - 1]);
  };
}
