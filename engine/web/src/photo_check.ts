// SPDX-License-Identifier: Apache-2.0
// Whether a picture is sharp and well lit, before it is kept: hints in words, never a refusal, and
// nothing about what it shows. Pure, so that it can be tested without a camera.

/** Four bytes a pixel (RGBA), rows from the top: as ImageData has them. */
export interface Pixels {
  data: ArrayLike<number>;
  width: number;
  height: number;
}
export interface PhotoMeasures {
  /** Variance of the Laplacian of the luma, in squared steps of 8 bits (Pech-Pacheco et al., ICPR 2000). */
  sharpness: number;
  /** Mean luma, 0 to 255. */
  light: number;
  /** Share of pixels that are as good as white. */
  glare: number;
}
export type PhotoHint = "blurred" | "dark" | "bright" | "glare";

// Chosen on pictures of skin in and out of focus, where little is edged: low, so that a hint means
// something. Unverified beyond these.
const kSharp = 20;
const kDark = 55;
const kBright = 205;
const kWhite = 250;
const kMostGlare = 0.08; // a dermoscope's gel, a flash

/** ITU-R BT.601 luma. */
function lumaOf({ data, width, height }: Pixels): Float32Array {
  const luma = new Float32Array(width * height);
  for (let i = 0; i < luma.length; i++) {
    luma[i] = 0.299 * (data[4 * i] ?? 0) + 0.587 * (data[4 * i + 1] ?? 0) + 0.114 * (data[4 * i + 2] ?? 0);
  }
  return luma;
}

/** Of the inner pixels, by the kernel of four neighbours; 0 when there are none. */
function laplacianVariance(luma: Float32Array, width: number, height: number): number {
  let sum = 0;
  let squares = 0;
  for (let y = 1; y < height - 1; y++) {
    for (let x = 1; x < width - 1; x++) {
      const i = y * width + x;
      const value = luma[i - 1]! + luma[i + 1]! + luma[i - width]! + luma[i + width]! - 4 * luma[i]!;
      sum += value;
      squares += value * value;
    }
  }
  const count = Math.max(0, width - 2) * Math.max(0, height - 2);
  return count === 0 ? 0 : squares / count - (sum / count) ** 2;
}

export function measured(pixels: Pixels): PhotoMeasures {
  const luma = lumaOf(pixels);
  const count = Math.max(1, luma.length);
  return {
    sharpness: laplacianVariance(luma, pixels.width, pixels.height),
    light: luma.reduce((sum, one) => sum + one, 0) / count,
    glare: luma.reduce((sum, one) => sum + (one >= kWhite ? 1 : 0), 0) / count,
  };
}

/** What to tell, the gravest first; empty: nothing. Dark and blurred go together: light comes first. */
export function hintsOf({ sharpness, light, glare }: PhotoMeasures): PhotoHint[] {
  const hints: PhotoHint[] = [];
  if (light < kDark) hints.push("dark");
  if (light > kBright) hints.push("bright");
  else if (glare > kMostGlare) hints.push("glare");
  if (sharpness < kSharp) hints.push("blurred");
  return hints;
}
