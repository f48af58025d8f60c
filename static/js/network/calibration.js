/** How far a network's certainty can be trusted, and what it takes for no digit: the twin of training/calibration.py. */

const SHARES = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5]; // of real digits

export class Calibration {
  /** @param {number} temperature @param {number[]} quantiles certainties that SHARES of real digits don't reach */
  constructor(temperature, quantiles) {
    this.temperature = temperature;
    this.certainties = [0, ...quantiles, 1];
    this.shares = [0, ...SHARES, 1];
  }

  /** What a network's file says of it. @param {Record<string, string>} metadata @returns {Calibration | null} */
  static from(metadata) {
    try {
      const { temperature, quantiles } = JSON.parse(metadata.calibration);
      return temperature > 0 && quantiles.length === SHARES.length ? new Calibration(temperature, quantiles) : null;
    } catch {
      return null;
    }
  }

  /**
   * The share of real digits that look less like digits than what was read.
   * @param {Float32Array} probabilities of the ten digits @returns {number}
   */
  familiarity(probabilities) {
    const sharp = [...probabilities].map((probability) => probability ** (1 / this.temperature));
    const certainty = Math.max(...sharp) / sharp.reduce((sum, each) => sum + each, 0);
    const { certainties, shares } = this;
    const above = certainties.findIndex((quantile) => quantile >= certainty);
    if (above <= 0) return above === 0 ? 0 : 1;
    const along = (certainty - certainties[above - 1]) / (certainties[above] - certainties[above - 1]);
    return shares[above - 1] + along * (shares[above] - shares[above - 1]);
  }
}
