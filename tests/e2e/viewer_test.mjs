// SPDX-License-Identifier: Apache-2.0
// The viewers of tracings and photos in a real browser, against a running engine whose clinical tools
// are off (tests "off: ...") or on ("on: ..."):
//   BASE_URL=… TELAVIS_LOGINS=… VIEWER_CASES=cases.json SCREENSHOTS=shots node viewer_test.mjs
// The cases were made by viewer_cases.mjs. What is a failure: browser_page.mjs.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, afterEach, before, test } from "node:test";
import { base, lookAt, openPage, startBrowser } from "./browser_page.mjs";
import { samplesOf } from "./edf_tracing.mjs";

const cases = JSON.parse(readFileSync(process.env.VIEWER_CASES, "utf8"));
const lesion = new URL("../../fixtures/demo-lesion.jpg", import.meta.url).pathname;
const recorded = samplesOf({ seconds: 60 }); // microvolts, as viewer_cases.mjs has sent them
const rateHz = 500;
const sizes = [[1440, 900], [1024, 768], [390, 844]];

const problems = [];
const asked = []; // paths, in turn
let browser;
let page;

before(async () => {
  browser = await startBrowser();
  page = await openPage(browser, [1440, 900], (problem) => problems.push(problem));
  await page.addInitScript(() => {
    if (location.protocol === "https:") localStorage.setItem("telavis.session", "1");
  });
  page.on("request", (request) => asked.push(new URL(request.url()).pathname));
});
after(() => browser?.close());
afterEach(() => assert.deepEqual(problems, []));

/** The viewers and what stands over them: the rest of these pages is browser_test.mjs's. */
const look = (name) => lookAt(page, name, sizes, ["dialog", "section:has(telavis-ecg), section:has(telavis-photos)"]);

async function open(which) {
  const { id, cookie } = cases[which];
  const [name, value] = cookie.split("=");
  await page.goto("about:blank");
  await page.context().addCookies([{ name, value, url: base.href, secure: true, httpOnly: true, sameSite: "Strict" }]);
  await page.goto(new URL(`#/cases/${id}`, base).href);
  await page.waitForSelector("article[data-state]:not([data-state=loading])");
}
const viewer = () => page.locator("telavis-ecg").first();
const settled = () => page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
async function openTracing() {
  await open("tracings");
  await viewer().locator("canvas").first().waitFor();
  await page.waitForFunction(() => document.querySelectorAll("telavis-ecg").length === 3);
  await viewer().scrollIntoViewIfNeeded();
  await settled();
}
const choose = async (name, value) => {
  await viewer().locator(`select[name=${name}]`).selectOption(value);
  await settled();
};

/** Where the first tracing's cells stand on its canvas, in pixels, and which pixels have the trace's
 *  colour: for each column the first and the last one within a cell's own band. */
const inked = () => viewer().locator("telavis-ecg-stage").first().evaluate((stage) => {
  const canvas = stage.querySelector("canvas");
  const { width, height } = canvas;
  const { data } = canvas.getContext("2d").getImageData(0, 0, width, height);
  const [r, g, b] = getComputedStyle(stage).getPropertyValue("--ecg-trace").match(/[\da-f]{2}/gi).map((two) => parseInt(two, 16));
  const dark = (x, y) => {
    const at = 4 * (y * width + x);
    return Math.abs(data[at] - r) + Math.abs(data[at + 1] - g) + Math.abs(data[at + 2] - b) < 360;
  };
  const { xMm, yMm, unit } = stage.window;
  const cells = stage.geometry.cells.map((cell) => {
    const left = (cell.xMm - xMm) * unit;
    const columns = [];
    const [top, bottom] = [cell.labelMm + 0.2, cell.bottomMm].map((mm) => Math.round((mm - yMm) * unit));
    for (let x = Math.max(0, Math.ceil(left) + 1); x < Math.min(width, left + cell.lengthS * stage.scale.speed * unit - 1); x++) {
      const rows = [];
      for (let y = Math.max(0, top); y < Math.min(height, bottom); y++) if (dark(x, y)) rows.push(y);
      columns.push([x, rows[0] ?? -1, rows.at(-1) ?? -1]);
    }
    return { code: cell.lead.code, left, startS: cell.startS, baseline: (cell.baselineMm - yMm) * unit, columns };
  });
  return { unit, scale: stage.scale, height, cells };
});

/** The pixels of every cell against the samples that were sent, reckoned here on its own: between the
 *  borders of a column the line goes straight from sample to sample. */
function assertDrawn({ unit, scale, height, cells }) {
  let compared = 0;
  for (const { code, left, startS, baseline, columns } of cells) {
    const samples = recorded[code];
    const median = [...samples].sort((a, b) => a - b)[samples.length / 2];
    const at = (x) => (startS + (x - left) / unit / scale.speed) * rateHz;
    const y = (index) => {
      const [low, part] = [Math.floor(index), index - Math.floor(index)];
      const value = samples[low] + (samples[low + 1] - samples[low]) * part;
      return baseline - ((value - median) / 1000) * scale.gain * unit;
    };
    /** Highest and lowest point of the line from one x to another. */
    const reach = (from, to) => {
      const ys = [y(at(from)), y(at(to))];
      for (let i = Math.ceil(at(from)); i <= at(to); i++) ys.push(y(i));
      return [Math.min(...ys), Math.max(...ys)];
    };
    for (const [x, first, last] of columns) {
      if (at(x - 1) < 0 || at(x + 2) + 1 >= samples.length) continue;
      const [top, bottom] = reach(x, x + 1);
      if (top < 3 || bottom > height - 3) continue; // beyond the edge of the window
      // A pen is round and wider than a column: it shows its neighbours too.
      const [widestTop, widestBottom] = reach(x - 1, x + 2);
      const drawn = `${code}, column ${x}: drawn ${first} to ${last}, samples ${top} to ${bottom}`;
      assert.ok(first + 0.5 <= top + 2 && first + 0.5 >= widestTop - 2, drawn);
      assert.ok(last + 0.5 >= bottom - 2 && last + 0.5 <= widestBottom + 2, drawn);
      compared++;
    }
  }
  assert.ok(compared > 400, `${compared} columns compared`);
}
const calipersThere = () => viewer().locator(".handle, .filters, .readouts, canvas.marks, [data-action=caliper], [data-action=qt]").count();
const markTime = (mark) => viewer().locator(`.handle[data-caliper="1"][data-mark="${mark}"]`).getAttribute("aria-valuenow").then(Number);

// ---- the tools are off

test("off: a tracing is shown, and none of the clinical tools", async () => {
  await openTracing();
  assertDrawn(await inked());
  assert.equal(await calipersThere(), 0);
  assert.equal(await page.getByText("Bazett").count(), 0);
  await look("ecg-tools-off");
});
test("off: photos are shown without brightness and contrast", async () => {
  await open("photos");
  await page.locator("[data-photo]").first().click();
  await page.waitForSelector("[data-lens][data-photo]");
  assert.equal(await page.locator("input[name=brightness], input[name=contrast]").count(), 0);
});

// ---- tracings

test("on: pixels are the samples, in every layout, speed and gain", async () => {
  await openTracing();
  const cells = { grid: 13, columns: 12, strips: 12, single: 1 };
  for (const [arrangement, count] of Object.entries(cells)) {
    await choose("arrangement", arrangement);
    const drawn = await inked();
    assert.equal(drawn.cells.length, count, arrangement);
    assertDrawn(drawn);
  }
  for (const [speed, gain] of [["50", "20"], ["25", "5"]]) {
    await choose("speed", speed);
    await choose("gain", gain);
    assertDrawn(await inked());
  }
  await choose("gain", "10");
  for (let n = 0; n < 3; n++) await viewer().locator("[data-action=larger]").click();
  await settled();
  assertDrawn(await inked());
});
test("on: keys, wheel and pages move over the tracing and in time", async () => {
  await openTracing();
  const paper = viewer().locator(".paper");
  const windowOf = () => viewer().locator("telavis-ecg-stage").evaluate((stage) => stage.window);
  await viewer().locator("[data-action=later]").click();
  assert.equal((await windowOf()).fromS, 10);
  assertDrawn(await inked());
  await paper.focus();
  await page.keyboard.press("End");
  assert.equal((await windowOf()).fromS, 50);
  await page.keyboard.press("Home");
  assert.equal((await windowOf()).fromS, 0);
  const { unit } = await windowOf();
  await page.keyboard.press("+");
  assert.ok((await windowOf()).unit > unit * 1.2);
  await page.keyboard.press("ArrowRight");
  assert.equal((await windowOf()).xMm, 5 + ((await windowOf()).xMm - 5));
  await page.keyboard.press("0");
  await settled();
  assert.equal((await windowOf()).unit, unit);
  await choose("arrangement", "strips");
  const box = await paper.boundingBox();
  await page.mouse.move(box.x + 600, box.y + 200);
  await page.mouse.down();
  await page.mouse.move(box.x + 300, box.y + 200, { steps: 3 });
  await page.mouse.up();
  await settled();
  assert.ok(Math.abs((await windowOf()).xMm - 300 / (await windowOf()).unit) < 0.01);
  assertDrawn(await inked());
  await page.mouse.dblclick(box.x + 600, box.y + 40);
  assert.equal(await viewer().locator("select[name=arrangement]").inputValue(), "single");
  assert.equal(await viewer().locator("select[name=lead]").inputValue(), "I");
});
test("on: two fingers zoom", async () => {
  await openTracing();
  const paper = viewer().locator(".paper");
  const before = await viewer().locator("telavis-ecg-stage").evaluate((stage) => stage.window.unit);
  await paper.evaluate((element) => {
    const box = element.getBoundingClientRect();
    element.setPointerCapture = () => undefined; // these pointers are no real ones
    const tell = (type, pointerId, x) => element.dispatchEvent(new PointerEvent(type, {
      pointerId, pointerType: "touch", button: 0, bubbles: true, clientX: box.left + x, clientY: box.top + 100,
    }));
    tell("pointerdown", 91, 400);
    tell("pointerdown", 92, 500);
    tell("pointermove", 92, 600);
    tell("pointerup", 91, 400);
    tell("pointerup", 92, 600);
  });
  const after = await viewer().locator("telavis-ecg-stage").evaluate((stage) => stage.window.unit);
  assert.ok(Math.abs(after / before - 2) < 0.01, `${before} to ${after}`);
});
test("on: a screen measured with a card shows true millimetres, and is remembered", async () => {
  await openTracing();
  const scale = viewer().locator("[data-scale]");
  assert.equal(await scale.getAttribute("data-scale"), "unknown");
  await viewer().locator("[data-action=calibrate-screen]").click();
  await look("calibration");
  const slider = page.locator("dialog input[name=scale]");
  await slider.fill("5");
  assert.equal(Number(await page.locator("dialog svg.gauge").getAttribute("width")), 428);
  await page.check("dialog input[value=coin]");
  assert.equal(Number(await page.locator("dialog svg.gauge").getAttribute("width")), 116.25);
  await page.click("dialog [data-action=calibrate]");
  for (const again of [false, true]) {
    if (again) await openTracing();
    await page.waitForSelector("telavis-ecg [data-scale=true]");
    await settled();
    assert.equal((await inked()).unit, 5);
    assertDrawn(await inked());
  }
  const paper = viewer().locator(".paper");
  const larger = [
    () => viewer().locator("[data-action=larger]").click(),
    () => paper.press("+"),
    async () => {
      await paper.hover();
      await page.keyboard.down("Control");
      await page.mouse.wheel(0, -100);
      await page.keyboard.up("Control");
    },
  ];
  for (const enlarge of larger) {
    await enlarge();
    await viewer().locator("[data-scale=zoomed]").waitFor();
    await viewer().locator("[data-action=true-scale]").click();
    await viewer().locator("[data-scale=true]").waitFor();
  }
  await page.evaluate(() => localStorage.removeItem("telavis.screens"));
});
test("on: a caliper is drawn with the mouse and repeated over the tracing", async () => {
  await openTracing();
  await choose("arrangement", "strips");
  const paper = viewer().locator(".paper");
  const { unit, cells: [first] } = await inked();
  const box = await paper.boundingBox();
  await viewer().locator("[data-action=caliper]").click();
  const [x, y] = [box.x + 1 + first.left + 25 * unit, box.y + 1 + first.baseline];
  await page.mouse.move(x, y);
  await page.mouse.down();
  await page.mouse.move(x + 20 * unit, y - 10 * unit, { steps: 4 });
  await page.mouse.up();
  const output = viewer().locator(".readouts output").first();
  const [ms, rate, mv] = (await output.textContent()).split("·").map((part) => parseFloat(part.replace(",", ".")));
  // A pixel is 8 ms and 0.02 mV here.
  assert.ok(Math.abs(ms - 800) <= 10 && Math.abs(rate - 75) <= 1 && Math.abs(mv - 1) <= 0.03, `${ms} ms, ${rate} /min, ${mv} mV`);
  await viewer().locator("[data-action=march]").click();
  await settled();
  const lines = await viewer().locator("canvas.marks").evaluate((canvas) => {
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    const counts = Array.from({ length: canvas.width }, (_, x) => {
      let count = 0;
      for (let y = 0; y < canvas.height; y++) count += data[4 * (y * canvas.width + x) + 3] > 60 ? 1 : 0;
      return count;
    });
    const tall = counts.map((count, x) => [x, count]).filter(([, count]) => count > canvas.height / 4).map(([x]) => x);
    return tall.filter((x, at) => x - (tall[at - 1] ?? -9) > 2);
  });
  const steps = lines.slice(1).map((line, at) => line - lines[at]);
  assert.ok(lines.length >= 8, `${lines}`);
  assert.ok(steps.every((step) => Math.abs(step - (ms / 1000) * 25 * unit) <= 2), `${steps}`);
  await look("ecg-caliper");
});
test("on: a caliper is placed, moved and removed by keys alone", async () => {
  await openTracing();
  await viewer().locator("[data-action=caliper]").focus();
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => document.activeElement.classList.contains("paper"));
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => document.activeElement.classList.contains("handle"));
  const start = await markTime(0);
  await page.keyboard.press("ArrowRight");
  assert.equal(await markTime(0), start + 2);
  await page.keyboard.press("Shift+ArrowLeft");
  assert.equal(await markTime(0), start + 2 - 40);
  const value = () => viewer().locator(".handle").first().getAttribute("aria-valuetext");
  const before = await value();
  await page.keyboard.press("ArrowUp");
  assert.notEqual(await value(), before);
  await page.keyboard.press("Tab");
  const second = await markTime(1);
  await page.keyboard.press("Shift+ArrowRight");
  assert.equal(await markTime(1), second + 40);
  await page.keyboard.press("Delete");
  await viewer().locator(".handle").first().waitFor({ state: "detached" });
});
test("on: QTc is plain arithmetic of the reader's marks", async () => {
  await openTracing();
  await viewer().locator("[data-action=qt]").click();
  await viewer().locator("[data-qt]").waitFor();
  const rrMark = viewer().locator('.handle[data-caliper="2"][data-mark="1"]');
  await rrMark.focus();
  for (let n = 0; n < 4; n++) await page.keyboard.press("Shift+ArrowLeft"); // RR 800 - 160 = 640 ms
  assert.match(await viewer().locator("[data-qt]").textContent(), /QT = 400 ms.*RR = 0,64 s/s);
  const corrected = async (name) => parseInt(await viewer().locator(`[data-qtc=${name}]`).textContent(), 10);
  assert.equal(await corrected("bazett"), 500);
  assert.equal(await corrected("fridericia"), 464);
  await look("ecg-qt");
});
test("on: a filter changes the drawing and says so, never the samples", async () => {
  await openTracing();
  await choose("arrangement", "single");
  const samples = () => viewer().evaluate((view) => JSON.stringify(view.exam.leads));
  const pixels = () => viewer().locator("canvas").first().evaluate((canvas) => canvas.toDataURL());
  const [held, plain] = [await samples(), await pixels()];
  assert.equal(await viewer().locator("[data-filtered]").count(), 0);
  await viewer().locator("input[name=notchHz]").check();
  await viewer().locator("[data-filtered]").waitFor();
  await settled();
  assert.notEqual(await pixels(), plain);
  await viewer().locator("input[name=highPassHz]").check();
  await viewer().locator("select[name=lowPassHz]").selectOption("35");
  await settled();
  assert.equal(await samples(), held);
  await look("ecg-filtered");
  await viewer().locator("input[name=notchHz]").uncheck();
  await viewer().locator("input[name=highPassHz]").uncheck();
  await viewer().locator("select[name=lowPassHz]").selectOption("0");
  await viewer().locator("[data-filtered]").waitFor({ state: "detached" });
  await settled();
  assert.equal(await pixels(), plain);
});
test("on: another tracing of the case stands beside or below", async () => {
  await openTracing();
  await choose("compare", "1");
  assert.equal(await viewer().locator("telavis-ecg-stage").count(), 2);
  await look("ecg-beside");
  await choose("compare_how", "over");
  assert.equal(await viewer().locator("telavis-ecg-stage").count(), 1);
  const blue = await viewer().locator("canvas").first().evaluate((canvas) => {
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    let count = 0;
    for (let at = 0; at < data.length; at += 4) count += data[at + 2] > data[at] + 80 ? 1 : 0;
    return count;
  });
  assert.ok(blue > 500, `${blue} blue pixels`);
});
test("on: what the device states is folded and said to be unverified; the print is the engine's PDF", async () => {
  await openTracing();
  const stated = page.locator("telavis-ecg").nth(2).locator(".device-statements");
  assert.equal(await stated.getAttribute("open"), null);
  assert.match(await stated.locator("summary").textContent(), /non vérifié/);
  await choose("arrangement", "columns");
  const href = await viewer().locator("[data-action=print]").evaluate((link) => link.href);
  assert.match(href, /layout=six_by_two$/);
  const answer = await page.request.get(href);
  assert.equal(answer.status(), 200);
  assert.equal(answer.headers()["content-type"], "application/pdf");
});
test("on: who is looked at stays in sight", async () => {
  await openTracing();
  await viewer().locator("canvas").first().scrollIntoViewIfNeeded();
  await page.mouse.wheel(0, 600);
  await settled();
  const bar = await page.locator(".identity").boundingBox();
  assert.ok(bar.y >= 0 && bar.y < 50, `${bar.y}`);
  assert.match(await page.locator(".identity").textContent(), /ESSAI Camille.*02\/03\/1961.*féminin.*TE-/s);
});

// ---- photos

const lens = () => page.locator("[data-lens][data-photo] canvas").first();
const pixelsOf = () => lens().evaluate((canvas) => canvas.toDataURL());
test("on: a photo is looked at closely, beside another one, brighter on the screen alone", async () => {
  await open("photos");
  await page.locator("figure img").nth(1).waitFor();
  assert.match(await page.locator(".body-map").textContent(), /dos, en haut à gauche/);
  assert.equal(await page.locator(".body-map path.site").count(), 1);
  assert.equal(await page.locator("figcaption").first().textContent().then((text) => text.includes("vue d’ensemble")), true);
  await look("photos");
  await page.locator("[data-photo]").first().click();
  await lens().waitFor();
  await page.waitForTimeout(400); // the library glides to its place
  const whole = await pixelsOf();
  await page.click("dialog [data-action=larger]");
  await page.waitForTimeout(400);
  assert.notEqual(await pixelsOf(), whole);
  await page.fill("dialog input[name=brightness]", "150");
  assert.match(await lens().evaluate((canvas) => canvas.closest("[data-lens]").querySelector(".openseadragon-canvas").style.filter), /brightness\(150%\)/);
  assert.equal(await page.locator("[data-changed]").count(), 1);
  await page.click("dialog [data-action=beside]");
  await page.waitForFunction(() => document.querySelectorAll("[data-lens][data-photo]").length === 2);
  await look("photo-window");
  await page.keyboard.press("Escape");
  await page.waitForSelector("dialog", { state: "detached" });
});
test("on: a sensitive photo shows itself only when it is asked to, under the reader's name", async () => {
  asked.length = 0;
  await open("child");
  await page.locator(".covered").first().waitFor();
  assert.deepEqual(asked.filter((one) => one.endsWith("/image")), []);
  await look("photo-sensitive");
  await page.locator("[data-photo]").first().click();
  await lens().waitFor();
  assert.match(await page.locator("[data-watermark]").textContent(), new RegExp(cases.child.reader.replace("Dr ", "")));
  await look("photo-sensitive-shown");
  await page.keyboard.press("Escape");
});
test("on: what is cut off a photo never leaves the page", async () => {
  await open("photos");
  await page.goto(new URL("#/new", base).href);
  await page.setInputFiles("input[type=file]", [lesion]);
  const sizeOf = () => page.locator("telavis-files").evaluate(async (picker) => {
    const bitmap = await createImageBitmap(picker.files[0]);
    return [bitmap.width, bitmap.height, picker.files[0].type];
  });
  const [width, height] = await sizeOf();
  await page.click("[data-action=crop-photo]");
  await page.fill("dialog input[name=left]", "25");
  await page.fill("dialog input[name=bottom]", "50");
  await look("photo-crop");
  await page.click("dialog [data-action=crop]");
  await page.waitForSelector("dialog", { state: "detached" });
  assert.deepEqual(await sizeOf(), [width - Math.round(width / 4), Math.round(height / 2), "image/jpeg"]);
});
