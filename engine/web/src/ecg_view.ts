// SPDX-License-Identifier: Apache-2.0
// A tracing on millimetre paper. It draws what was recorded and interprets nothing.
import { html, nothing, type PropertyValues } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import type { EcgExam } from "./api_types";
import { durationS, kPulseS, kSheetS, layoutEcg, tracePoints, usesGrid } from "./ecg_layout";
import type { Arrangement, EcgLayout, EcgScale } from "./ecg_layout";
import { Page, t, writtenInstant } from "./text";

const kGains = [5, 10, 20];
const kSpeeds = [25, 50];
// CSS pixels a millimetre. Below 3 the small squares melt; beyond 5 a sheet no longer fits a screen.
const kMinScale = 3;
const kMaxScale = 5;

@customElement("telavis-ecg")
export class EcgView extends Page {
  @property({ attribute: false }) exam?: EcgExam;
  @state() private scale: EcgScale = { speed: 25, gain: 10 };
  @state() private arrangement: Arrangement = "grid";
  @state() private fromS = 0;
  private readonly resized = new ResizeObserver(() => this.draw());
  private readonly dark = matchMedia("(prefers-color-scheme: dark)");
  private readonly redraw = (): void => this.draw();

  override connectedCallback(): void {
    super.connectedCallback();
    this.resized.observe(this);
    this.dark.addEventListener("change", this.redraw);
  }
  override disconnectedCallback(): void {
    this.resized.disconnect();
    this.dark.removeEventListener("change", this.redraw);
    super.disconnectedCallback();
  }
  protected override updated(_: PropertyValues): void {
    this.draw();
  }

  private draw(): void {
    const canvas = this.querySelector("canvas");
    const frame = canvas?.parentElement;
    const ink = canvas?.getContext("2d");
    if (!canvas || !frame || !ink || !this.exam) return;
    const layout = layoutEcg(this.exam.leads, this.scale, this.arrangement, this.fromS);
    const fitting = Math.min(kMaxScale, Math.max(kMinScale, frame.clientWidth / layout.widthMm));
    // A whole number of device pixels a millimetre keeps every square the same, and sharp.
    const unit = Math.max(2, Math.floor(fitting * devicePixelRatio));
    // The paper goes on to the edge of its frame.
    canvas.width = Math.max(layout.widthMm * unit + 1, Math.floor(frame.clientWidth * devicePixelRatio));
    canvas.height = layout.heightMm * unit + 1;
    canvas.style.width = `${canvas.width / devicePixelRatio}px`;
    canvas.style.height = `${canvas.height / devicePixelRatio}px`;
    const colour = (name: string): string => getComputedStyle(this).getPropertyValue(`--ecg-${name}`);
    ink.fillStyle = colour("paper");
    ink.fillRect(0, 0, canvas.width, canvas.height);
    grid(ink, unit, colour("fine"));
    grid(ink, 5 * unit, colour("thick"));
    ink.strokeStyle = ink.fillStyle = colour("trace");
    ink.lineWidth = Math.max(1, unit * 0.28);
    ink.lineJoin = "round";
    this.drawPulses(ink, layout, unit);
    this.drawCells(ink, layout, unit);
  }

  private drawPulses(ink: CanvasRenderingContext2D, layout: EcgLayout, unit: number): void {
    const { speed, gain } = this.scale;
    ink.beginPath();
    for (const { xMm, baselineMm } of layout.pulses) {
      const [left, right] = [xMm, xMm + kPulseS * speed];
      const [low, high] = [baselineMm, baselineMm - gain];
      ink.moveTo((left - 1) * unit, low * unit);
      for (const [x, y] of [[left, low], [left, high], [right, high], [right, low], [right + 1, low]] as const) {
        ink.lineTo(x * unit, y * unit);
      }
    }
    ink.stroke();
  }

  private drawCells(ink: CanvasRenderingContext2D, layout: EcgLayout, unit: number): void {
    ink.font = `600 ${Math.round(unit * 3.4)}px system-ui, sans-serif`;
    for (const cell of layout.cells) {
      ink.fillText(cell.lead.code + (cell.lead.derived ? "*" : ""), (cell.xMm + 1) * unit, cell.labelMm * unit);
      const points = tracePoints(cell, this.scale);
      ink.beginPath();
      for (let i = 0; i < points.length; i += 2) ink.lineTo(points[i]! * unit, points[i + 1]! * unit);
      ink.stroke();
    }
  }

  protected override render(): unknown {
    if (!this.exam) return nothing;
    const { leads, device, acquired_at } = this.exam;
    const total = durationS(leads);
    const title = [t("web.ecg.title"), writtenInstant(acquired_at), `${device.manufacturer} ${device.model}`.trim()];
    return html`
      <div class="bar">
        ${this.choice("web.ecg.speed", kSpeeds, this.scale.speed, "mm/s", (speed) => (this.scale = { ...this.scale, speed }))}
        ${this.choice("web.ecg.gain", kGains, this.scale.gain, "mm/mV", (gain) => (this.scale = { ...this.scale, gain }))}
        ${usesGrid(leads) ? this.arrangementChoice() : nothing}
        ${total > kSheetS ? this.pager(total) : nothing}
      </div>
      <div class="paper" tabindex="0" role="region" aria-label=${t("web.ecg.title")}>
        <canvas
          role="img"
          aria-label=${t("web.ecg.described", {
            leads: leads.map((lead) => lead.code).join(", "),
            seconds: Math.round(total * 10) / 10,
          })}
        ></canvas>
      </div>
      <p class="hint">
        ${title.filter(Boolean).join(" · ")} · ${this.scale.speed} mm/s · ${this.scale.gain} mm/mV
        ${leads.some((lead) => lead.derived) ? html` · ${t("web.ecg.derived")}` : nothing}
      </p>`;
  }

  private choice(
    label: "web.ecg.speed" | "web.ecg.gain", values: number[], chosen: number, unit: string,
    take: (value: number) => void,
  ): unknown {
    return html`<label class="inline">
      ${t(label)}
      <select @change=${(e: Event) => take(Number((e.target as HTMLSelectElement).value))}>
        ${values.map((v) => html`<option value=${v} ?selected=${v === chosen}>${v} ${unit}</option>`)}
      </select>
    </label>`;
  }

  private arrangementChoice(): unknown {
    const take = (e: Event): void => {
      this.arrangement = (e.target as HTMLSelectElement).value as Arrangement;
    };
    return html`<label class="inline">
      ${t("web.ecg.arrangement")}
      <select @change=${take}>
        <option value="grid">${t("web.ecg.grid")}</option>
        <option value="strips">${t("web.ecg.strips")}</option>
      </select>
    </label>`;
  }

  private pager(total: number): unknown {
    const move = (by: number) => (): void => {
      this.fromS += by;
    };
    return html`<span class="inline">
      <button ?disabled=${this.fromS <= 0} aria-label=${t("web.ecg.earlier")} @click=${move(-kSheetS)}>‹</button>
      ${this.fromS}–${Math.min(this.fromS + kSheetS, Math.ceil(total))} s / ${Math.round(total)} s
      <button ?disabled=${this.fromS + kSheetS >= total} aria-label=${t("web.ecg.later")} @click=${move(kSheetS)}>›</button>
    </span>`;
  }
}

function grid(ink: CanvasRenderingContext2D, step: number, colour: string): void {
  const { width, height } = ink.canvas;
  ink.strokeStyle = colour;
  ink.lineWidth = 1;
  ink.beginPath();
  for (let x = 0.5; x < width; x += step) {
    ink.moveTo(x, 0);
    ink.lineTo(x, height);
  }
  for (let y = 0.5; y < height; y += step) {
    ink.moveTo(0, y);
    ink.lineTo(width, y);
  }
  ink.stroke();
}
