#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Two operators of secure health mail on this machine, for the tests.

Two Postfix (cardio.mssante.test, mg.mssante.test), which hand mail to each other over mutual TLS,
one Dovecot for the mailboxes of both, a certificate authority that is thrown away, access tokens,
and proxies that cut or stall a connection after so many bytes.

Started by tests/mssante/rig/mail_rig.h. It prints one line of JSON when everything answers, then
reads commands, one a line, and answers each with a line of JSON:

    token ADDRESS SECONDS        {"token": ...} for XOAUTH2 and OAUTHBEARER, good for so long
    revoke TOKEN
    kill9 NAME | start NAME      NAME: cardio, mg, dovecot
    proxy NAME PORT              {"port": ...} that leads to PORT
    fault NAME WAY BYTES HOW     the next connection ends (cut) or falls silent (stall) when so many
                                 bytes have gone one WAY: up (to the server) or down
    passed NAME                  {"up": n, "down": n}: bytes of the last connection
    wait_mail ADDRESS COUNT      {"files": [...]}: at least so many mails, within 60 s
    mails ADDRESS                {"files": [...]}
    queued NAME                  {"count": n}: mails that an operator has not handed on yet
    flush NAME                   asks it to try them now

It ends, and removes everything, when its input ends. Needs root (Postfix does) and the Debian
packages postfix, dovecot-imapd and openssl. Touches nothing below /etc and /var.
"""
import concurrent.futures
import http.server
import json
import os
import pwd
import random
import secrets
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

OPERATORS = {"cardio": "cardio.mssante.test", "mg": "mg.mssante.test"}
MAILBOXES = {
    "cardio": ["engine", "pool", "expert1", "expert2", "expert3"],
    "mg": ["gp1", "gp2", "gp3", "office"],
}
PASSWORD = "Rig-Password-1"
PATIENCE_S = 60


def write(path, text, mode=0o644):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as out:
        out.write(text)
    os.chmod(path, mode)


def run(*command):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          stdin=subprocess.DEVNULL, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}: {done.stdout}")
    return done.stdout


def until(what, condition):
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        if time.monotonic() > deadline:
            raise RuntimeError(f"{what}: not within {PATIENCE_S} s")
        time.sleep(0.02)


def free_ports(count):
    """Different ones, below those that the system gives to clients: a client that asks whether a
    server is up yet could otherwise be given the very port it asks for, and meet itself."""
    held = []
    while len(held) < count:
        one = socket.socket()
        try:
            one.bind(("127.0.0.1", random.randrange(10000, 32000)))
            held.append(one)
        except OSError:
            one.close()
    ports = [one.getsockname()[1] for one in held]
    for one in held:
        one.close()
    return ports


def answers(port):
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
        return True
    except OSError:
        return False


class Authority:
    """A certificate authority made with `openssl ca`, which can backdate and revoke."""

    def __init__(self, folder, name):
        self.folder, self.name = folder, name
        os.makedirs(f"{folder}/{name}.issued")
        self.key, self.certificate = f"{folder}/{name}.key", f"{folder}/{name}.pem"
        self.revoked = f"{folder}/{name}.crl"
        self.conf = f"{folder}/{name}.cnf"
        write(f"{folder}/{name}.index", "")
        write(self.conf, f"""
[ca]
default_ca = this
[this]
database = {folder}/{name}.index
new_certs_dir = {folder}/{name}.issued
certificate = {self.certificate}
private_key = {self.key}
rand_serial = yes
default_md = sha256
default_days = 30
default_crl_days = 30
policy = anything
unique_subject = no
copy_extensions = none
[anything]
commonName = supplied
""")
        run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
            "-nodes", "-days", "30", "-subj", f"/CN=Telavis test {name}", "-keyout", self.key,
            "-out", self.certificate, "-addext", "keyUsage=critical,keyCertSign,cRLSign")

    def issue(self, name, names, usage, expired=False):
        """`names` as subjectAltName has them; gives nothing: NAME.pem and NAME.key are there."""
        base = f"{self.folder}/{name}"
        run("openssl", "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
            "-nodes", "-subj", f"/CN={name}", "-keyout", base + ".key", "-out", base + ".csr")
        os.chmod(base + ".key", 0o600)
        write(base + ".ext", "basicConstraints=CA:FALSE\nkeyUsage=digitalSignature\n"
              f"extendedKeyUsage={usage}\nsubjectAltName={names}\n")
        dates = ["-startdate", "20200101000000Z", "-enddate", "20200201000000Z"] if expired else []
        run("openssl", "ca", "-batch", "-notext", "-config", self.conf, "-in", base + ".csr",
            "-out", base + ".pem", "-extfile", base + ".ext", *dates)
        # What Postfix calls a chain: the key, then the certificate.
        with open(base + ".key", encoding="ascii") as key, \
                open(base + ".pem", encoding="ascii") as pem:
            write(base + ".chain", key.read() + pem.read(), 0o600)

    def revoke(self, name):
        run("openssl", "ca", "-batch", "-config", self.conf, "-revoke", f"{self.folder}/{name}.pem")

    def write_revoked(self, path, *dates):
        run("openssl", "ca", "-batch", "-config", self.conf, "-gencrl", "-out", path, *dates)


def make_certificates(folder):
    os.makedirs(folder)
    ours, rogue = Authority(folder, "ca"), Authority(folder, "rogue-ca")
    both = "serverAuth,clientAuth"
    for name, domain in OPERATORS.items():
        ours.issue(f"server-{name}", f"DNS:localhost,DNS:mx.{domain}", both)
    ours.issue("server-imap", "DNS:localhost", "serverAuth")
    ours.issue("server-expired", "DNS:localhost", "serverAuth", expired=True)
    ours.issue("server-elsewhere", "DNS:mail.elsewhere.test", "serverAuth")
    ours.issue("server-revoked", "DNS:localhost", "serverAuth")
    rogue.issue("server-rogue", "DNS:localhost", "serverAuth")
    ours.issue("client", "email:engine@cardio.mssante.test", "clientAuth")
    ours.issue("client-expired", "email:engine@cardio.mssante.test", "clientAuth", expired=True)
    rogue.issue("client-rogue", "email:engine@cardio.mssante.test", "clientAuth")
    ours.revoke("server-revoked")
    ours.write_revoked(f"{folder}/ca.crl")
    ours.write_revoked(f"{folder}/ca-old.crl", "-crl_lastupdate", "20200101000000Z",
                       "-crl_nextupdate", "20200201000000Z")


class Tokens:
    """Who a token speaks for, asked by Dovecot over HTTP."""

    def __init__(self):
        self.known = {}
        tokens = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):  # the name is http.server's
                given = self.headers.get("Authorization", "").removeprefix("Bearer ")
                owner, ends = tokens.known.get(given, ("", 0))
                good = bool(owner) and time.monotonic() < ends
                body = json.dumps({"active": good, "sub": owner} if good else {"active": False})
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body.encode())

            def log_message(self, format, *arguments):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def issue(self, address, seconds):
        token = secrets.token_urlsafe(48)
        self.known[token] = (address, time.monotonic() + seconds)
        return token


class Proxy:
    """Forwards a connection byte for byte, until it is told to cut it or to fall silent."""

    def __init__(self, target):
        self.target = target
        self.fault = None  # (way, bytes, how), for one connection
        self.passed = {"up": 0, "down": 0}
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            client, _ = self.listener.accept()
            fault, self.fault = self.fault, None
            passed = self.passed = {"up": 0, "down": 0}
            threading.Thread(target=self.forward, args=(client, fault, passed),
                             daemon=True).start()

    def forward(self, client, fault, passed):
        try:
            server = socket.create_connection(("127.0.0.1", self.target))
        except OSError:
            client.close()
            return
        way_of = {client: ("up", server), server: ("down", client)}
        try:
            while True:
                ready, _, _ = select.select([client, server], [], [])
                for end in ready:
                    way, other = way_of[end]
                    data = end.recv(65536)
                    if not data:
                        return
                    room = len(data)
                    if fault and fault[0] == way:
                        room = min(room, fault[1] - passed[way])
                    other.sendall(data[:room])
                    passed[way] += room
                    if room < len(data):
                        self.end(fault[2], client, server)
                        return
        except OSError:
            pass
        finally:
            client.close()
            server.close()

    @staticmethod
    def end(how, client, server):
        if how == "stall":
            # Silent in both directions until the client gives up.
            while client.recv(65536):
                pass
            return
        for one in (client, server):  # a reset, as a lost line gives
            one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")


class Dovecot:
    def __init__(self, rig):
        self.rig, self.process = rig, None
        self.folder = f"{rig.folder}/dovecot"
        users = "".join(f"{user}@{OPERATORS[name]}:{{PLAIN}}{PASSWORD}::::::\n"
                        for name in OPERATORS for user in MAILBOXES[name])
        write(f"{self.folder}/users", users)
        write(f"{self.folder}/oauth2.conf", f"""
introspection_mode = auth
introspection_url = http://127.0.0.1:{rig.tokens.port}/
username_attribute = sub
active_attribute = active
active_value = true
""")
        pki = rig.folder + "/pki"
        write(f"{self.folder}/dovecot.conf", f"""
base_dir = {self.folder}/run
state_dir = {self.folder}/state
instance_name = telavis-rig
log_path = {self.folder}/log
protocols = imap
listen = 127.0.0.1
ssl = required
ssl_min_protocol = TLSv1.2
ssl_cert = <{pki}/server-imap.pem
ssl_key = <{pki}/server-imap.key
ssl_ca = <{pki}/ca.pem
ssl_verify_client_cert = yes
ssl_require_crl = no
auth_ssl_username_from_cert = no
auth_mechanisms = plain xoauth2 oauthbearer
auth_failure_delay = 0
auth_cache_size = 0
mail_location = maildir:{rig.mail}/%d/%n
mail_fsync = always
mail_uid = {rig.owner.pw_uid}
mail_gid = {rig.owner.pw_gid}
first_valid_uid = 1
first_valid_gid = 1
default_vsz_limit = 512M
namespace inbox {{
  inbox = yes
}}
passdb {{
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = {self.folder}/oauth2.conf
}}
passdb {{
  driver = passwd-file
  mechanisms = plain
  args = scheme=PLAIN username_format=%u {self.folder}/users
}}
userdb {{
  driver = static
  args = uid={rig.owner.pw_uid} gid={rig.owner.pw_gid} home={rig.mail}/%d/%n
}}
protocol imap {{
  mail_max_userip_connections = 200
}}
service imap-login {{
  inet_listener imap {{
    port = {rig.ports['imap']}
  }}
  inet_listener imaps {{
    port = {rig.ports['imaps']}
    ssl = yes
  }}
}}
service auth {{
  unix_listener auth-postfix {{
    mode = 0666
  }}
}}
service stats {{
  unix_listener stats-writer {{
    mode = 0666
  }}
}}
service anvil {{
  # No waiting after logins that fail: the tests have many.
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
""")

    def start(self):
        self.process = subprocess.Popen(
            ["/usr/sbin/dovecot", "-F", "-c", f"{self.folder}/dovecot.conf"],
            stdin=subprocess.DEVNULL, stdout=sys.stderr, stderr=sys.stderr, start_new_session=True)

    def pid(self):
        return self.process.pid if self.process and self.process.poll() is None else None

    def ports(self):
        return [self.rig.ports["imap"], self.rig.ports["imaps"]]


class Postfix:
    """One operator: `mx` for the other operator, and ways in for its clients."""

    def __init__(self, rig, name, other):
        self.rig, self.name, self.process = rig, name, None
        self.folder = f"{rig.folder}/{name}"
        domain = OPERATORS[name]
        os.makedirs(f"{self.folder}/etc")
        os.makedirs(f"{self.folder}/queue/pid")
        private = ("active", "bounce", "corrupt", "defer", "deferred", "flush", "hold", "incoming",
                   "maildrop", "private", "public", "saved", "trace")
        for part in ("data", *(f"queue/{one}" for one in private)):
            os.makedirs(f"{self.folder}/{part}")
            os.chown(f"{self.folder}/{part}", pwd.getpwnam("postfix").pw_uid, -1)
            os.chmod(f"{self.folder}/{part}", 0o700)
        etc = f"{self.folder}/etc"
        write(f"{etc}/mailboxes", "".join(f"{user}@{domain} {domain}/{user}/\n"
                                          for user in MAILBOXES[name]))
        next_hop = f"[127.0.0.1]:{rig.ports[other]['mx']}"
        write(f"{etc}/transport", f"{OPERATORS[other]} relay:{next_hop}\n")
        write(f"{etc}/tls_policy", f"{next_hop} verify match=mx.{OPERATORS[other]}\n")
        # reply-452-4-2-2@... is answered as its name asks.
        write(f"{etc}/recipients",
              "/^reply-([45][0-9][0-9])-([0-9])-([0-9]+)-([0-9]+)@/ ${1} ${2}.${3}.${4} as asked\n")
        write(f"{etc}/headers", "/^X-Rig-Refuse:/ REJECT content not accepted\n")
        self.write_main(etc, domain)
        self.write_master(etc)

    def write_main(self, etc, domain):
        rig, pki = self.rig, self.rig.folder + "/pki"
        trusted = ",".join(OPERATORS.values())
        write(f"{etc}/main.cf", f"""
compatibility_level = 3.6
queue_directory = {self.folder}/queue
data_directory = {self.folder}/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
maillog_file = {self.folder}/log
maillog_file_prefixes = {rig.folder}
syslog_name = {self.name}
multi_instance_name = postfix-{self.name}
myhostname = mx.{domain}
mydomain = {domain}
myorigin = {domain}
mydestination =
local_recipient_maps =
local_transport = error:there are no local users
mynetworks =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
alias_maps =
alias_database =
biff = no
virtual_mailbox_domains = {domain}
virtual_mailbox_maps = texthash:{etc}/mailboxes
virtual_mailbox_base = {rig.mail}
virtual_uid_maps = static:{rig.owner.pw_uid}
virtual_gid_maps = static:{rig.owner.pw_gid}
virtual_minimum_uid = 1
relay_domains = {trusted}
transport_maps = texthash:{etc}/transport
header_checks = regexp:{etc}/headers
message_size_limit = 10485760
mailbox_size_limit = 0
virtual_mailbox_limit = 0
smtpd_client_connection_count_limit = 0
smtpd_client_connection_rate_limit = 0
smtpd_error_sleep_time = 0
default_process_limit = 60
smtpd_tls_security_level = encrypt
smtpd_tls_auth_only = yes
smtpd_tls_chain_files = {pki}/server-{self.name}.chain
smtpd_tls_CAfile = {pki}/ca.pem
smtpd_tls_ask_ccert = yes
smtpd_tls_mandatory_protocols = >=TLSv1.2
smtpd_tls_session_cache_database =
smtpd_relay_restrictions = reject_unauth_destination
smtpd_recipient_restrictions = check_recipient_access regexp:{etc}/recipients, permit
smtpd_sasl_type = dovecot
smtpd_sasl_path = {rig.folder}/dovecot/run/auth-postfix
smtp_tls_security_level = verify
smtp_tls_policy_maps = texthash:{etc}/tls_policy
smtp_tls_CAfile = {pki}/ca.pem
smtp_tls_chain_files = {pki}/server-{self.name}.chain
smtp_host_lookup = native
disable_dns_lookups = yes
minimal_backoff_time = 1s
maximal_backoff_time = 5s
queue_run_delay = 1s
maximal_queue_lifetime = 1h
""")

    def write_master(self, etc):
        ports, pki = self.rig.ports[self.name], self.rig.folder + "/pki"
        client = ("  -o smtpd_relay_restrictions=permit_sasl_authenticated,"
                  "permit_tls_all_clientcerts,reject\n")
        login = "  -o smtpd_sasl_auth_enable=yes\n"
        mutual = "  -o smtpd_tls_req_ccert=yes\n"
        wrapped = "  -o smtpd_tls_wrappermode=yes\n"
        shown = "  -o smtpd_tls_chain_files={}/{}.chain\n"
        ways = {
            "mx": mutual,
            "submission": login + client,
            "submissions": login + client + wrapped,
            "mutual": mutual + client,
            "expired": client + shown.format(pki, "server-expired"),
            "elsewhere": client + shown.format(pki, "server-elsewhere"),
            "revoked": client + shown.format(pki, "server-revoked"),
            "rogue": client + shown.format(pki, "server-rogue"),
            "clear": "  -o smtpd_tls_security_level=none\n",
            "old_tls": client + "  -o smtpd_tls_mandatory_protocols=TLSv1.1\n"
                       "  -o smtpd_tls_mandatory_ciphers=null\n"
                       "  -o tls_null_cipherlist=ALL:@SECLEVEL=0\n",
        }
        listeners = "".join(f"127.0.0.1:{ports[way]} inet n - n - - smtpd\n{options}"
                            for way, options in ways.items() if way in ports)
        write(f"{etc}/master.cf", listeners + """
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
""")

    def start(self):
        # The master itself: the scripts around it take seconds to look at what was just made.
        self.process = subprocess.Popen(
            ["/usr/lib/postfix/sbin/master", "-c", f"{self.folder}/etc", "-d"],
            stdin=subprocess.DEVNULL, stdout=sys.stderr, stderr=sys.stderr,
            cwd=f"{self.folder}/queue", start_new_session=True)

    def pid(self):
        return self.process.pid if self.process and self.process.poll() is None else None

    def ports(self):
        return list(self.rig.ports[self.name].values())

    def queued(self):
        return sum(len(files) for part in ("incoming", "active", "deferred", "maildrop")
                   for _, _, files in os.walk(f"{self.folder}/queue/{part}"))


def family_of(pid):
    """What runs of a server: the process, all below it, and what it left behind in its session."""
    parents, family = {}, [pid]
    for entry in os.listdir("/proc"):
        if not entry.isdigit():
            continue
        try:
            with open(f"/proc/{entry}/stat", encoding="ascii", errors="replace") as file:
                state, parent, _, session = file.read().rsplit(") ", 1)[1].split()[:4]
        except OSError:
            continue
        if state == "Z":
            continue
        parents[int(entry)] = int(parent)
        if int(session) == pid and int(entry) != pid:
            family.append(int(entry))
    for one in family:
        family += [child for child, parent in parents.items()
                   if parent == one and child not in family]
    return [one for one in family if one in parents]


class Rig:
    def __init__(self):
        # Postfix runs as several users: none of the folders above may be closed to them.
        above = "/dev/shm" if os.access("/dev/shm", os.W_OK) else "/tmp"
        self.folder = tempfile.mkdtemp(prefix="telavis-mail-", dir=above)
        os.chmod(self.folder, 0o755)
        self.mail = f"{self.folder}/mail"
        self.owner = pwd.getpwnam("mail")
        os.makedirs(self.mail)
        os.chown(self.mail, self.owner.pw_uid, self.owner.pw_gid)
        ways = ["mx", "submission", "submissions", "mutual"]
        faulty = ["expired", "elsewhere", "revoked", "rogue", "clear", "old_tls"]
        free = free_ports(2 + 2 * len(ways) + len(faulty))
        self.ports = {"imap": free.pop(), "imaps": free.pop()}
        for name in OPERATORS:
            self.ports[name] = {way: free.pop() for way in ways}
        self.ports["cardio"].update({way: free.pop() for way in faulty})
        make_certificates(f"{self.folder}/pki")
        self.tokens = Tokens()
        self.proxies = {}
        self.servers = {"dovecot": Dovecot(self), "cardio": Postfix(self, "cardio", "mg"),
                        "mg": Postfix(self, "mg", "cardio")}

    def start(self, name):
        server = self.servers[name]
        server.start()
        until(f"{name} answers", lambda: all(answers(port) for port in server.ports()))

    def kill(self, name, number):
        server = self.servers[name]
        pid = server.pid()
        if pid is None:
            return
        # One that was just being started may outlive the first round.
        while family := family_of(pid) if number == signal.SIGKILL else [pid]:
            for one in family:
                try:
                    os.kill(one, number)
                except ProcessLookupError:
                    pass
            if server.process:
                server.process.wait()
            if number != signal.SIGKILL:
                return

    def stop(self):
        for name in self.servers:
            self.kill(name, signal.SIGKILL)
        shutil.rmtree(self.folder, ignore_errors=True)

    def mails(self, address):
        user, domain = address.split("@")
        found = []
        for part in ("new", "cur"):
            folder = f"{self.mail}/{domain}/{user}/{part}"
            if os.path.isdir(folder):
                found += [f"{folder}/{name}" for name in sorted(os.listdir(folder))]
        return {"files": found}

    def wait_mail(self, address, count):
        until(f"mail for {address}", lambda: len(self.mails(address)["files"]) >= int(count))
        return self.mails(address)

    def answer(self, words):
        command, rest = words[0], words[1:]
        if command == "token":
            return {"token": self.tokens.issue(rest[0], float(rest[1]))}
        if command == "revoke":
            self.tokens.known.pop(rest[0], None)
        elif command == "kill9":
            self.kill(rest[0], signal.SIGKILL)
        elif command == "start":
            self.start(rest[0])
        elif command == "proxy":
            self.proxies[rest[0]] = Proxy(int(rest[1]))
            return {"port": self.proxies[rest[0]].port}
        elif command == "fault":
            self.proxies[rest[0]].fault = (rest[1], int(rest[2]), rest[3])
        elif command == "passed":
            return self.proxies[rest[0]].passed
        elif command == "wait_mail":
            return self.wait_mail(*rest)
        elif command == "mails":
            return self.mails(rest[0])
        elif command == "queued":
            return {"count": self.servers[rest[0]].queued()}
        elif command == "flush":
            run("/usr/sbin/postqueue", "-c", f"{self.servers[rest[0]].folder}/etc", "-f")
        else:
            return {"error": f"no command {command}"}
        return {}


def main():
    rig = Rig()
    try:
        with concurrent.futures.ThreadPoolExecutor() as starters:
            for started in [starters.submit(rig.start, name) for name in rig.servers]:
                started.result()
        print(json.dumps({"folder": rig.folder, "ports": rig.ports, "pki": f"{rig.folder}/pki",
                          "password": PASSWORD}), flush=True)
        for line in sys.stdin:
            try:
                reply = rig.answer(line.split())
            except Exception as error:  # told to the test, which knows what it asked for
                reply = {"error": str(error)}
            print(json.dumps(reply), flush=True)
    finally:
        rig.stop()


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    main()
