// SPDX-License-Identifier: Apache-2.0
// One tracing on its paper: draws it, moves over it, carries the handles of the calipers.
import { html, nothing, type PropertyValues } from "lit";
import { customElement, property } from "lit/decorators.js";
import { inksOf, paintMarks, SheetPainter, type Inks, type Scene } from "./ecg_canvas";
import { moved, type Caliper, type Mark } from "./ecg_calipers";
import { followPointers, type Point } from "./ecg_gestures";
import { durationS, kSheetS, layoutEcg, type Arrangement, type EcgLayout, type EcgLead, type EcgScale } from "./ecg_layout";
import { cellOf, clamped, panned, pointOf, spotAt, zoomed, type EcgWindow, type Extent } from "./ecg_window";
import { decimal, Page, t } from "./text";

// Told by events: telavis-window (EcgWindow), telavis-placed (PlacedCaliper), telavis-mark (MovedMark),
// telavis-mark-removed (id of the caliper), telavis-lead (code of a lead clicked twice).
export interface PlacedCaliper {
  lead: string;
  marks: [Mark, Mark];
}
export interface MovedMark {
  id: number;
  at: 0 | 1;
  mark: Mark;
}

// CSS pixels a millimetre. Below 3 the small squares melt; beyond 5 a sheet no longer fits a screen.
const kLeastFit = 3;
const kMostFit = 5;
const kLeastHeight = 260;
const kMostOfWindow = 0.8;
const kZoomStep = 1.25;
const kPanMm = 5;
const kPageMm = 50;
const kNewCaliperS = 0.2;
const kClickPx = 4; // a pointer that moves less has not drawn anything
const kStepMv = 0.01;
const kLargeStepMv = 0.1;

@customElement("telavis-ecg-stage")
export class EcgStage extends Page {
  @property({ attribute: false }) leads: readonly EcgLead[] = [];
  @property({ attribute: false }) under: readonly EcgLead[] = [];
  @property({ attribute: false }) shiftS = 0;
  @property({ attribute: false }) scale: EcgScale = { speed: 25, gain: 10 };
  @property({ attribute: false }) arrangement: Arrangement = "grid";
  @property({ attribute: false }) calipers: readonly Caliper[] = [];
  @property({ attribute: false }) placing = false;
  /** CSS pixels a millimetre, where something else than what fits is wanted. */
  @property({ attribute: false }) unit?: number;
  @property() label = "";
  private view: EcgWindow = { xMm: 0, yMm: 0, unit: kLeastFit, fromS: 0 };
  private layout?: EcgLayout;
  private drawn?: PlacedCaliper;
  private readonly painter = new SheetPainter();
  private frame = 0;
  private readonly resized = new ResizeObserver(() => this.redraw());
  private readonly dark = matchMedia("(prefers-color-scheme: dark)");
  private inks?: Inks;
  private listening?: AbortController;

  private readonly recoloured = (): void => {
    this.inks = undefined;
    this.redraw();
  };
  override connectedCallback(): void {
    super.connectedCallback();
    this.resized.observe(this);
    this.dark.addEventListener("change", this.recoloured);
    if (this.hasUpdated) this.listen();
  }
  override disconnectedCallback(): void {
    cancelAnimationFrame(this.frame);
    this.frame = 0;
    this.listening?.abort();
    this.resized.disconnect();
    this.dark.removeEventListener("change", this.recoloured);
    super.disconnectedCallback();
  }
  protected override firstUpdated(): void {
    this.listen();
  }
  private listen(): void {
    this.listening = new AbortController();
    followPointers(this.paper, {
      draws: () => this.placing,
      pan: (dx, dy) => this.pan(dx / this.view.unit, dy / this.view.unit),
      zoom: (factor, at) => this.zoomAt(this.view.unit * factor, at),
      draw: (from, to, done) => this.drawCaliper(from, to, done),
    }, this.listening.signal);
  }
  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has("leads") || changed.has("scale") || changed.has("arrangement")) this.layout = undefined;
  }
  protected override updated(changed: PropertyValues<this>): void {
    if (changed.has("unit") && this.unit !== undefined) {
      this.view = { ...this.view, unit: this.unit };
      this.chosen = true;
      this.paper.style.height = "";
    }
    if (changed.has("scale") || changed.has("arrangement")) this.paper.style.height = "";
    this.draw();
  }

  // ---- the window

  private get paper(): HTMLElement {
    return this.querySelector<HTMLElement>(".paper")!;
  }
  private get totalS(): number {
    return durationS(this.leads);
  }
  private get seen(): Extent {
    return { width: this.paper.clientWidth, height: this.paper.clientHeight };
  }
  private sheet(): EcgLayout {
    this.layout ??= layoutEcg(this.leads, this.scale, this.arrangement, this.view.fromS);
    return this.layout;
  }
  /** What shows the usual ten seconds, within what a person can read. */
  private fitting(layout: EcgLayout): number {
    const lengthS = Math.min(kSheetS, Math.max(1, this.totalS));
    const wide = layout.continuous ? layout.leftMm + lengthS * this.scale.speed : layout.widthMm;
    return Math.min(kMostFit, Math.max(kLeastFit, this.paper.clientWidth / wide));
  }
  private moveTo(view: EcgWindow): void {
    if (view.fromS !== this.view.fromS) this.layout = undefined;
    this.view = view;
    this.redraw();
    this.dispatchEvent(new CustomEvent("telavis-window", { detail: view }));
  }
  private pan(dxMm: number, dyMm: number): void {
    this.moveTo(panned(this.view, dxMm, dyMm, this.sheet(), this.scale, this.seen, this.totalS));
  }
  private zoomAt(unit: number, at: Point): void {
    this.unit = undefined;
    this.chosen = true;
    this.moveTo(zoomed(this.view, unit, at.x, at.y, this.sheet(), this.seen, this.totalS));
  }
  private chosen = false; // a zoom that somebody has asked for outlives a resized window
  /** Zooms about the middle of what is seen. */
  zoom(factor: number): void {
    this.zoomAt(this.view.unit * factor, { x: this.seen.width / 2, y: this.seen.height / 2 });
  }
  fit(): void {
    this.chosen = false;
    this.unit = undefined;
    this.moveTo({ ...this.view, xMm: 0, yMm: 0 });
  }
  /** Moves in time by so many seconds. */
  shift(seconds: number): void {
    if (this.sheet().continuous) this.pan(seconds * this.scale.speed, 0);
    else this.moveTo(clamped({ ...this.view, fromS: this.view.fromS + seconds }, this.sheet(), this.seen, this.totalS));
  }
  get window(): EcgWindow {
    return this.view;
  }
  /** Where the cells stand on the sheet. */
  get geometry(): EcgLayout {
    return this.sheet();
  }

  // ---- drawing

  private redraw(): void {
    this.frame ||= requestAnimationFrame(() => {
      this.frame = 0;
      this.draw();
    });
  }
  private draw(): void {
    if (!this.isConnected || this.leads.length === 0) return;
    if (this.paper.clientWidth === 0) return; // hidden, behind the entrance: it is drawn when it has a size again
    const sheet = this.sheet();
    if (!this.chosen) this.view = { ...this.view, unit: this.fitting(sheet) };
    this.setHeight(sheet);
    this.view = clamped(this.view, sheet, this.seen, this.totalS);
    const layout = this.sheet();
    this.inks ??= inksOf(this);
    const ratio = devicePixelRatio;
    const scene: Scene = {
      layout, scale: this.scale, ratio, shiftS: this.shiftS, view: { ...this.view, unit: this.view.unit * ratio },
      ...(this.under.length > 0 ? { under: layoutEcg(this.under, this.scale, this.arrangement, this.view.fromS) } : {}),
    };
    const [canvas, marks] = this.querySelectorAll("canvas");
    const ink = this.inkOf(canvas, ratio, false);
    if (ink) this.painter.paint(ink, scene, this.inks);
    const markInk = this.inkOf(marks, ratio, true);
    if (markInk) paintMarks(markInk, scene, this.shownCalipers(), this.inks, this.totalS);
    this.placeHandles(layout);
  }
  /** As high as the sheet; once somebody zooms, as it was: the page stays still under his hand. */
  private setHeight(layout: EcgLayout): void {
    if (this.chosen && this.paper.style.height) return;
    if (document.fullscreenElement?.contains(this)) {
      this.paper.style.height = "";
      return;
    }
    const wanted = Math.max(kLeastHeight, Math.min(layout.heightMm * this.view.unit, innerHeight * kMostOfWindow));
    this.paper.style.height = `${Math.round(wanted)}px`;
  }
  private inkOf(canvas: HTMLCanvasElement | undefined, ratio: number, alpha: boolean): CanvasRenderingContext2D | null {
    if (!canvas) return null;
    const [width, height] = [Math.round(this.seen.width * ratio), Math.round(this.seen.height * ratio)];
    if (canvas.width !== width || canvas.height !== height) [canvas.width, canvas.height] = [width, height];
    // Its pixels are made by the processor: it keeps them.
    return canvas.getContext("2d", { alpha, willReadFrequently: !alpha });
  }
  private shownCalipers(): readonly Caliper[] {
    if (!this.drawn) return this.calipers;
    return [...this.calipers, { id: this.calipers.length + 1, role: "free", marching: false, ...this.drawn }];
  }
  private placeHandles(layout: EcgLayout): void {
    const { width, height } = this.seen;
    for (const handle of this.querySelectorAll<HTMLElement>(".handle")) {
      const caliper = this.calipers.find((one) => one.id === Number(handle.dataset["caliper"]));
      const mark = caliper?.marks[Number(handle.dataset["mark"])];
      const cell = mark && cellOf(layout, caliper!.lead, mark.seconds);
      const point = cell && pointOf(cell, this.scale, mark.seconds, mark.mv);
      const x = point ? (point.xMm - this.view.xMm) * this.view.unit : -1;
      const y = point ? (point.yMm - this.view.yMm) * this.view.unit : -1;
      // One that is out of sight stays within reach of the keyboard, at the edge.
      handle.toggleAttribute("data-away", x < 0 || y < 0 || x > width || y > height);
      handle.style.transform = `translate(${Math.min(Math.max(x, 0), width)}px, ${Math.min(Math.max(y, 0), height)}px)`;
    }
  }

  // ---- calipers

  private sampleS(code: string): number {
    const lead = this.leads.find((one) => one.code === code) ?? this.leads[0]!;
    return lead.sampling_interval_us / 1e6;
  }
  private placeOf(from: Point, to: Point): PlacedCaliper | undefined {
    const onSheet = ({ x, y }: Point): [number, number] => [x / this.view.unit + this.view.xMm, y / this.view.unit + this.view.yMm];
    const first = spotAt(this.sheet(), this.scale, ...onSheet(from));
    if (!first) return undefined;
    const { cell } = first;
    const code = cell.lead.code;
    const [xMm, yMm] = onSheet(to);
    const click = Math.hypot(to.x - from.x, to.y - from.y) < kClickPx;
    const seconds = click ? first.seconds + kNewCaliperS : cell.startS + (xMm - cell.xMm) / this.scale.speed;
    const mv = click ? first.mv : (cell.baselineMm - yMm) / this.scale.gain;
    const snap = (mark: Mark): Mark => moved(mark, 0, this.sampleS(code), 0, this.totalS);
    return { lead: code, marks: [snap(first), snap({ seconds: Math.min(seconds, cell.startS + cell.lengthS), mv })] };
  }
  private drawCaliper(from: Point, to: Point, done: boolean): void {
    const placed = this.placeOf(from, to);
    this.drawn = done ? undefined : placed;
    if (done && placed) this.dispatchEvent(new CustomEvent("telavis-placed", { detail: placed }));
    this.redraw();
  }
  private placeInTheMiddle(): void {
    const middle = { x: this.seen.width / 2, y: this.seen.height / 2 };
    this.drawCaliper(middle, middle, true);
  }
  private report(caliper: Caliper, at: 0 | 1, mark: Mark): void {
    this.dispatchEvent(new CustomEvent<MovedMark>("telavis-mark", { detail: { id: caliper.id, at, mark } }));
  }
  private drag(event: PointerEvent, caliper: Caliper, at: 0 | 1): void {
    const handle = event.currentTarget as HTMLElement;
    if (event.type === "pointerdown") {
      handle.setPointerCapture(event.pointerId);
      return;
    }
    if (!handle.hasPointerCapture(event.pointerId)) return;
    const cell = cellOf(this.sheet(), caliper.lead, caliper.marks[at].seconds);
    if (!cell) return;
    const box = this.paper.getBoundingClientRect();
    const xMm = (event.clientX - box.left - this.paper.clientLeft) / this.view.unit + this.view.xMm;
    const yMm = (event.clientY - box.top - this.paper.clientTop) / this.view.unit + this.view.yMm;
    const mark = { seconds: cell.startS + (xMm - cell.xMm) / this.scale.speed, mv: (cell.baselineMm - yMm) / this.scale.gain };
    this.report(caliper, at, moved(mark, 0, this.sampleS(caliper.lead), 0, this.totalS));
  }
  private nudge(event: KeyboardEvent, caliper: Caliper, at: 0 | 1): void {
    const sampleS = this.sampleS(caliper.lead);
    const samples = event.shiftKey ? Math.max(1, Math.round(1 / this.scale.speed / sampleS)) : 1;
    const mv = event.shiftKey ? kLargeStepMv : kStepMv;
    const steps: Record<string, [number, number]> = {
      ArrowLeft: [-samples, 0], ArrowRight: [samples, 0], ArrowUp: [0, mv], ArrowDown: [0, -mv],
    };
    const step = steps[event.key];
    const removes = event.key === "Delete" || event.key === "Backspace";
    if (!step && !removes) return;
    event.preventDefault();
    event.stopPropagation();
    if (step) this.report(caliper, at, moved(caliper.marks[at], step[0], sampleS, step[1], this.totalS));
    else this.dispatchEvent(new CustomEvent("telavis-mark-removed", { detail: caliper.id }));
  }

  // ---- keys and pointers on the paper

  private key(event: KeyboardEvent): void {
    if (event.target !== event.currentTarget || event.ctrlKey || event.metaKey || event.altKey) return;
    const mm = event.shiftKey ? kPageMm : kPanMm;
    const whole = this.totalS * this.scale.speed * 2;
    const keys: Record<string, () => void> = {
      ArrowLeft: () => this.pan(-mm, 0), ArrowRight: () => this.pan(mm, 0),
      ArrowUp: () => this.pan(0, -mm), ArrowDown: () => this.pan(0, mm),
      PageUp: () => this.shift(-kSheetS), PageDown: () => this.shift(kSheetS),
      Home: () => this.pan(-whole, 0), End: () => this.pan(whole, 0),
      "+": () => this.zoom(kZoomStep), "=": () => this.zoom(kZoomStep), "-": () => this.zoom(1 / kZoomStep), "0": () => this.fit(),
      ...(this.placing ? { Enter: () => this.placeInTheMiddle() } : {}),
    };
    const act = keys[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  }
  private chooseLead(event: MouseEvent): void {
    const box = this.paper.getBoundingClientRect();
    const spot = spotAt(this.sheet(), this.scale,
      (event.clientX - box.left) / this.view.unit + this.view.xMm, (event.clientY - box.top) / this.view.unit + this.view.yMm);
    if (spot && !this.placing) this.dispatchEvent(new CustomEvent("telavis-lead", { detail: spot.cell.lead.code }));
  }

  protected override render(): unknown {
    const codes = this.leads.map((lead) => lead.code).join(", ");
    return html`<div
      class="paper" tabindex="0" role="region" aria-label=${this.label} ?data-placing=${this.placing}
      @keydown=${this.key} @dblclick=${this.chooseLead}
    >
      <canvas role="img" aria-label=${t("web.ecg.described", { leads: codes, seconds: decimal(this.totalS, 1) })}></canvas>
      ${this.calipers.length > 0 || this.placing ? html`<canvas class="marks" aria-hidden="true"></canvas>` : nothing}
      ${this.calipers.map((caliper) => [this.handle(caliper, 0), this.handle(caliper, 1)])}
    </div>`;
  }

  private handle(caliper: Caliper, at: 0 | 1): unknown {
    const mark = caliper.marks[at];
    const words = { seconds: decimal(mark.seconds, 3), mv: decimal(mark.mv, 2) };
    const drag = (event: PointerEvent): void => this.drag(event, caliper, at);
    return html`<div
      class="handle" tabindex="0" role="slider" data-caliper=${caliper.id} data-mark=${at}
      aria-label=${t("web.ecg.mark", { n: caliper.id, mark: at + 1 })}
      aria-valuemin="0" aria-valuemax=${Math.round(this.totalS * 1000)} aria-valuenow=${Math.round(mark.seconds * 1000)}
      aria-valuetext=${t("web.ecg.mark_at", words)}
      @keydown=${(event: KeyboardEvent) => this.nudge(event, caliper, at)} @pointerdown=${drag} @pointermove=${drag}
    ></div>`;
  }
}
