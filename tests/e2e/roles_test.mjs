// SPDX-License-Identifier: Apache-2.0
// Every page as every role and as nobody (browser_page.mjs says how it is run): who has a page sees it without a
// refusal, who has not sees his list in its place, and nobody reads a case that is not his. What the engine answers
// to each of them: tests/http/roles_walk_test.cpp.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { base, login, logins, openPage, startBrowser } from "./browser_page.mjs";
import { cookieOf } from "./second_factor.mjs";

const programme = "rythmologie-guadeloupe";
const kPages = {
  "#/account": ["telavis-account", ["requester", "expert", "coordinator", "treasurer", "medical_referent", "admin"]],
  "#/new": ["telavis-request", ["requester"]],
  "#/tray": ["telavis-tray-page", ["requester"]],
  "#/notebook": ["telavis-notebook", ["requester"]],
  "#/practice": ["telavis-practice", ["expert"]],
  "#/acts": ["telavis-acts", ["requester", "expert", "coordinator", "treasurer"]],
  "#/board": ["telavis-board", ["coordinator"]],
  "#/referent": ["telavis-referent", ["medical_referent"]],
  "#/people": ["telavis-people", ["coordinator", "admin"]],
  "#/devices": ["telavis-devices", ["coordinator", "admin"]],
  "#/programmes": ["telavis-programme", ["coordinator", "admin"]],
  "#/figures": ["telavis-figures", ["coordinator", "treasurer", "admin"]],
};
const kRoles = ["requester", "expert", "coordinator", "treasurer", "medical_referent", "admin"];
const kMarkers = /ESSAI|DÉMONSTRATION|Palpitations|Éruption/; // of the patients of offer_cases.mjs

let browser;
let foreign; // a case of another programme

before(async () => {
  browser = await startBrowser();
  const other = logins.find((one) => one.role === "coordinator" && one.programme.startsWith("dermatologie"));
  const listed = await fetch(new URL("/api/v1/cases", base), { headers: { Cookie: await cookieOf(base.origin, other) } });
  foreign = (await listed.json()).cases[0].id;
});
after(() => browser?.close());

async function sitDown() {
  const problems = [];
  const page = await openPage(browser, [1440, 900], (problem) => problems.push(problem));
  await page.goto(base.href);
  await page.waitForSelector("input[name=login]");
  return { page, problems };
}
const go = (page, route) => page.evaluate((to) => (location.hash = to), route);
const networkRests = (page) => page.waitForFunction(() =>
  performance.now() - (performance.getEntriesByType("resource").at(-1)?.responseEnd ?? 0) > 150);

test("nobody sees a page but the login's", async () => {
  const { page, problems } = await sitDown();
  for (const route of [...Object.keys(kPages), `#/cases/${foreign}`]) {
    await go(page, route);
    await networkRests(page);
    assert.equal(await page.locator("main").count(), 0, route);
    assert.ok(await page.isVisible("input[name=login]"), route);
    assert.equal(await page.title(), "Telavis");
  }
  assert.deepEqual(problems, []);
  await page.context().close();
});

for (const role of kRoles) {
  test(`the pages of a ${role}, and none besides`, async () => {
    const { page, problems } = await sitDown();
    await login(page, logins.find((one) => one.role === role && (one.programme === programme || role === "admin")));
    for (const [route, [element, roles]] of Object.entries(kPages)) {
      const his = roles.includes(role);
      await go(page, route);
      await page.waitForSelector(his ? `main ${element}` : "main h1", { state: "attached" });
      await networkRests(page);
      assert.equal(await page.locator(`main ${element}`).count(), his ? 1 : 0, route);
      assert.equal(await page.locator("main .error[role=alert]").count(), 0, route);
      if (route !== "#/account") assert.equal(await page.locator(`nav a[href="${route}"]`).count(), his ? 1 : 0, `link to ${route}`);
      const reads = ["requester", "expert"].includes(role);
      if (!reads) assert.doesNotMatch(await page.innerText("main"), kMarkers, route);
    }
    assert.deepEqual(problems, []);
    await go(page, `#/cases/${foreign}`);
    await page.waitForSelector("main .error[role=alert]");
    assert.doesNotMatch(await page.innerText("main"), kMarkers);
    await page.context().close();
  });
}
