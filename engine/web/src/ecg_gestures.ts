// SPDX-License-Identifier: Apache-2.0
// Pointers on a tracing: one moves it, two pinch it, one draws a caliper while calipers are placed.

/** In CSS pixels from the upper left corner of the element. */
export interface Point {
  x: number;
  y: number;
}
export interface GestureTarget {
  /** True while a pointer draws instead of moving. */
  draws: () => boolean;
  pan: (dx: number, dy: number) => void;
  zoom: (factor: number, at: Point) => void;
  draw: (from: Point, to: Point, done: boolean) => void;
}

const kWheelStep = 1.0015; // a notch of 100 px zooms by 16 %

/** Listens until the signal says stop. Marks (`.handle`) have pointers of their own. */
export function followPointers(element: HTMLElement, target: GestureTarget, signal: AbortSignal): void {
  const held = new Map<number, Point>();
  let start: Point | undefined; // of a caliper being drawn
  const pointOf = (event: MouseEvent): Point => {
    const box = element.getBoundingClientRect();
    return { x: event.clientX - box.left - element.clientLeft, y: event.clientY - box.top - element.clientTop };
  };
  const down = (event: PointerEvent): void => {
    if (event.button !== 0 || (event.target as Element).closest(".handle")) return;
    held.set(event.pointerId, pointOf(event));
    element.setPointerCapture(event.pointerId);
    start = target.draws() && held.size === 1 ? pointOf(event) : undefined;
  };
  const move = (event: PointerEvent): void => {
    const before = held.get(event.pointerId);
    if (!before) return;
    const now = pointOf(event);
    const other = [...held].find(([id]) => id !== event.pointerId)?.[1];
    held.set(event.pointerId, now);
    if (start) {
      target.draw(start, now, false);
    } else if (other) {
      const apart = (point: Point): number => Math.max(1, Math.hypot(point.x - other.x, point.y - other.y));
      target.zoom(apart(now) / apart(before), { x: (now.x + other.x) / 2, y: (now.y + other.y) / 2 });
      target.pan((before.x - now.x) / 2, (before.y - now.y) / 2);
    } else {
      target.pan(before.x - now.x, before.y - now.y);
    }
  };
  const up = (event: PointerEvent): void => {
    if (!held.delete(event.pointerId) || !start) return;
    const from = start;
    start = undefined;
    if (event.type === "pointerup") target.draw(from, pointOf(event), true);
  };
  const wheel = (event: WheelEvent): void => {
    // The wheel alone scrolls the page, as everywhere else on it.
    if (event.ctrlKey || event.metaKey) {
      event.preventDefault();
      target.zoom(kWheelStep ** -event.deltaY, pointOf(event));
    } else if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
      event.preventDefault();
      target.pan(event.deltaX || event.deltaY, 0);
    }
  };
  element.addEventListener("pointerdown", down, { signal });
  element.addEventListener("pointermove", move, { signal });
  element.addEventListener("pointerup", up, { signal });
  element.addEventListener("pointercancel", up, { signal });
  element.addEventListener("wheel", wheel, { signal, passive: false });
}
