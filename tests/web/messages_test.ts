// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import catalogue from "../../engine/messages.json";

// npm runs the tests in engine/web.
const sources = readdirSync("src").filter((name) => name.endsWith(".ts"))
  .map((name) => readFileSync(`src/${name}`, "utf8")).join("\n");
const ours = Object.entries(catalogue as Record<string, { fr: string; en?: string }>)
  .filter(([id]) => /^(web|reason|orientation|sex)\./.test(id));
const placeholders = (text: string): string[] => [...text.matchAll(/\{\w+\}/g)].map(String).sort();

test("every sentence of the pages stands in both languages, with the same placeholders", () => {
  assert.ok(ours.length > 100);
  for (const [id, { fr, en }] of ours) {
    assert.ok(fr && en, id);
    assert.deepEqual(placeholders(fr), placeholders(en), id);
  }
});
test("every web sentence is used", () => {
  // `web.state.${state}` uses a family of ids.
  const families = [...sources.matchAll(/`(web\.[^`]*\$\{[^`]*)`/g)].map(
    (match) => new RegExp(`^${match[1]!.replace(/\$\{[^}]*\}/g, "[\\w-]+")}$`),
  );
  const unused = ours.map(([id]) => id).filter((id) =>
    id.startsWith("web.") && !sources.includes(`"${id}"`) && !families.some((family) => family.test(id)));
  assert.deepEqual(unused, []);
});
