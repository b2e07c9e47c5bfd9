// SPDX-License-Identifier: Apache-2.0
// A chart of months by uPlot; the table under it says the same in numbers.
import { html } from "lit";
import { customElement, property } from "lit/decorators.js";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { decimal, Page } from "./text";

export interface Line {
  label: string;
  /** Of each month; null: none, or masked. */
  values: (number | null)[];
  /** A custom property of the style sheet: "--accent". */
  colour: string;
  bars?: boolean;
  dashed?: boolean;
}

const kHeight = 240;
const kBarShare = 0.6;
const kLeastWidth = 200;

@customElement("telavis-chart")
export class FigureChart extends Page {
  @property() label = "";
  @property() unit = "";
  @property({ attribute: false }) months: string[] = [];
  @property({ attribute: false }) lines: Line[] = [];
  private chart?: uPlot;
  private readonly scheme = matchMedia("(prefers-color-scheme: dark)");
  private readonly redraw = (): void => this.draw();
  private readonly resized = new ResizeObserver(() => this.fit());

  override connectedCallback(): void {
    super.connectedCallback();
    this.scheme.addEventListener("change", this.redraw);
    this.resized.observe(this);
  }
  override disconnectedCallback(): void {
    this.scheme.removeEventListener("change", this.redraw);
    this.resized.disconnect();
    this.chart?.destroy();
    this.chart = undefined;
    super.disconnectedCallback();
  }
  protected override render(): unknown {
    return html`<div class="chart" role="img" aria-label=${this.label}></div>`;
  }
  protected override updated(): void {
    this.draw();
  }

  private width(): number {
    return Math.max(kLeastWidth, this.clientWidth);
  }
  private fit(): void {
    if (this.chart && this.chart.width !== this.width()) this.chart.setSize({ width: this.width(), height: kHeight });
  }
  private draw(): void {
    this.chart?.destroy();
    const target = this.querySelector<HTMLElement>(".chart");
    if (!target) return;
    const style = getComputedStyle(this);
    const colour = (name: string): string => style.getPropertyValue(name).trim();
    const axis = { stroke: colour("--soft"), grid: { stroke: colour("--line"), width: 1 }, ticks: { stroke: colour("--line"), width: 1 } };
    this.chart = new uPlot(
      {
        width: this.width(), height: kHeight, legend: { show: true, live: false }, cursor: { show: false },
        scales: { x: { time: false, range: [-0.6, Math.max(0, this.months.length - 1) + 0.6] }, y: { range: (_chart, _least, most) => [0, Math.max(1, most * 1.1)] } },
        axes: [
          { ...axis, grid: { show: false }, splits: () => this.shownMonths(), values: (_chart, splits) => splits.map((at) => this.months[at] ?? "") },
          { ...axis, size: 56, values: (_chart, splits) => splits.map((value) => `${decimal(value, 1)}${this.unit}`) },
        ],
        series: [{ label: "" }, ...this.lines.map((line) => this.series(line, colour(line.colour)))],
      },
      [this.months.map((_month, at) => at), ...this.lines.map((line) => line.values)] as uPlot.AlignedData,
      target,
    );
  }
  /** As many months as there is room for their names. */
  private shownMonths(): number[] {
    const every = Math.max(1, Math.ceil((this.months.length * 80) / this.width()));
    return this.months.map((_month, at) => at).filter((at) => at % every === 0);
  }
  private series(line: Line, stroke: string): uPlot.Series {
    const base: uPlot.Series = { label: line.label, stroke, width: 2, spanGaps: false };
    if (line.bars) return { ...base, fill: stroke, paths: uPlot.paths.bars?.({ size: [kBarShare, 60] }), points: { show: false } };
    return { ...base, ...(line.dashed ? { dash: [6, 4] } : {}), points: { show: true, size: 7, fill: stroke } };
  }
}
