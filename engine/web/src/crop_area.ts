// SPDX-License-Identifier: Apache-2.0
// The part of a photo that is kept, as fractions of its width and height. Pure.

export interface CropArea {
  left: number;
  top: number;
  right: number;
  bottom: number;
}
export const kWhole: CropArea = { left: 0, top: 0, right: 1, bottom: 1 };
const kLeast = 0.05; // of a side: less is a slip of the hand

const fraction = (value: number): number => Math.min(1, Math.max(0, value));

/** Between two corners in any order; undefined when it is too small to be meant. */
export function areaBetween(x0: number, y0: number, x1: number, y1: number): CropArea | undefined {
  const area = {
    left: fraction(Math.min(x0, x1)), top: fraction(Math.min(y0, y1)),
    right: fraction(Math.max(x0, x1)), bottom: fraction(Math.max(y0, y1)),
  };
  return area.right - area.left < kLeast || area.bottom - area.top < kLeast ? undefined : area;
}

/** One edge moved; the opposite one stays and is never passed. */
export function withEdge(area: CropArea, edge: keyof CropArea, value: number): CropArea {
  const limits: Record<keyof CropArea, [number, number]> = {
    left: [0, area.right - kLeast], top: [0, area.bottom - kLeast], right: [area.left + kLeast, 1], bottom: [area.top + kLeast, 1],
  };
  const [least, most] = limits[edge];
  return { ...area, [edge]: Math.min(Math.max(value, least), most) };
}

/** In whole pixels of a photo. */
export function pixelsOf(area: CropArea, width: number, height: number): { x: number; y: number; width: number; height: number } {
  const [x, y] = [Math.round(area.left * width), Math.round(area.top * height)];
  return {
    x, y, width: Math.max(1, Math.round(area.right * width) - x), height: Math.max(1, Math.round(area.bottom * height) - y),
  };
}
