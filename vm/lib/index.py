"""Debian's index of kernels: which series there are, and where their packages lie.

It is fetched through vm/lib/private-apt, which checks Debian's signatures, cut down to the newest version of each series
and kept as one small JSON file. Packages are then downloaded by URI and checked against the SHA-256 of the index.
"""

import json
import pathlib
import re
import subprocess
import tempfile
import time

from common import VM, HarnessError, cache_dir, cache_lock, say, write_atomically

SUITES = ("trixie-backports", "trixie", "bookworm")  # 6.16 and up; 6.12; 6.1
SCHED_EXT_SINCE = (6, 16)  # Debian's cloud kernels have CONFIG_SCHED_CLASS_EXT since then
MAX_AGE = 7 * 24 * 3600
RETRY_AFTER = 24 * 3600  # after a fetch that failed: an offline machine must not wait for the network in each run

# A stanza of the index. The kernel is in linux-image-* up to 6.18 and in linux-binary-* from 6.19 on, where linux-image-*
# is an empty shell. (-dbg and -unsigned are not wanted.)
STANZA = re.compile(r"^Package: linux-(image|binary|modules)-(\d[^ \n]*-cloud-amd64)\n(?:.+\n)*", re.M)


def series_key(series):
    return tuple(int(part) for part in series.split("."))


def version_key(version):
    return tuple(int(part) for part in re.findall(r"\d+", version))


def load(needed=(), force=False):
    """The index, as {series: entry}. Fetched anew when it is old, when a needed series is not in it, or by force."""
    index = _read()
    age = time.time() - index["fetched"]
    missing = [series for series in needed if series not in index["series"]]
    due = age > MAX_AGE or (missing and age > 3600)
    if force or (due and time.time() - index["tried"] > (60 if missing else RETRY_AFTER)):
        with cache_lock("index"):
            if _read()["tried"] == index["tried"]:  # nobody else did it while we waited
                _refresh(index, force)
            index = _read()
    return index["series"]


def _path():
    return cache_dir() / "kernels.json"


def _read():
    try:
        return json.loads(_path().read_text())
    except (OSError, ValueError):
        return {"fetched": 0, "tried": 0, "series": {}}


def _refresh(index, force):
    say("fetching Debian's index of kernels")
    index["tried"] = time.time()
    series, why = _fetch()
    if series:
        index = {"fetched": index["tried"], "tried": index["tried"], "series": series}
    elif force:
        raise HarnessError(f"Debian's index of kernels cannot be fetched:\n{why}")
    else:
        say(f"the index cannot be fetched, going on with what is cached:\n{why}")
    write_atomically(_path(), json.dumps(index, indent=1).encode())


def apt(directory, *command):
    return subprocess.run(
        [VM / "lib" / "private-apt", directory, ",".join(SUITES), *command],
        stdin=subprocess.DEVNULL, capture_output=True, text=True)


def _fetch():
    with tempfile.TemporaryDirectory(dir=cache_dir(), prefix="index.") as directory:
        # A suite that is gone (moved to the archive) fails the whole update, but the others are there.
        update = apt(directory, "apt-get", "-q", "-o", "Acquire::http::Timeout=15", "-o", "Acquire::Retries=1",
                     "-o", "Dir::Cache::pkgcache=", "-o", "Dir::Cache::srcpkgcache=", "update")
        found = {}
        for line in pathlib.Path(directory, "sources.list").read_text().splitlines() if update.returncode in (0, 100) else ():
            mirror, suite = line.split("] ")[1].split()[:2]
            for packages in pathlib.Path(directory, "lists").glob(f"*_dists_{suite}_main_binary-amd64_Packages*"):
                text = subprocess.run(["/usr/lib/apt/apt-helper", "cat-file", packages],
                                      check=True, capture_output=True, text=True).stdout
                _collect(text, suite, mirror, found)
        return found, update.stderr.strip() or "the suites hold no cloud-amd64 kernel"


def _collect(text, suite, mirror, found):
    releases = {}
    for match in STANZA.finditer(text):
        part, release = match[1], match[2]
        fields = dict(re.findall(r"^(\w+): (.*)$", match[0], re.M))
        package = {"uri": mirror.rstrip("/") + "/" + fields["Filename"], "sha256": fields["SHA256"], "size": int(fields["Size"])}
        entry = releases.setdefault(release, {"release": release, "version": fields["Version"], "suite": suite})
        entry[part] = package
    for entry in releases.values():
        if "binary" in entry:
            entry["image"] = entry.pop("binary")
        elif entry.get("image", {"size": 0})["size"] < 1_000_000:
            continue
        series = ".".join(entry["version"].split(".")[:2])
        if series not in found or version_key(entry["version"]) > version_key(found[series]["version"]):
            found[series] = entry
