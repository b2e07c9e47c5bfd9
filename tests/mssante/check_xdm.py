#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""check_xdm.py FOLDER [lcm.xsd]: every NNN.zip of FOLDER against NNN.txt, which says what was meant.

Knows nothing of Telavis: zipfile, hashlib, ElementTree, datetime and, with a schema, xmllint.
"""
import datetime
import hashlib
import pathlib
import re
import subprocess
import sys
import uuid
import xml.etree.ElementTree as ElementTree
import zipfile

RIM = "{urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0}"
LCM = "{urn:oasis:names:tc:ebxml-regrep:xsd:lcm:3.0}"
XHTML = "{http://www.w3.org/1999/xhtml}"
# Elements of XHTML Basic 1.1 that an index may need.
BASIC = {"html", "head", "title", "body", "h1", "p", "ul", "li", "a"}
SCHEMES = {
    "class": "41a5887f-8865-4c09-adf7-e362475b143a",
    "format": "a09d5840-386c-46f2-b5ad-9c3699a4309d",
    "facility": "f33fb8ac-18af-42cc-ae0e-ed0b0bdb91e1",
    "practice": "cccf5598-8b07-4b77-a05e-ae952c785ead",
    "type": "f0306f51-975f-434e-a61c-c59651d33983",
    "confidentiality": "f4f85eac-e6cb-4883-b524-f2705394840f",
    "event": "2c6b8cb7-8b2a-4051-b291-b1ae6a575ef4",
    "author": "93606bcf-9494-43ec-9b4e-a7748d1a838d",
    "set author": "a7058bb9-b4e4-4307-ba5b-e3f0ab85e12d",
    "content type": "aa543740-bdda-424e-8c96-df4873be8500",
}
KINDS = {
    "tlm-da": ("75496-0", "urn:asip:ci-sis:tlm-da:2020"),
    "tlm-cr": ("85208-7", "urn:ihe:iti:xds-sd:pdf:2008"),
}


def read_expected(path):
    """The lines before the first "document", then those of each document."""
    parts = [{}]
    for line in path.read_text(encoding="utf-8").splitlines():
        key, *values = line.split("\t")
        if key == "document":
            parts.append({})
        else:
            parts[-1][key] = values
    return parts[0], parts[1:]


def utc(local):
    """yyyyMMddHHmmss+zzzz as the UTC digits that XDS wants."""
    instant = datetime.datetime.strptime(local, "%Y%m%d%H%M%S%z")
    return instant.astimezone(datetime.timezone.utc).strftime("%Y%m%d%H%M%S")


def plain(text):
    """An HL7 V2 component without its escapes."""
    known = {"F": "|", "S": "^", "T": "&", "R": "~", "E": "\\"}
    return re.sub(r"\\([FSTRE])\\", lambda match: known[match[1]], text)


def slots(element):
    return {slot.get("name"): [value.text or "" for value in slot.iter(RIM + "Value")]
            for slot in element.findall(RIM + "Slot")}


def name(element):
    found = element.find(RIM + "Name/" + RIM + "LocalizedString")
    return None if found is None else found.get("value")


def classified(element, scheme):
    urn = "urn:uuid:" + SCHEMES[scheme]
    found = [one for one in element.findall(RIM + "Classification")
             if one.get("classificationScheme") == urn]
    for one in found:
        assert one.get("classifiedObject") == element.get("id")
        uuid.UUID(one.get("id"))
    return found


def code(element, scheme):
    (one,) = classified(element, scheme)
    assert slots(one)["codingScheme"][0] and name(one), scheme
    return one.get("nodeRepresentation")


def identifier(element, title):
    (one,) = [one for one in element.findall(RIM + "ExternalIdentifier") if name(one) == title]
    assert one.get("registryObject") == element.get("id")
    return one.get("value")


def check_person(xcn, rpps, family, given):
    parts = xcn.split("^")
    assert parts[0] == "8" + rpps, xcn
    assert plain(parts[1]) == family and plain(parts[2]) == given, xcn
    assert parts[8] == "&1.2.250.1.71.4.2.1&ISO" and parts[9] == "D" and parts[12] == "IDNPS", xcn


def check_author(element, scheme, expected):
    (author,) = classified(element, scheme)
    assert author.get("nodeRepresentation") == ""
    rpps, family, given, place, place_id, profession = expected
    given_slots = slots(author)
    check_person(given_slots["authorPerson"][0], rpps, family, given)
    parts = given_slots["authorInstitution"][0].split("^")
    assert plain(parts[0]) == place
    assert not place_id or (parts[5:7] == ["&1.2.250.1.71.4.2.2&ISO", "IDNST"] and parts[9] == place_id)
    if profession:
        assert given_slots["authorSpecialty"][0].split("^")[0] == profession
        assert given_slots["authorSpecialty"][0].endswith("^1.2.250.1.213.1.1.4.5")
    else:
        assert "authorSpecialty" not in given_slots


def check_patient(cx, source, info, expected):
    matricule, oid = expected["ins"]
    local, root = expected["local"]
    ins = f"{matricule}^^^&{oid}&ISO^NH"
    own = f"{local}^^^&{root}&ISO^PI"
    assert cx == (ins if matricule else own), cx
    assert source == (own if local else ins), source
    named = [field.split("|", 1)[1].split("^") for field in info if field.startswith("PID-5|")]
    givens = expected["given"][0].split("\x1f")
    assert plain(named[0][0]) == expected["birth_family"][0] and named[0][6] == "L"
    assert plain(named[0][1]) == givens[0] and plain(named[0][2]) == " ".join(givens)
    if expected["used_family"][0]:
        assert plain(named[1][0]) == expected["used_family"][0] and named[1][6] == "D"
    else:
        assert len(named) == 1
    assert "PID-7|" + expected["birth"][0].replace("-", "") in info
    assert "PID-8|" + expected["sex"][0] in info
    assert "PID-11|^^^^^^BDL^^" + expected["place"][0] in info


def check_entry(entry, archive, number, whole, expected):
    given = slots(entry)
    uri = f"DOC{number:04}.XML"
    assert given["URI"] == [uri]
    data = archive.read("IHE_XDM/SUBSET01/" + uri)
    assert given["hash"] == [hashlib.sha1(data).hexdigest()] and given["size"] == [str(len(data))]
    assert given["creationTime"] == [utc(expected["effective"][0])]
    assert given["serviceStartTime"] == [utc(expected["low"][0])]
    assert given.get("serviceStopTime", [""]) == [utc(expected["high"][0]) if expected["high"][0] else ""]
    assert given["languageCode"] == ["fr-FR"]
    check_person(given["legalAuthenticator"][0], *expected["signer"])
    check_author(entry, "author", expected["author"])
    cx = identifier(entry, "XDSDocumentEntry.patientId")
    check_patient(cx, given["sourcePatientId"][0], given["sourcePatientInfo"], whole)
    assert identifier(entry, "XDSDocumentEntry.uniqueId") == expected["id"][0]
    assert entry.get("mimeType") == "text/xml" and name(entry) == expected["title"][0]
    assert entry.get("objectType") == "urn:uuid:7edca82f-054d-47f2-a032-9b2a5b5186c1"
    assert entry.get("status").endswith(":Approved")
    for urn in (entry.get("id"), entry.get("lid")):
        assert urn.startswith("urn:uuid:") and uuid.UUID(urn).version == 5
    assert entry.find(RIM + "VersionInfo").get("versionName") == expected["version"][0]
    assert (code(entry, "type"), code(entry, "format")) == KINDS[expected["kind"][0]]
    assert code(entry, "class") in {"10", "11"}
    assert code(entry, "facility") == expected["sector"][0]
    assert code(entry, "practice") == "AMBULATOIRE"
    assert code(entry, "confidentiality") == expected["confidentiality"][0]
    events = [one.get("nodeRepresentation") for one in classified(entry, "event")]
    assert events == [one for one in expected["service"] if one]


def check_associations(listed, package, entries, documents):
    ids = {entry.get("id") for entry in entries}
    kept = listed.findall(RIM + "Association")
    members = [one for one in kept if one.get("associationType").endswith(":HasMember")]
    assert {one.get("targetObject") for one in members} == ids and len(members) == len(ids)
    for one in members:
        assert one.get("sourceObject") == package.get("id")
        assert slots(one)["SubmissionSetStatus"] == ["Original"]
    replaced = [one for one in kept if one.get("associationType").endswith(":RPLC")]
    assert len(replaced) == sum(1 for document in documents if document["replaces"][0])
    assert all(one.get("sourceObject") in ids for one in replaced)
    marked = [one for one in listed.findall(RIM + "Classification")
              if one.get("classificationNode") == "urn:uuid:a54d6aa5-d40d-43f9-88c5-b4633d873bdd"]
    assert [one.get("classifiedObject") for one in marked] == [package.get("id")]


def check_metadata(data, archive, whole, documents):
    root = ElementTree.fromstring(data)
    assert root.tag == LCM + "SubmitObjectsRequest"
    listed = root.find(RIM + "RegistryObjectList")
    ids = [one.get("id") for one in listed.iter() if one.get("id")]
    assert len(ids) == len(set(ids)), "an id is there twice"
    (package,) = listed.findall(RIM + "RegistryPackage")
    seconds = int(whole["at_ms"][0]) // 1000
    at = datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc)
    assert slots(package)["submissionTime"] == [at.strftime("%Y%m%d%H%M%S")]
    assert identifier(package, "XDSSubmissionSet.uniqueId") == whole["unique_id"][0]
    assert identifier(package, "XDSSubmissionSet.sourceId") == whole["source_id"][0]
    assert code(package, "content type") == (whole["content_type"][0] or "07")
    check_author(package, "set author", whole["author"])
    entries = listed.findall(RIM + "ExtrinsicObject")
    assert len(entries) == len(documents)
    for number, (entry, expected) in enumerate(zip(entries, documents), 1):
        check_entry(entry, archive, number, whole, expected)
        patient = identifier(entry, "XDSDocumentEntry.patientId")
        assert patient == identifier(package, "XDSSubmissionSet.patientId")
    check_associations(listed, package, entries, documents)


def check_index(data, names, documents):
    assert b'"-//W3C//DTD XHTML Basic 1.1//EN"' in data
    root = ElementTree.fromstring(data)
    assert root.get("{http://www.w3.org/XML/1998/namespace}lang") == "fr"
    assert {one.tag.replace(XHTML, "") for one in root.iter()} <= BASIC
    links = [(one.get("href"), one.text) for one in root.iter(XHTML + "a")]
    assert all(href in names for href, _ in links)
    assert [text for href, text in links if "/" in href] == [one["title"][0] for one in documents]


def check_archive(path, schema_inputs):
    whole, documents = read_expected(path.with_suffix(".txt"))
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        names = archive.namelist()
        assert names[:3] == ["INDEX.HTM", "README.TXT", "IHE_XDM/SUBSET01/METADATA.XML"]
        assert names[3:] == [f"IHE_XDM/SUBSET01/DOC{i:04}.XML" for i in range(1, len(documents) + 1)]
        assert all(one.date_time == (1980, 1, 1, 0, 0, 0) for one in archive.infolist())
        metadata = archive.read(names[2])
        check_metadata(metadata, archive, whole, documents)
        check_index(archive.read("INDEX.HTM"), names, documents)
        readme = archive.read("README.TXT").decode("utf-8")
        assert "Telavis" in readme and whole["author"][1] in readme
    file = path.with_suffix(".metadata.xml")
    file.write_bytes(metadata)
    schema_inputs.append(str(file))


def main():
    paths = sorted(pathlib.Path(sys.argv[1]).glob("*.zip"))
    assert paths, "no archive"
    schema_inputs = []
    for path in paths:
        try:
            check_archive(path, schema_inputs)
        except Exception:
            print("in", path, file=sys.stderr)
            raise
    if len(sys.argv) > 2:
        subprocess.run(["xmllint", "--noout", "--nonet", "--schema", sys.argv[2], *schema_inputs],
                       check=True, stderr=subprocess.DEVNULL)
    print(len(paths), "archives")


main()
