"""The emulated machine: QEMU's arguments, the kernel's command line, and whether KVM can be used."""

import json
import os
import pathlib
import re
import time

import guest as guests
import initramfs
from common import HarnessError, cache_dir, cache_lock, write_atomically

MAX_CPUS = 64
TOPOLOGY_KEYS = ("sockets", "dies", "modules", "cores", "threads")

# Emulated time is at the mercy of the host: no check of the timer by counting, and a TSC that is not doubted.
# An oops must not go by unseen. Mitigations cost an emulated CPU a lot and protect nobody here.
COMMAND_LINE = "console=ttyS0 panic=-1 oops=panic no_timer_check tsc=reliable mitigations=off"
# All that the emulator can do, but for what costs it far more than it costs a CPU: `rep movsb` and `rep stosb`, by which the
# kernel copies and clears memory where a CPU does so fast, go byte by byte; a fifth level of page tables is one more to
# walk; stac and clac end a translated block.
EMULATED_CPU = "max,-erms,-fsrm,-la57,-smap"
# Self-tests and certificates that take 0.6 s of a boot; the certificates are needed where modules are loaded.
SKIPPED = ("crypto_hkdf_module_init", "jent_mod_init")
SKIPPED_WITHOUT_MODULES = ("load_system_certificate_list",)


def topology(cpus, text):
    """(number of CPUs, QEMU's -smp value) from --cpus and --topology, either of which may be None."""
    if text is None:
        return cpus or 2, str(cpus or 2)
    total, given = 1, cpus
    for position, part in enumerate(text.split(",")):
        key, _, value = part.rpartition("=")
        if not re.fullmatch(r"[1-9]\d{0,3}", value) or (key not in (*TOPOLOGY_KEYS, "cpus") and (key or position)):
            raise HarnessError(f"--topology takes QEMU's form, such as sockets=2,cores=2,threads=2 "
                               f"(of {', '.join(TOPOLOGY_KEYS)}); not '{text}'")
        if key in TOPOLOGY_KEYS:
            total *= int(value)
        elif given not in (None, int(value)):
            raise HarnessError(f"--cpus {given} and --topology {text} do not agree")
        else:
            given = int(value)
    parts = [part for part in text.split(",") if part.split("=")[0] in TOPOLOGY_KEYS]
    given = given or total
    if parts and total != given:
        raise HarnessError(f"--topology {text} has {total} CPUs, but {given} were asked for")
    if given > MAX_CPUS:
        raise HarnessError(f"a guest can have 1 to {MAX_CPUS} CPUs, not {given}")
    return given, ",".join([str(given), *parts])


# How the CPUs come about. With icount, an instruction takes 2 ns of the guest's time, whatever the host does meanwhile. One
# thread emulates the CPUs in turns, which end with the next timer of the guest, milliseconds away: what one CPU asks of
# another would take so long. A timer that has nothing to do with the guest, that of a filter on an unused network, ends
# them after 50 us.
PROCESSORS = {
    "kvm": ("-accel", "kvm", "-cpu", "host"),
    "tcg": ("-accel", "tcg,thread=multi", "-cpu", EMULATED_CPU),
    "icount": ("-accel", "tcg,thread=single", "-icount", "shift=1", "-cpu", EMULATED_CPU,
               "-netdev", "hubport,id=turns,hubid=0", "-object", "filter-buffer,id=turn,netdev=turns,interval=100"),
}


def start(kernel, accel, archive, end_mark, options, verbose_boot=False):
    """Boots `kernel` with `archive` on top of the base. `options` has smp, memory, append, publish, quiet. A verbose boot
    is for the report of a failure: its messages are kept and not shown."""
    modules = kernel.modules(net=bool(options.publish))
    skipped = SKIPPED if modules else SKIPPED + SKIPPED_WITHOUT_MODULES
    line = " ".join(filter(None, [COMMAND_LINE, f"initcall_blacklist={','.join(skipped)}", "" if verbose_boot else "quiet",
                                  options.append]))
    if len(os.fsencode(line)) > 2047:
        raise HarnessError("--append: the kernel's command line would be longer than 2047 bytes")
    arguments = [
        *PROCESSORS[accel],
        "-machine", "pc", "-smp", options.smp, "-m", f"{options.memory}M",
        "-nodefaults", "-no-user-config", "-nic", "none", "-display", "none", "-no-reboot",
        "-kernel", str(kernel.image), "-append", line]
    if options.publish:
        forwards = "".join(f",hostfwd=tcp:127.0.0.1:{host}-10.0.2.15:{port}" for host, port in options.publish)
        arguments += ["-netdev", f"user,id=net,restrict=on{forwards}", "-device", "virtio-net-pci,netdev=net,romfile="]
    root = os.memfd_create("initramfs", 0)
    try:
        with open(root, "wb", closefd=False) as file:
            file.write(initramfs.base())
            file.write(_run_archive(archive, accel, modules, end_mark, bool(options.publish)))
        show_boot = not options.quiet and not verbose_boot
        return guests.Guest([*arguments, "-initrd", f"/dev/fd/{root}"], [root], end_mark, show_boot)
    finally:
        os.close(root)


def _run_archive(archive, accel, modules, end_mark, net):
    extra = initramfs.Archive()
    for number, module in enumerate(modules):
        extra.file(f"/run/vm/modules/{number:02}-{module.name}", module.read_bytes())
    extra.file("/run/vm/end", end_mark)
    extra.file("/run/vm/accelerator", accel.encode())
    if net:
        extra.file("/run/vm/net", b"")
    return archive + extra.finished()


def accelerator(kernel):
    """'kvm' if a probe boot succeeded since this machine was started, else 'tcg'. A /dev/kvm that is there may still hang
    on a stock kernel."""
    wanted = os.environ.get("COXSWAIN_ACCEL", "")
    if wanted in ("kvm", "tcg"):
        return wanted
    if wanted:
        raise HarnessError(f"COXSWAIN_ACCEL must be kvm or tcg, not '{wanted}'")
    if not os.access("/dev/kvm", os.R_OK | os.W_OK):
        return "tcg"
    boot = pathlib.Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    path = cache_dir() / "accelerator.json"

    def known():
        try:
            result = json.loads(path.read_text())
            return result["accelerator"] if result["boot"] == boot else None
        except (OSError, ValueError, KeyError):
            return None
    if not known():
        with cache_lock("accelerator"):
            if not known():
                result = {"boot": boot, "accelerator": "kvm" if _kvm_works(kernel) else "tcg"}
                write_atomically(path, json.dumps(result).encode())
    return known()


class _Probe:
    smp, memory, append, publish, quiet = "2", 512, "", (), True


def _kvm_works(kernel, limit=6):
    archive = initramfs.Archive()
    archive.file("/run/vm/command", b"exit 42\n")
    probe = start(kernel, "kvm", archive.finished(), guests.new_end_mark(), _Probe)
    deadline = time.monotonic() + limit
    try:
        probe.wait_started(limit)
        probe.connect(stdin=False, show_kernel=False)
        return probe.wait_exit(deadline - time.monotonic()) == 42
    except (guests.BootFailed, guests.Panicked, guests.TimedOut, HarnessError):
        return False
    finally:
        probe.kill()
