/** Adds the product of a sparse vector and a matrix to sums: most of a network's time goes here. */

const SPARE = 4; // places after the last number, so that four can be read at a time

export class Product {
  /** @param {number} most numbers at once */
  constructor(most) {
    this.values = new Float32Array(most + SPARE);
    this.rows = new Int32Array(most + SPARE); // of the matrix, one for each value
    this.count = 0;
  }

  /**
   * Take the numbers of x that are not 0: most of an image is paper, and a ReLU silences many units.
   * @param {Float32Array} x @param {number} from @param {number} count
   * @param {number} row of the matrix for the first of them
   */
  take(x, from, count, row) {
    const { values, rows } = this;
    let taken = this.count;
    for (let i = 0; i < count; i++) {
      const value = x[from + i];
      values[taken] = value;
      rows[taken] = row + i;
      if (value !== 0) taken++; // cheaper than a branch that no processor can predict
    }
    this.count = taken;
  }

  /**
   * Add the product of the numbers taken and the matrix to sums, and forget the numbers.
   * @param {Float32Array} matrix row by row @param {number} width of its rows
   * @param {Float32Array} sums @param {number} at the first of the `width` sums
   */
  addTo(matrix, width, sums, at) {
    const { values, rows, count } = this;
    values.fill(0, count, count + SPARE);
    rows.fill(0, count, count + SPARE);
    // Four rows at a time: a fourth of the loads and stores of sums.
    for (let i = 0; i < count; i += 4) {
      const a = values[i];
      const p = rows[i] * width;
      const b = values[i + 1];
      const q = rows[i + 1] * width;
      const c = values[i + 2];
      const r = rows[i + 2] * width;
      const d = values[i + 3];
      const s = rows[i + 3] * width;
      for (let j = 0; j < width; j++) {
        sums[at + j] += a * matrix[p + j] + b * matrix[q + j] + c * matrix[r + j] + d * matrix[s + j];
      }
    }
    this.count = 0;
  }
}
