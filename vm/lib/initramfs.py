"""The guest's root file system: cpio archives, a cached base and what one run adds to it.

The kernel unpacks concatenated archives one after the other, later files replacing earlier ones. They are not compressed:
unpacking is slower in an emulated CPU than reading more.
"""

import hashlib
import os
import pathlib
import shutil
import stat
import subprocess

from common import VM, HarnessError, cache_dir, write_atomically

DIRECTORIES = ("dev", "etc", "mnt", "opt", "proc", "root", "run", "run/vm", "run/vm/modules", "sys", "tmp", "usr", "usr/bin",
               "usr/lib", "usr/lib/x86_64-linux-gnu", "usr/lib64", "usr/local", "usr/local/bin", "usr/sbin", "var", "var/lib",
               "var/log", "var/tmp")
# As on Debian. A directory of that name in a later archive would replace the link, hence `usrmerge`.
MERGED = ("bin", "sbin", "lib", "lib64")
LIBRARY_DIRECTORIES = ("/usr/lib/x86_64-linux-gnu", "/usr/lib64", "/usr/lib")
# Essential on Debian. busybox's own shell runs busybox's commands even where PATH has another of the name first, so `sh` is
# bash; and busybox there has no chrt.
HOST_PROGRAMS = ("/bin/bash", "/usr/bin/chrt")
MOUNTED_OVER = ("/proc", "/sys", "/dev")
ETC = {
    "passwd": "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n",
    "group": "root:x:0:\ndaemon:x:1:\ntty:x:5:\nnogroup:x:65534:\n",
    "shadow": "root::::::::\nnobody:*:::::::\n",
    "hosts": "127.0.0.1 localhost guest\n::1 localhost\n",
    "hostname": "guest\n",
    "nsswitch.conf": "passwd: files\ngroup: files\nhosts: files\n",
    "os-release": 'NAME="Coxswain test guest"\nID=coxswain-guest\n',
}


class Archive:
    """A cpio archive (newc) in memory. Paths are absolute guest paths; parents are made as needed."""

    def __init__(self):
        self.chunks = []
        self.paths = {"/"} | {"/" + path for path in DIRECTORIES}

    def directory(self, path, mode=0o755):
        path = usrmerge(path)
        if path not in self.paths:
            self._parents(path)
            self._entry(path, stat.S_IFDIR | mode)

    def file(self, path, data, mode=0o644):
        self._parents(usrmerge(path))
        self._entry(usrmerge(path), stat.S_IFREG | mode, data)

    def symlink(self, path, target):
        self._parents(usrmerge(path))
        self._entry(usrmerge(path), stat.S_IFLNK | 0o777, os.fsencode(target))

    def device(self, path, major, minor):
        self._entry(path, stat.S_IFCHR | 0o600, device=(major, minor))

    def finished(self):
        self._entry("/TRAILER!!!", 0)
        return b"".join(self.chunks)

    def _parents(self, path):
        parent = os.path.dirname(path)
        if parent not in self.paths:
            self.directory(parent)

    def _entry(self, path, mode, data=b"", device=(0, 0)):
        self.paths.add(path)
        name = os.fsencode(path.lstrip("/")) + b"\0"
        fields = (len(self.chunks) + 1, mode, 0, 0, 1, 0, len(data), 0, 0, *device, len(name), 0)
        head = b"070701" + b"".join(b"%08X" % field for field in fields) + name
        self.chunks.append(head + bytes(-len(head) % 4) + data + bytes(-len(data) % 4))


def usrmerge(path):
    """/lib/x -> /usr/lib/x, as the guest's root has those directories merged."""
    path = os.path.normpath(path)
    first = path.split("/")[1]
    return "/usr" + path if first in MERGED and path != "/" + first else path


def base():
    """What every guest has: busybox with all its names, a shell, init, /etc. Made once for each state of what it is made
    of."""
    busybox = "/bin/busybox"
    if not os.path.exists(busybox) or b"/lib64/ld-linux" in pathlib.Path(busybox).read_bytes():
        raise HarnessError("busybox-static is not installed; run `make deps`")
    digest = hashlib.sha256()
    for source in (busybox, *HOST_PROGRAMS, __file__, VM / "guest" / "init"):
        digest.update(pathlib.Path(source).read_bytes())
    cached = cache_dir() / "initramfs" / f"base-{digest.hexdigest()[:16]}.cpio"
    if not cached.exists():
        cached.parent.mkdir(exist_ok=True)
        write_atomically(cached, _make_base(busybox))
    return cached.read_bytes()


def _make_base(busybox):
    archive = Archive()
    archive.paths = {"/"}
    archive._entry("/.", stat.S_IFDIR | 0o755)
    for path in DIRECTORIES:
        archive.directory("/" + path, 0o1777 if path.endswith("tmp") else 0o755)
    for name in MERGED:
        archive._entry("/" + name, stat.S_IFLNK | 0o777, f"usr/{name}".encode())
    archive.device("/dev/console", 5, 1)  # the kernel opens it for init before devtmpfs is there
    archive.device("/dev/null", 1, 3)
    archive.file("/usr/bin/busybox", pathlib.Path(busybox).read_bytes(), 0o755)
    for applet in subprocess.run([busybox, "--list"], check=True, capture_output=True, text=True).stdout.split():
        if applet not in ("busybox", "linuxrc", "sh"):
            archive.symlink(f"/usr/bin/{applet}", "busybox")
    for name, text in ETC.items():
        archive.file(f"/etc/{name}", text.encode(), 0o600 if name == "shadow" else 0o644)
    archive.symlink("/etc/mtab", "/proc/mounts")
    archive.symlink("/var/run", "/run")
    archive.file("/init", (VM / "guest" / "init").read_bytes(), 0o755)
    for program in HOST_PROGRAMS:
        archive.file(program, pathlib.Path(program).read_bytes(), 0o755)
    archive.symlink("/bin/sh", "bash")
    add_libraries(archive, HOST_PROGRAMS)
    return archive.finished()


def add(archive, host, guest=None):
    """Adds a file or a tree of the host, with the libraries of every program in it."""
    host = os.path.abspath(host)
    if not os.path.exists(host):
        raise HarnessError(f"--add: '{host}' does not exist")
    if os.path.isdir(host):
        add_tree(archive, host, guest or host)
        return
    if not os.path.isfile(host):
        raise HarnessError(f"--add: '{host}' is neither a file nor a directory")
    name = os.path.basename(host)
    program = os.access(host, os.X_OK) and ".so" not in name
    guest = guest or (f"/usr/local/bin/{name}" if program else host)
    if guest.endswith("/"):
        guest += name
    check_guest_path(guest)
    archive.file(guest, read(host), stat.S_IMODE(os.stat(host).st_mode))
    if is_elf(host):
        add_libraries(archive, [host])


def add_tree(archive, host, guest):
    check_guest_path(guest)
    programs = []
    for directory, names, files in os.walk(host):
        there = os.path.normpath(os.path.join(guest, os.path.relpath(directory, host)))
        archive.directory(there, stat.S_IMODE(os.stat(directory).st_mode))
        for name in sorted(names + files):
            path = os.path.join(directory, name)
            if os.path.islink(path):
                archive.symlink(os.path.join(there, name), os.readlink(path))
            elif os.path.isfile(path):
                archive.file(os.path.join(there, name), read(path), stat.S_IMODE(os.stat(path).st_mode))
                if is_elf(path):
                    programs.append(path)
    add_libraries(archive, programs, inside=os.path.realpath(host) + "/")


def check_guest_path(path):
    if not path.startswith("/"):
        raise HarnessError(f"--add: the guest path must be absolute, not '{path}'")
    if usrmerge(path).startswith(tuple(f"{top}/" for top in MOUNTED_OVER)) or path in MOUNTED_OVER:
        raise HarnessError(f"--add: '{path}' is under a file system of the kernel; choose another guest path")


def add_libraries(archive, programs, inside=None):
    """Adds what the dynamic loader would load, and the loader. A tree brings the libraries that are inside it itself."""
    if not programs:
        return
    result = subprocess.run(["ldd", *programs], capture_output=True, text=True, errors="surrogateescape")
    for line in result.stdout.splitlines():
        words = line.split()
        if "not found" in line and not inside:
            raise HarnessError(f"--add: {' '.join(programs)} needs {words[0]}, which is not on this machine")
        path = next((word for word in words if word.startswith("/") and not word.endswith(":")), None)
        if not line.startswith("\t") or not path or (inside and os.path.realpath(path).startswith(inside)):
            continue
        guest = usrmerge(path)
        if guest in archive.paths:
            continue
        archive.file(guest, read(path), 0o755)
        # A library found by the program's own search path may not be found from the program's place in the guest.
        if os.path.dirname(guest) not in LIBRARY_DIRECTORIES:
            default = f"{LIBRARY_DIRECTORIES[0]}/{os.path.basename(guest)}"
            if default not in archive.paths:
                archive.symlink(default, guest)


def is_elf(path):
    """Is it an x86-64 program or library? (BPF objects and relocatable files are ELF too.)"""
    with open(path, "rb") as file:
        head = file.read(20)
    return head[:5] == b"\x7fELF\x02" and head[16:20] in (b"\x02\0\x3e\0", b"\x03\0\x3e\0")


def read(path):
    try:
        return pathlib.Path(path).read_bytes()
    except OSError as error:
        raise HarnessError(f"--add: cannot read '{path}': {error.strerror}")
