"""Kernels: from a series' name to files that QEMU can boot, downloaded once and cached by exact version."""

import json
import lzma
import os
import pathlib
import re
import shutil
import struct
import subprocess
import tarfile
import tempfile

import index
from common import HarnessError, cache_dir, cache_lock, say
from index import series_key, version_key

# Drivers the guest needs that are not built into every kernel, and where they are in the package.
CONSOLE_MODULES = ("virtio_pci", "virtio_console")
NET_MODULES = ("virtio_net",)
MODULE_PATH = re.compile(r"/kernel/(drivers/virtio|drivers/char|drivers/net|net/core)/(\w+)\.ko(\.xz)?$")


class Kernel:
    """A kernel on disk: `image` for QEMU, and the modules the guest has to load."""

    def __init__(self, directory):
        self.directory = pathlib.Path(directory)
        vars(self).update(json.loads((self.directory / "kernel.json").read_text()))  # series, version, release, sched_ext
        self.name = f"Linux {self.release}"
        image = self.directory / "vmlinux"
        self.image = image if image.exists() else self.directory / "vmlinuz"

    def modules(self, net):
        """Module files in the order of loading. What is not there is built in."""
        order = []
        for name in CONSOLE_MODULES + (NET_MODULES if net else ()):
            self._add(name, order)
        return order

    def has_net(self):
        return (self.directory / "modules" / "virtio_net.ko").exists()

    def _add(self, name, order):
        path = self.directory / "modules" / f"{name}.ko"
        if not path.exists() or path in order:
            return
        depends = re.search(rb"\0depends=([^\0]*)\0", b"\0" + path.read_bytes())
        for other in filter(None, depends[1].decode().split(",") if depends else ()):
            self._add(other, order)
        order.append(path)


class GivenKernel:
    """The image that COXSWAIN_KERNEL_IMAGE names: one's own build, with every driver built in."""

    def __init__(self, path):
        if not os.access(path, os.R_OK):
            raise HarnessError(f"COXSWAIN_KERNEL_IMAGE: cannot read '{path}'")
        self.image, self.name = path, path

    def modules(self, net):
        return []

    def has_net(self):
        return True


def cached():
    """Every cached kernel, oldest first."""
    kernels = [Kernel(path.parent) for path in (cache_dir() / "kernels").glob("*/kernel.json")]
    return sorted(kernels, key=lambda kernel: version_key(kernel.version))


def get(wanted, net=False):
    """The kernel of a series ('6.18', 'oldest', 'newest'), downloaded if need be."""
    if os.environ.get("COXSWAIN_KERNEL_IMAGE"):
        return GivenKernel(os.environ["COXSWAIN_KERNEL_IMAGE"])
    if not re.fullmatch(r"\d{1,3}\.\d{1,3}|oldest|newest", wanted):
        raise HarnessError(f"--kernel takes a series such as 6.18, or oldest, or newest; not '{wanted}'")
    entries = index.load(needed=[] if wanted in ("oldest", "newest") else [wanted])
    series = _resolve(wanted, entries)
    entry = entries.get(series)
    have = [kernel for kernel in cached() if kernel.series == series]
    if entry and not any(kernel.release == entry["release"] for kernel in have):
        try:
            have.append(_install_current(series, entry))
        except HarnessError as error:
            if not have:
                raise
            say(f"{error}\ngoing on with {have[-1].release}, which is cached")
    if not have:
        raise _unknown(series, entries)
    if net and not have[-1].has_net():
        _add_modules(have[-1], entry)
    return have[-1]


def has_sched_ext(series):
    return series_key(series) >= index.SCHED_EXT_SINCE


def _resolve(wanted, entries):
    if wanted not in ("oldest", "newest"):
        return wanted
    known = [s for s in entries or {kernel.series for kernel in cached()} if has_sched_ext(s)]
    if not known:
        raise _unknown(wanted, entries)
    return (min if wanted == "oldest" else max)(known, key=series_key)


def _unknown(wanted, entries):
    known = sorted({*entries, *(kernel.series for kernel in cached())}, key=series_key)
    if not known:
        return HarnessError(f"kernel {wanted} is not cached, and Debian's index cannot be fetched; is the network there?")
    return HarnessError(f"Debian has no cloud kernel of series {wanted} (any more); there are: {', '.join(known)}")


def _install_current(series, entry):
    try:
        return _install(series, entry)
    except HarnessError:
        # Point versions come and go: the index may be older than Debian's last change.
        newer = index.load(force=True).get(series, entry)
        if newer["release"] == entry["release"]:
            raise
        return _install(series, newer)


def _install(series, entry):
    target = cache_dir() / "kernels" / entry["release"]
    with cache_lock("kernels"):
        if target.exists():
            return Kernel(target)
        target.parent.mkdir(exist_ok=True)
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".new.") as scratch:
            scratch = pathlib.Path(scratch)
            parts = scratch / "kernel"
            (parts / "modules").mkdir(parents=True)
            config = _unpack(_download(series, entry, "image", scratch), parts)
            if not (parts / "vmlinuz").exists():
                raise HarnessError(f"the package of {entry['release']} has no vmlinuz in it")
            _uncompress(parts)
            sched_ext = b"CONFIG_SCHED_CLASS_EXT=y" in config if config else has_sched_ext(series)
            facts = {"series": series, "version": entry["version"], "release": entry["release"], "sched_ext": sched_ext}
            (parts / "kernel.json").write_text(json.dumps(facts))
            parts.rename(target)
    return Kernel(target)


def _add_modules(kernel, entry):
    """From 6.19 on modules have a package of their own, and Debian keeps it for the newest series only."""
    if not entry or entry["release"] != kernel.release or "modules" not in entry:
        raise HarnessError(
            f"--publish needs the virtio_net module, and Debian no longer has the modules of {kernel.release}; "
            "`vm/kernels` shows the series that have them")
    with cache_lock("kernels"), tempfile.TemporaryDirectory(dir=kernel.directory.parent, prefix=".new.") as scratch:
        if kernel.has_net():
            return
        parts = pathlib.Path(scratch) / "kernel"
        (parts / "modules").mkdir(parents=True)
        _unpack(_download(kernel.series, entry, "modules", pathlib.Path(scratch)), parts)
        # virtio_net last: its presence says that the modules are complete
        for module in sorted((parts / "modules").iterdir(), key=lambda path: path.name == "virtio_net.ko"):
            module.rename(kernel.directory / "modules" / module.name)


def _download(series, entry, part, scratch):
    package = entry[part]
    say(f"downloading kernel {entry['release']} ({part}, {package['size'] // 1_000_000} MB)")
    target = scratch / f"{part}.deb"
    result = index.apt(scratch / "apt", "/usr/lib/apt/apt-helper", "-o", "Acquire::http::Timeout=15",
                       "download-file", package["uri"], target, f"SHA256:{package['sha256']}")
    if result.returncode != 0 or not target.exists():
        raise HarnessError(f"kernel {series} cannot be downloaded from {package['uri']}:\n"
                           f"{(result.stderr or result.stdout).strip()}")
    return target


def _unpack(package, parts):
    """Takes what the guest needs out of a package; returns the kernel's configuration, if it is in there."""
    config = b""
    stream = subprocess.Popen(["dpkg-deb", "--fsys-tarfile", package], stdout=subprocess.PIPE)
    with stream, tarfile.open(fileobj=stream.stdout, mode="r|") as tar:
        for member in tar:
            module = MODULE_PATH.search(member.name)
            if not member.isfile():
                continue
            if module:
                data = tar.extractfile(member).read()
                name = f"{module[2].replace('-', '_')}.ko"
                (parts / "modules" / name).write_bytes(lzma.decompress(data) if module[3] else data)
            elif re.search(r"/vmlinuz[^/]*$", member.name):
                with open(parts / "vmlinuz", "wb") as file:
                    shutil.copyfileobj(tar.extractfile(member), file)
            elif re.search(r"/boot/config-[^/]*$|/lib/modules/[^/]*/config$", member.name):
                config = tar.extractfile(member).read()
    if stream.returncode != 0:
        raise HarnessError(f"dpkg-deb cannot unpack {package.name}")
    return config


def _uncompress(parts):
    """Unpacks the kernel here: in an emulated CPU it takes 1.5 s of every boot. Without zstd the packed one boots too."""
    image = (parts / "vmlinuz").read_bytes()
    sectors, = struct.unpack_from("<B", image, 0x1F1)
    offset, length = struct.unpack_from("<II", image, 0x248)
    start = (sectors + 1) * 512 + offset
    packed = image[start:start + length - 4]  # the last four bytes are the unpacked size
    if packed[:4] != b"\x28\xb5\x2f\xfd" or not shutil.which("zstd"):
        return
    result = subprocess.run(["zstd", "-dc"], input=packed, capture_output=True)
    if result.returncode == 0 and result.stdout[:4] == b"\x7fELF":
        (parts / "vmlinux").write_bytes(result.stdout)
        (parts / "vmlinuz").unlink()
