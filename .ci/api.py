#!/usr/bin/env python3
"""Tries the whole API of a program of its own by schemathesis, as an agent and as an administrator.

Usage: python .ci/api.py PROGRAM, in the Python that has schemathesis (`make test-api` sees to it).

A 5xx, a status or a form that the OpenAPI document does not name, an error that is no problem+json, or a
request without a token that is answered: each fails the run. The program is ended by its process id.
"""

import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import threading
import urllib.request
import uuid

TENANT = "bank"
BRANCH = f"""
[[tenants]]
slug = "{TENANT}"
name = "Bank"
[[tenants.services]]
slug = "cash"
names = {{ fr = "Retraits" }}
[[tenants.sites]]
slug = "plateau"
name = "Plateau"
[[tenants.sites.counters]]
name = "1"
[[tenants.sites.devices]]
name = "kiosk"
kind = "kiosk"
[[tenants.sites.queues]]
prefix = "R"
name = "Retraits"
service = "cash"
[[tenants.agents]]
name = "Binta"
email = "binta@bank.example"
queues = ["plateau/R"]
[[tenants.agents]]
name = "Awa"
email = "awa@bank.example"
queues = ["plateau/R"]
counter = "plateau/1"
"""
CHECKS = [
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
    "response_headers_conformance",
    "missing_required_header",
    "unsupported_method",
    "allow_header_conformance",
    "use_after_free",
    "ignored_auth",
]
# Collections whose things are read and ordered about; what is deleted, is one that schemathesis makes.
COLLECTIONS = ["clients", "counters", "customers", "devices", "erasures", "members", "queues", "services", "sites"]
EXAMPLES = int(os.environ.get("API_EXAMPLES", "15"))
SECONDS_MAX = 600


class Program:
    """The program, serving in a folder of its own."""

    def __init__(self, program, folder):
        self.program, self.folder = program, folder
        self.run("apply", "branch.toml")
        serve = [program, "serve", "--listen", "127.0.0.1:0"]
        with open(folder / "log", "w", encoding="utf-8") as log:
            self.child = subprocess.Popen(serve, cwd=folder, stdout=subprocess.PIPE, stderr=log, text=True)
        self.url = self.child.stdout.readline().strip()
        if not self.url:
            sys.exit(f"the program did not start:\n{self.log()}")
        threading.Thread(target=self.child.stdout.read, daemon=True).start()

    def run(self, *words):
        done = subprocess.run([self.program, *words], cwd=self.folder, capture_output=True, text=True, check=False)
        if done.returncode:
            sys.exit(f"{' '.join(words)}: {done.stderr}")
        return done.stdout.strip()

    def log(self):
        return (self.folder / "log").read_text(encoding="utf-8")[-4000:]

    def token(self, *who):
        return self.run("token", "--tenant", TENANT, "--ttl", "2h", *who)

    def ask(self, token, path, body=None):
        headers = {"authorization": f"Bearer {token}", "content-type": "application/json", "idempotency-key": str(uuid.uuid4())}
        data = None if body is None else json.dumps(body).encode()
        url = f"{self.url.rstrip('/')}/api/v1/tenants/{TENANT}{path}"
        with urllib.request.urlopen(urllib.request.Request(url, data, headers)) as answer:
            return json.load(answer)

    def end(self):
        self.child.terminate()
        return self.child.wait(timeout=30)


def furnish(program, token):
    """Makes what a branch does not declare; the id of one thing of each collection."""
    queue = program.ask(token, "/queues")["items"][0]["id"]
    for person in ("gone@example.org", "fatou@example.org"):
        person = {"queue_id": queue, "channel": "staff", "name": "Fatou", "email": person}
        ticket = program.ask(token, "/tickets", person)["id"]
    program.ask(token, "/erasures", {"email": "gone@example.org"})
    client = {"name": "App", "redirect_uris": ["https://app.example/back"], "scopes": "read:queue"}
    program.ask(token, "/clients", client)
    ids = {"tickets": ticket}
    for name in COLLECTIONS:
        ids[name] = program.ask(token, f"/{name}")["items"][0]["id"]
    return ids


def configuration(ids):
    """Gives schemathesis the tenant, and ids that are there."""
    text = f'[parameters]\n"path.tenant" = "{TENANT}"\n'
    for name, thing in ids.items():
        path = re.escape(f"/{name}/{{id}}").replace("\\", "\\\\")
        text += f'\n[[operations]]\ninclude-path-regex = "{path}"\nexclude-method = "DELETE"\n'
        text += f'parameters = {{ "path.id" = "{thing}" }}\n'
    return text


def tried(program, who, token):
    """Runs schemathesis with a token; whether it found nothing."""
    print(f"The API, tried by an {who}:", flush=True)
    tool = pathlib.Path(sys.executable).with_name("st")
    command = [tool, "--config-file", program.folder / "schemathesis.toml", "run", f"{program.url.rstrip('/')}/openapi.json"]
    command += ["--header", f"Authorization: Bearer {token}", "--checks", ",".join(CHECKS)]
    # One worker: two at once trip over a fault of CPython 3.11 (its parser's depth is not kept by thread).
    command += ["--workers", "1", "--max-examples", str(EXAMPLES), "--seed", "7", "--continue-on-failure"]
    command += ["--suppress-health-check", "all", "--warnings", "off", "--no-color"]
    return subprocess.run(command, cwd=program.folder, timeout=SECONDS_MAX, check=False).returncode == 0


def main():
    binary = str(pathlib.Path(sys.argv[1]).resolve())
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        (folder / "branch.toml").write_text(BRANCH, encoding="utf-8")
        program = Program(binary, folder)
        try:
            admin, agent = program.token("--role", "admin"), program.token("--as", "awa@bank.example")
            (folder / "schemathesis.toml").write_text(configuration(furnish(program, admin)), encoding="utf-8")
            found_nothing = [tried(program, "agent", agent), tried(program, "admin", admin)]
            lives = program.child.poll() is None
        finally:
            code = program.end()
        if not all(found_nothing) or not lives or code != 0:
            sys.exit(f"the API is not as its document says, or the program ended ({code}); it said:\n{program.log()}")


if __name__ == "__main__":
    main()
