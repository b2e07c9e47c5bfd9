// SPDX-License-Identifier: Apache-2.0
// The viewer of a tracing. It draws what was recorded and interprets nothing. Calipers, QTc and
// filters exist only where somebody answers for the clinical tools (docs/regulation.md).
import { html, nothing, type PropertyValues } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { kApi } from "./api";
import type { EcgExam } from "./api_types";
import { calibrate, knownScale } from "./calibration";
import { moved, type Caliper, type CaliperRole, type Mark } from "./ecg_calipers";
import { filteredLead, kUnfiltered, type FilterChoice } from "./ecg_filters";
import { durationS, kSheetS, usesGrid, type Arrangement, type EcgLead, type EcgScale } from "./ecg_layout";
import { caliperPanel, deviceStatements, filterNotice, filterPanel } from "./ecg_panels";
import type { EcgStage, MovedMark, PlacedCaliper } from "./ecg_stage";
import "./ecg_stage";
import type { EcgWindow } from "./ecg_window";
import { decimal, Page, t, writtenInstant } from "./text";

const kGains = [5, 10, 20];
const kSpeeds = [25, 50];
const kZoomStep = 1.25;
const kMostCalipers = 8;
// Where the two calipers of a QT first stand: to be moved by the reader.
const kFirstQtS = 0.4;
const kFirstRrS = 0.8;
const kFirstRrMv = 0.8;
const kFallbackSampleS = 0.002;
const kTellMs = 80;

/** Another recording of the same case. */
export interface OtherEcg {
  n: number;
  exam: EcgExam;
}

const kNoLeads: readonly EcgLead[] = [];
const kNoCalipers: readonly Caliper[] = [];

const kWide = matchMedia("(min-width: 40rem)");

const chosenOf = (event: Event): string => (event.target as HTMLSelectElement).value;

@customElement("telavis-ecg")
export class EcgView extends Page {
  @property({ attribute: false }) exam?: EcgExam;
  @property({ attribute: false }) others: readonly OtherEcg[] = [];
  @property() caseId = "";
  @property({ type: Number }) n = 0;
  /** Whether the operator answers for the clinical tools. */
  @property({ attribute: false }) tools = false;
  /** Who is shown, for when the viewer fills the screen. */
  @property({ attribute: false }) identity: unknown = nothing;
  @state() private scale: EcgScale = { speed: 25, gain: 10 };
  @state() private arrangement: Arrangement = "grid";
  @state() private lead = "";
  @state() private calipers: readonly Caliper[] = [];
  @state() private placing = false;
  @state() private filters: FilterChoice = kUnfiltered;
  @state() private otherN = -1;
  @state() private over = false;
  @state() private shiftS = 0;
  @state() private screenUnit?: number; // CSS pixels a millimetre of this screen
  @state() private unit?: number; // asked of the stages
  @state() private shown?: EcgWindow;
  @state() private unfolded = false;
  private readonly rescaled = (): void => this.measure();

  override connectedCallback(): void {
    super.connectedCallback();
    this.screenUnit = this.unit = knownScale();
    visualViewport?.addEventListener("resize", this.rescaled);
    addEventListener("resize", this.rescaled);
    kWide.addEventListener("change", this.rescaled);
  }
  override disconnectedCallback(): void {
    clearTimeout(this.telling);
    visualViewport?.removeEventListener("resize", this.rescaled);
    removeEventListener("resize", this.rescaled);
    kWide.removeEventListener("change", this.rescaled);
    super.disconnectedCallback();
  }
  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has("exam") && this.exam) {
      const { leads } = this.exam;
      if (!usesGrid(leads)) this.arrangement = "strips";
      this.lead = leads.find((lead) => lead.code === "II")?.code ?? leads[0]?.code ?? "";
    }
    if (changed.has("tools") && !this.tools) [this.calipers, this.placing, this.filters] = [[], false, kUnfiltered];
  }
  private measure(): void {
    const before = this.screenUnit;
    this.screenUnit = knownScale();
    if (this.unit !== undefined && this.unit === before) this.unit = this.screenUnit; // it was true, and stays so
    this.requestUpdate();
  }
  private async calibrate(): Promise<void> {
    await calibrate();
    this.screenUnit = this.unit = knownScale();
    if (this.unit === undefined) for (const stage of this.stages()) stage.fit();
  }

  /** A stage was moved. What is written about it follows at some distance, so that moving leaves the page
   *  alone; that a scale is no longer true is said at once. */
  private tell(view: EcgWindow, own: boolean): void {
    if (this.unit !== undefined && view.unit !== this.unit) this.unit = undefined;
    if (!own) return;
    clearTimeout(this.telling);
    this.telling = window.setTimeout(() => (this.shown = view), kTellMs);
  }
  private telling = 0;

  private stages(): EcgStage[] {
    return [...this.querySelectorAll<EcgStage>("telavis-ecg-stage")];
  }

  // ---- what is drawn

  private readonly drawn = new WeakMap<EcgExam, { key: string; leads: readonly EcgLead[] }>();
  /** The same array as long as nothing has changed: a stage draws anew when it gets another one. */
  private shownLeads(exam: EcgExam): readonly EcgLead[] {
    const key = JSON.stringify([this.arrangement === "single" ? this.lead : "", this.filters]);
    const before = this.drawn.get(exam);
    if (before?.key === key) return before.leads;
    const leads = this.arrangement === "single" ? exam.leads.filter((lead) => lead.code === this.lead) : exam.leads;
    const drawn = (leads.length > 0 ? leads : exam.leads).map((lead) => filteredLead(lead, this.filters));
    this.drawn.set(exam, { key, leads: drawn });
    return drawn;
  }

  // ---- calipers

  private add(role: CaliperRole, lead: string, marks: [Mark, Mark]): Caliper {
    const id = Math.max(0, ...this.calipers.map((one) => one.id)) + 1;
    const caliper: Caliper = { id, role, lead, marks, marching: false };
    this.calipers = [...this.calipers, caliper];
    return caliper;
  }
  private async focusMark(id: number): Promise<void> {
    await this.updateComplete;
    const [stage] = this.stages();
    await stage?.updateComplete;
    stage?.querySelector<HTMLElement>(`.handle[data-caliper="${id}"]`)?.focus({ preventScroll: true });
  }
  private placed({ detail }: CustomEvent<PlacedCaliper>): void {
    this.placing = false;
    void this.focusMark(this.add("free", detail.lead, detail.marks).id);
  }
  private markMoved({ detail: { id, at, mark } }: CustomEvent<MovedMark>): void {
    this.calipers = this.calipers.map((one) =>
      one.id === id ? { ...one, marks: at === 0 ? [mark, one.marks[1]] : [one.marks[0], mark] } : one);
  }
  private takeOff(id: number): void {
    this.calipers = this.calipers.filter((one) => one.id !== id);
    this.querySelector<HTMLElement>("[data-action=caliper]")?.focus();
  }
  private march(id: number): void {
    this.calipers = this.calipers.map((one) => (one.id === id ? { ...one, marching: !one.marching } : one));
  }
  private async startPlacing(): Promise<void> {
    this.placing = !this.placing;
    await this.updateComplete;
    if (this.placing) this.querySelector<HTMLElement>("telavis-ecg-stage .paper")?.focus({ preventScroll: true });
  }
  private measureQt(): void {
    if (!this.exam) return;
    const had = this.calipers.some((one) => one.role !== "free");
    this.calipers = this.calipers.filter((one) => one.role === "free");
    if (had) return;
    const [stage] = this.stages();
    const cells = stage?.geometry.cells ?? [];
    const cell = cells.find((one) => one.lead.code === "II" && one.lengthS > kFirstRrS * 4) ?? cells[0];
    if (!stage || !cell) return;
    const { xMm, unit } = stage.window;
    const middle = cell.startS + (xMm + stage.clientWidth / unit / 3 - cell.xMm) / this.scale.speed;
    const sampleS = this.exam.leads[0] ? this.exam.leads[0].sampling_interval_us / 1e6 : kFallbackSampleS;
    const start = Math.max(cell.startS, Math.min(middle, cell.startS + cell.lengthS - kFirstRrS));
    const at = (seconds: number, mv: number): Mark => moved({ seconds, mv }, 0, sampleS, 0, durationS(this.exam!.leads));
    const qt = this.add("qt", cell.lead.code, [at(start, 0), at(start + kFirstQtS, 0)]);
    this.add("rr", cell.lead.code, [at(start, kFirstRrMv), at(start + kFirstRrS, kFirstRrMv)]);
    void this.focusMark(qt.id);
  }

  // ---- the page

  protected override render(): unknown {
    const { exam } = this;
    if (!exam) return nothing;
    const other = this.others.find((one) => one.n === this.otherN)?.exam;
    const beside = other && !this.over ? other : undefined;
    return html`
      <div class="over-screen">${this.identity}</div>
      ${this.viewBar(exam)} ${this.tools || this.others.length > 0 || !kWide.matches ? this.moreBar(exam, other) : nothing}
      ${filterNotice(this.filters)}
      <div class=${beside ? "stages beside" : "stages"}>
        ${this.stage(exam, other && this.over ? other : undefined, true, beside !== undefined)} ${beside ? this.stage(beside, undefined, false, true) : nothing}
      </div>
      ${this.placing ? html`<p class="notice" role="status">${t("web.ecg.placing")}</p>` : nothing} ${this.statusLine(exam)}
      ${this.tools ? caliperPanel(this.calipers, { march: (id) => this.march(id), remove: (id) => this.takeOff(id) }) : nothing}
      ${deviceStatements(exam)}
      <details class="findings"><summary>${t("web.ecg.keys")}</summary><p>${t("web.ecg.keys_view")}</p>
        ${this.tools ? html`<p>${t("web.ecg.keys_marks")}</p>` : nothing}</details>`;
  }

  private titleOf(exam: EcgExam): string {
    const { device, acquired_at } = exam;
    return [t("web.ecg.title"), writtenInstant(acquired_at), `${device.manufacturer} ${device.model}`.trim()].filter(Boolean).join(" · ");
  }
  private stage(exam: EcgExam, under: EcgExam | undefined, own: boolean, titled: boolean): unknown {
    return html`<div>
      ${!titled ? nothing : html`<p class="hint">${this.titleOf(exam)}</p>`}
      <telavis-ecg-stage
        label=${this.titleOf(exam)} .leads=${this.shownLeads(exam)} .under=${under ? this.shownLeads(under) : kNoLeads} .shiftS=${this.shiftS}
        .scale=${this.scale} .arrangement=${this.arrangement} .unit=${this.unit} .calipers=${own ? this.calipers : kNoCalipers} .placing=${own && this.placing}
        @telavis-window=${({ detail }: CustomEvent<EcgWindow>) => this.tell(detail, own)}
        @telavis-placed=${own ? this.placed : nothing} @telavis-mark=${own ? this.markMoved : nothing}
        @telavis-mark-removed=${({ detail }: CustomEvent<number>) => this.takeOff(detail)}
        @telavis-lead=${({ detail }: CustomEvent<string>) => this.chooseLead(detail)}
      ></telavis-ecg-stage>
    </div>`;
  }
  private chooseLead(code: string): void {
    if (this.arrangement === "single") this.arrangement = usesGrid(this.exam?.leads ?? []) ? "grid" : "strips";
    else [this.arrangement, this.lead] = ["single", code];
  }

  private select(label: string, name: string, options: readonly (readonly [string, string])[], chosen: string, take: (value: string) => void): unknown {
    return html`<label class="inline"><span class="word">${label}</span>
      <select name=${name} @change=${(event: Event) => take(chosenOf(event))}>
        ${options.map(([value, text]) => html`<option value=${value} ?selected=${value === chosen}>${text}</option>`)}
      </select></label>`;
  }
  private viewBar({ leads }: EcgExam): unknown {
    const grids = usesGrid(leads) ? ([["grid", t("web.ecg.grid")], ["columns", t("web.ecg.columns")]] as const) : [];
    const arrangements = [...grids, ["strips", t("web.ecg.strips")], ["single", t("web.ecg.single")]] as const;
    // A telephone shows what is touched all the time; the rest is folded, and the tracing has the room.
    return html`<div class="bar essential">
      ${this.select(t("web.ecg.arrangement"), "arrangement", arrangements, this.arrangement, (value) => (this.arrangement = value as Arrangement))}
      ${this.arrangement === "single"
        ? this.select(t("web.ecg.lead"), "lead", leads.map((lead) => [lead.code, lead.code] as const), this.lead, (value) => (this.lead = value))
        : nothing}
      ${kWide.matches ? this.scaleSelects() : nothing}
      ${this.zoomButtons()} ${durationS(leads) > kSheetS ? this.pager(durationS(leads)) : nothing}
      ${kWide.matches ? this.outside() : nothing}
    </div>`;
  }
  private scaleSelects(): unknown {
    const { speed, gain } = this.scale;
    return html`${this.select(t("web.ecg.speed"), "speed", kSpeeds.map((v) => [String(v), `${v} mm/s`] as const), String(speed), (v) => (this.scale = { gain, speed: Number(v) }))}
      ${this.select(t("web.ecg.gain"), "gain", kGains.map((v) => [String(v), `${v} mm/mV`] as const), String(gain), (v) => (this.scale = { speed, gain: Number(v) }))}`;
  }
  /** What leaves the window: the ruler on the screen, the whole screen, the printer. */
  private outside(): unknown {
    return html`<span class="inline end">
        <button data-action="calibrate-screen" @click=${() => void this.calibrate()}>${t("web.screen.calibrate")}</button>
        ${this.fullScreenButton()}
        ${this.caseId ? html`<a class="button" data-action="print" href=${this.printUrl()} target="_blank" rel="noopener">${t("web.ecg.print")}</a>` : nothing}
      </span>`;
  }
  private zoomButtons(): unknown {
    const each = (act: (stage: EcgStage) => void) => (): void => {
      this.unit = undefined;
      this.stages().forEach(act);
    };
    return html`<span class="inline" role="group" aria-label=${t("web.view.zoom")}>
      <button aria-label=${t("web.view.smaller")} data-action="smaller" @click=${each((stage) => stage.zoom(1 / kZoomStep))}>−</button>
      <button aria-label=${t("web.view.larger")} data-action="larger" @click=${each((stage) => stage.zoom(kZoomStep))}>+</button>
      <button data-action="fit" @click=${each((stage) => stage.fit())}>${t("web.view.fit")}</button>
      ${this.screenUnit === undefined
        ? nothing
        : html`<button data-action="true-scale" aria-pressed=${this.isTrue()} @click=${() => (this.unit = this.screenUnit)}>1:1</button>`}
    </span>`;
  }
  private fullScreenButton(): unknown {
    const toggle = async (): Promise<void> => {
      if (document.fullscreenElement) await document.exitFullscreen();
      else await this.requestFullscreen();
    };
    return document.fullscreenEnabled ? html`<button data-action="full-screen" @click=${() => void toggle()}>${t("web.view.full_screen")}</button>` : nothing;
  }
  private printUrl(): string {
    const layouts: Record<Arrangement, string> = {
      grid: "three_by_four_rhythm", columns: "six_by_two", strips: "twelve_by_one", single: "automatic",
    };
    return `${kApi}/cases/${this.caseId}/exams/${this.n}/document?layout=${layouts[this.arrangement]}`;
  }
  private pager(total: number): unknown {
    const move = (by: number) => (): void => this.stages().forEach((stage) => stage.shift(by));
    return html`<span class="inline" role="group" aria-label=${t("web.ecg.time")}>
      <button aria-label=${t("web.ecg.earlier")} data-action="earlier" @click=${move(-kSheetS)}>‹</button>
      ${decimal(this.fromS(), 1)} s / ${decimal(total, 1)} s
      <button aria-label=${t("web.ecg.later")} data-action="later" @click=${move(kSheetS)}>›</button>
    </span>`;
  }
  private fromS(): number {
    const [stage] = this.stages();
    const view = this.shown;
    if (!stage || !view) return 0;
    const { continuous, leftMm } = stage.geometry;
    return continuous ? Math.max(0, (view.xMm - leftMm) / this.scale.speed) : view.fromS;
  }

  /** Folded on a telephone, where the tracing itself needs the room. */
  private moreBar(exam: EcgExam, other: EcgExam | undefined): unknown {
    const toggled = (event: Event): void => {
      if (!kWide.matches) this.unfolded = (event.target as HTMLDetailsElement).open;
    };
    return html`<details class="fold" .open=${kWide.matches || this.unfolded} @toggle=${toggled}>
      <summary>${t("web.ecg.tools")}</summary>
      <div class="bar tools">
        ${kWide.matches ? nothing : html`${this.scaleSelects()} ${this.outside()}`}
        ${this.tools ? this.measuring(exam) : nothing} ${this.others.length > 0 ? this.comparing(other) : nothing}
      </div>
    </details>`;
  }
  private measuring(exam: EcgExam): unknown {
    const full = this.calipers.length >= kMostCalipers;
    return html`<button data-action="caliper" aria-pressed=${this.placing} ?disabled=${full} @click=${() => void this.startPlacing()}>${t("web.ecg.caliper")}</button>
      <button data-action="qt" aria-pressed=${this.calipers.some((one) => one.role === "qt")} ?disabled=${full && !this.calipers.some((one) => one.role === "qt")}
        @click=${() => this.measureQt()}>${t("web.ecg.qt")}</button>
      ${filterPanel(exam.leads, this.filters, (filters) => (this.filters = filters))}`;
  }
  private comparing(other: EcgExam | undefined): unknown {
    const options = [["-1", t("web.ecg.compare_none")] as const, ...this.others.map(({ n, exam }) =>
      [String(n), [t("web.ecg.tracing_n", { n: n + 1 }), writtenInstant(exam.acquired_at)].filter(Boolean).join(" · ")] as const)];
    return html`<span class="bar compare">
      ${this.select(t("web.ecg.compare"), "compare", options, String(this.otherN), (value) => (this.otherN = Number(value)))}
      ${other
        ? html`${this.select(t("web.ecg.compare_how"), "compare_how", [["beside", t("web.ecg.beside")], ["over", t("web.ecg.over")]], this.over ? "over" : "beside", (value) => (this.over = value === "over"))}
          ${this.over
            ? html`<label class="inline">${t("web.ecg.shift")}
                <input type="number" name="shift" step="0.01" min="-10" max="10" .value=${String(this.shiftS)}
                  @input=${(event: Event) => (this.shiftS = Number((event.target as HTMLInputElement).value) || 0)} /> s</label>
                <span class="legend">${t("web.ecg.over_legend")}</span>`
            : nothing}`
        : nothing}
    </span>`;
  }

  private isTrue(): boolean {
    return this.screenUnit !== undefined && this.unit === this.screenUnit;
  }
  private statusLine(exam: EcgExam): unknown {
    const unit = this.shown?.unit;
    const scale = this.isTrue()
      ? t("web.screen.true")
      : this.screenUnit !== undefined && unit !== undefined
        ? t("web.screen.zoomed", { factor: decimal(unit / this.screenUnit, 2) })
        : t("web.screen.unknown");
    return html`<p class="hint status">
      ${this.titleOf(exam)} · ${this.scale.speed} mm/s · ${this.scale.gain} mm/mV · <strong data-scale=${this.screenUnit === undefined ? "unknown" : this.isTrue() ? "true" : "zoomed"}>${scale}</strong>
      ${exam.leads.some((lead) => lead.derived) ? html` · ${t("web.ecg.derived")}` : nothing}
    </p>`;
  }
}
