# SPDX-License-Identifier: Apache-2.0
"""Reads a mail with Python's own parser and prints what it found as `key<TAB>hex of the value` lines:
an oracle that shares no code with gmime."""
import email
import email.header
import email.policy
import email.utils
import sys

raw_mail = open(sys.argv[1], "rb").read()
message = email.message_from_bytes(raw_mail, policy=email.policy.default)


def show(key, value):
    raw = value if isinstance(value, bytes) else value.encode("utf-8")
    print(key + "\t" + raw.hex())


sender = message["From"].addresses
show("from_count", str(len(sender)))
# The newer parser of Python 3.11 keeps the white space between encoded words of a name, against RFC
# 2047, 6.2; the older one does not.
older = email.message_from_bytes(raw_mail, policy=email.policy.compat32)
name = email.utils.parseaddr(older["From"])[0]
show("from_label", str(email.header.make_header(email.header.decode_header(name))))
show("from", sender[0].addr_spec)
show("to", ",".join(a.addr_spec for a in message["To"].addresses))
show("subject", str(message["Subject"]))
show("date", message["Date"].datetime.isoformat())
show("headers", ",".join(sorted(name.lower() for name in message.keys())))
for name in ("Message-ID", "In-Reply-To", "References", "MIME-Version", "Auto-Submitted", "Reply-To",
             "X-MSS-NIL", "X-MSS-CODECDA", "X-MSS-INS", "X-MSS-MES", "Disposition-Notification-To"):
    show(name, str(message.get(name, "")))
show("type", message.get_content_type())
show("report-type", message.get_param("report-type", ""))
if message.get_content_type() == "multipart/report":
    for index, part in enumerate(message.iter_parts()):
        show("part%d" % index, part.get_content_type())
    fields = message.get_payload(1).get_payload(0)
    for name, value in fields.items():
        show("field " + name, value)
    third = message.get_payload(2)
    if third.get_content_type() == "message/rfc822":
        show("original", third.get_payload(0).as_bytes().replace(b"\r\n", b"\n"))
    else:
        show("original", third.get_payload(decode=True).replace(b"\r\n", b"\n"))
body = message.get_body(("plain",))
show("text_type", body.get_content_type() + ";" + body.get_content_charset())
show("text", body.get_content().replace("\r\n", "\n"))  # the line end of a mail is CRLF
files = [part for part in message.iter_attachments() if part.get_filename()]
for index, part in enumerate(files):
    show("name%d" % index, part.get_filename())
    show("type%d" % index, part.get_content_type())
    show("bytes%d" % index, part.get_payload(decode=True))
defects = list(message.defects)
for part in message.walk():
    defects += part.defects
    for header in part.values():
        defects += getattr(header, "defects", [])
show("defects", "; ".join(repr(defect) for defect in defects))
