// SPDX-License-Identifier: Apache-2.0
// Trust lists for tests, in the form of the copies of 2025: names, people and numbers are made up.
#pragma once

#include <string>
#include <vector>

namespace telavis::test {

struct ListedDomain {
  std::string name;
  std::string dn = "CN=smtp.operateur.test,OU=300000000000000,O=OPERATEUR FICTIF,C=FR";
};

inline std::string trust_list_xml(const std::vector<ListedDomain>& domains,
                                  const std::string& generated_at = "2026-01-06T06:00:00Z") {
  std::string xml =
      R"(<?xml version="1.0" encoding="UTF-8"?><ListeBlancheMSSante xmlns="https://listeblanche.mssante.fr/schema">
    <DateDeGeneration>)" +
      generated_at + "</DateDeGeneration>\n    <ListeDomaines>\n";
  for (const ListedDomain& domain : domains) {
    xml += "        <Domaine>\n            <Nom>" + domain.name +
           "</Nom>\n            <Description>Domaine de l'opérateur fictif</Description>\n"
           "            <DNCertificatOperateur>" +
           domain.dn +
           "</DNCertificatOperateur>\n"
           "            <ResponsableContact>01 00 00 00 00,\nresponsable@operateur.test\n"
           "</ResponsableContact>\n"
           "            <SupportContact>01 00 00 00 00, support@operateur.test</SupportContact>\n"
           "            <DateMAJ>2025-12-01T10:00:00Z</DateMAJ>\n        </Domaine>\n";
  }
  return xml + "    </ListeDomaines>\n</ListeBlancheMSSante>\n";
}

}  // namespace telavis::test
