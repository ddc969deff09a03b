"""What every part of vm/ shares: where things are, and how the harness says that it failed."""

import contextlib
import fcntl
import os
import pathlib
import sys

REPO = pathlib.Path(__file__).resolve().parents[2]
VM = REPO / "vm"
HARNESS_FAILED = 125


class HarnessError(Exception):
    """vm/run itself cannot do its work. Never the fault of the command in the guest."""


def say(message):
    print(f"vm: {message}", file=sys.stderr, flush=True)


def cache_dir():
    path = os.environ.get("COXSWAIN_CACHE") or os.path.expanduser("~/.cache/coxswain")
    if not os.path.isabs(path):
        raise HarnessError(f"COXSWAIN_CACHE must be an absolute path, not '{path}'")
    try:
        os.makedirs(path, exist_ok=True)
    except OSError as error:
        raise HarnessError(f"cannot create the cache {path}: {error.strerror}; set COXSWAIN_CACHE to a writable directory")
    return pathlib.Path(path)


@contextlib.contextmanager
def cache_lock(name):
    """One process at a time. What it makes is renamed into place, so readers need no lock."""
    with open(cache_dir() / f"{name}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def write_atomically(path, data):
    temporary = path.with_name(f"{path.name}.{os.getpid()}.new")
    temporary.write_bytes(data)
    temporary.rename(path)


def positive_env(name, default):
    value = os.environ.get(name, "")
    if value and not (value.isascii() and value.isdigit() and int(value) > 0):
        raise HarnessError(f"{name} must be a whole number of seconds above 0, not '{value}'")
    return int(value or default)
