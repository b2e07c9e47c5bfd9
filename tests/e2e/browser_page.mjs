// SPDX-License-Identifier: Apache-2.0
// A real browser at a running engine's pages, for the walks:
//   BASE_URL=https://localhost:8443 TELAVIS_LOGINS=logins.json SCREENSHOTS=shots node <walk>.mjs
// The logins are {"logins":[{"role","programme","login","password","totp_secret"}]}. CHROMIUM names the browser
// (/usr/bin/chromium). Any console error, refused policy, failed request or request to another origin
// is a problem.
import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import path from "node:path";
import axe from "axe-core";
import { chromium } from "playwright-core";
import { nextCode } from "./second_factor.mjs";

export const base = new URL(process.env.BASE_URL ?? "https://localhost:8443");
export const { logins } = JSON.parse(readFileSync(process.env.TELAVIS_LOGINS, "utf8"));
const shots = process.env.SCREENSHOTS;

export async function startBrowser(moreFlags = []) {
  const flags = [
    "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", ...moreFlags,
  ];
  if (process.getuid() === 0) flags.push("--no-sandbox");
  return chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: flags });
}

/** A page of its own context; `tell` hears in a line of text of each thing that goes wrong in it. */
export async function openPage(browser, viewport, tell, more = {}) {
  const context = await browser.newContext({
    ignoreHTTPSErrors: true,
    locale: "fr-FR",
    timezoneId: "America/Guadeloupe",
    viewport: { width: viewport[0], height: viewport[1] },
    ...more,
  });
  const page = await context.newPage();
  page.setDefaultTimeout(60_000); // of a machine that does other things as well
  await page.addInitScript(() => {
    addEventListener("securitypolicyviolation", (event) =>
      console.error(`policy refused ${event.violatedDirective}: ${event.blockedURI}`));
  });
  page.on("console", (message) => {
    if (message.type() === "error") tell(`console: ${message.text()}`);
  });
  page.on("pageerror", (error) => tell(`page: ${error.message}`));
  page.on("requestfailed", (request) => {
    const why = request.failure()?.errorText;
    // A page that is left lets go of what it was reading.
    if (why === "net::ERR_ABORTED" && request.method() === "GET") return;
    tell(`failed: ${request.url()} ${why}`);
  });
  page.on("request", (request) => {
    const url = new URL(request.url());
    if (!["data:", "blob:"].includes(url.protocol) && url.origin !== base.origin) tell(`elsewhere: ${url}`);
  });
  page.on("response", (response) => {
    if (response.status() >= 400) tell(`status ${response.status()}: ${response.url()}`);
  });
  return page;
}

/** What axe finds against WCAG 2.2 AA; in the dark only colours differ, so only they are read there. */
export async function axeFindings(page, colorScheme, within) {
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(([scheme, selectors]) => {
    const where = selectors.map((one) => document.querySelector(one)).find(Boolean) ?? document;
    const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
    return axe.run(where, { runOnly: scheme === "dark" ? { type: "rule", values: ["color-contrast"] } : tags, resultTypes: ["violations"] });
  }, [colorScheme, within ?? []]);
  return violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.html).join(" ")}`);
}

/** Nothing is wider than the window at these sizes, and axe finds nothing, light and dark; screenshots of all when
 *  they are asked for. */
export async function lookAt(page, name, sizes, within) {
  const before = page.viewportSize();
  const fullPage = (await page.locator("dialog[open]").count()) === 0; // a dialog fills the window
  for (const colorScheme of ["light", "dark"]) {
    await page.emulateMedia({ colorScheme });
    for (const [width, height] of shots || colorScheme === "light" ? sizes : sizes.slice(0, 1)) {
      await page.setViewportSize({ width, height });
      const wider = await page.evaluate(async () => {
        await new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)));
        return document.documentElement.scrollWidth - innerWidth;
      });
      assert.ok(wider <= 0, `${name} is ${wider} px wider than ${width}`);
      if (!shots) continue;
      await page.waitForTimeout(150);
      mkdirSync(shots, { recursive: true });
      await page.screenshot({ path: path.join(shots, `${name}-${width}-${colorScheme}.png`), fullPage });
    }
    assert.deepEqual(await axeFindings(page, colorScheme, within), [], `${name}, ${colorScheme}`);
  }
  await page.setViewportSize(before);
  await page.emulateMedia({ colorScheme: "light" });
}

export async function givePassword(page, { login, password }) {
  await page.fill("input[name=login]", login);
  await page.fill("input[name=password]", password);
  await page.click("[data-action=login]");
}
export async function giveCode(page, code) {
  await page.fill("input[name=code]", code);
  await page.click("[data-action=second-factor]");
}
export const isIn = (page, { login }) => page.waitForSelector(`[data-who="${login}"]`);
export async function login(page, person) {
  await givePassword(page, person);
  await giveCode(page, await nextCode(person.totp_secret));
  await isIn(page, person);
}
