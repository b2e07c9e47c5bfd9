// SPDX-License-Identifier: Apache-2.0
// What the pages cost in Chromium against a running engine, at full speed and at a quarter of it:
//   tests/e2e/browser TELAVIS ../bench/page_figures.mjs
// Prints milliseconds. "useful" is the first paint of what the reader came for: the login form, his list, the tracing.
import { base, isIn, login, logins, openPage, startBrowser } from "../e2e/browser_page.mjs";

const kCases = 10_000;
const expert = logins.find((one) => one.role === "expert");
const problems = [];
const browser = await startBrowser();
const page = await openPage(browser, [1440, 900], (problem) => problems.push(problem));
const cdp = await page.context().newCDPSession(page);
const say = (what, value) => console.log(`${what.padEnd(64)} ${value}`);

/** Milliseconds of the page's life until `selector` has been painted. */
async function useful(path, selector) {
  await page.goto("about:blank");
  await page.goto(new URL(path, base).href, { waitUntil: "commit" });
  await page.waitForSelector(selector);
  return page.evaluate(() => new Promise((done) =>
    requestAnimationFrame(() => setTimeout(() => done(Math.round(performance.now()))))));
}
/** The longest and the median time between frames while the page is scrolled to its end for two seconds. */
const scrolled = () => page.evaluate(() => new Promise((done) => {
  const frames = [];
  const start = performance.now();
  let last = start;
  const step = (now) => {
    frames.push(now - last);
    last = now;
    scrollBy(0, 120);
    if (now - start < 2000) requestAnimationFrame(step);
    else {
      frames.sort((a, b) => a - b);
      done({ median: frames[frames.length >> 1].toFixed(1), p95: frames[Math.floor(frames.length * 0.95)].toFixed(1), longest: frames.at(-1).toFixed(1) });
    }
  };
  requestAnimationFrame(step);
}));
/** The answer of the list with its cases made many. */
async function manyCases(route) {
  const answer = await route.fetch();
  const body = await answer.json();
  const [one] = body.cases;
  const ended = { ...one, state: "closed", actions: [], promise: null };
  body.cases = Array.from({ length: kCases }, (_, i) =>
    ({ ...(i < 40 ? one : ended), id: `${one.id.slice(0, 20)}${String(i).padStart(6, "0")}`, number: `TE-2026-${String(i).padStart(8, "0")}` }));
  await route.fulfill({ response: answer, json: body });
}

const speeds = [1, 4];
for (const rate of speeds) {
  await cdp.send("Emulation.setCPUThrottlingRate", { rate });
  say(`login form, useful, processor / ${rate}`, await useful("/", "input[name=login]"));
}
await cdp.send("Emulation.setCPUThrottlingRate", { rate: 1 });
await login(page, expert);
await page.waitForSelector("a.case");
const id = await page.locator("a.case").first().getAttribute("data-case");
for (const rate of speeds) {
  await cdp.send("Emulation.setCPUThrottlingRate", { rate });
  say(`list, useful, processor / ${rate}`, await useful("/", "a.case"));
  say(`case with its tracing drawn, from nothing, processor / ${rate}`, await useful(`/#/cases/${id}`, "telavis-ecg canvas"));
}
await page.route(/\/api\/v1\/cases$/, manyCases);
for (const rate of speeds) {
  await cdp.send("Emulation.setCPUThrottlingRate", { rate });
  say(`list of ${kCases} cases, useful, processor / ${rate}`, await useful("/", "a.case"));
  await isIn(page, expert);
  const frames = await scrolled();
  say(`  scrolling, ms between frames, processor / ${rate}`, `median ${frames.median}, P95 ${frames.p95}, longest ${frames.longest}`);
  const typed = await page.evaluate(() => {
    const field = document.querySelector("[type=search]");
    const start = performance.now();
    field.value = "00009999";
    field.dispatchEvent(new Event("input"));
    return new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() =>
      done(`${Math.round(performance.now() - start)} (${document.querySelectorAll("a.case").length} found)`))));
  });
  say(`  search in it, processor / ${rate}`, typed);
}
const sizes = await page.evaluate(async () => {
  const gzip = async (bytes) => (await new Response(new Blob([bytes]).stream().pipeThrough(new CompressionStream("gzip"))).arrayBuffer()).byteLength;
  const urls = performance.getEntriesByType("resource").map(({ name }) => name).filter((name) => /\/assets\//.test(name));
  const each = await Promise.all([...new Set(urls)].map(async (url) => [url.replace(/.*assets\//, ""), await gzip(await (await fetch(url)).arrayBuffer())]));
  return each.map(([name, bytes]) => `${name} ${(bytes / 1024).toFixed(1)} KB`).join(", ");
});
say("gzip of what the list loads", sizes);
await browser.close();
if (problems.length > 0) {
  console.error(problems.join("\n"));
  process.exit(1);
}
