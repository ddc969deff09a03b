"""One boot of one guest: QEMU, the ports between it and this process, and how it ended."""

import collections
import os
import queue
import re
import secrets
import select
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time

from common import HarnessError

PORTS = ("control", "stdout", "stderr", "stdin")  # in the order of guest/init
DRAIN_LIMIT = 5
# Sent to this process when nobody reads its output any more. Not SIGPIPE itself: a send to a QEMU that has ended raises it.
OUTPUT_CLOSED = signal.SIGUSR1


class BootFailed(Exception):
    """The command was never reached."""


class Panicked(Exception):
    """The guest died under the command."""


class TimedOut(Exception):
    pass


def new_end_mark():
    """Ends an output stream. Random, so that no output can hold it; its first byte is rare, so that little is held back."""
    return b"\x1f" + secrets.token_hex(16).encode()


class Guest:
    """Starts QEMU. The caller then uses `wait_started`, `connect`, `wait_exit`, and always `kill`."""

    def __init__(self, arguments, files, end_mark, show_boot):
        qemu = shutil.which("qemu-system-x86_64")
        if not qemu:
            raise HarnessError("qemu-system-x86_64 is not installed; run `make deps`")
        self.end_mark = end_mark
        self.show_kernel = show_boot
        self.kernel_log = collections.deque(maxlen=40)
        self.panic = None
        self.error_output = ErrorOutput()
        self.outputs = []
        self.qemu_says = tempfile.TemporaryFile()
        self.sockets, theirs, options = {}, [], []
        for name in ("console", *PORTS):
            self.sockets[name], other = socket.socketpair()
            theirs.append(other)
            options += ["-chardev", f"socket,id={name},fd={other.fileno()}"]
        options += ["-serial", "chardev:console", "-device", "virtio-serial-pci"]
        for number, name in enumerate(PORTS, 1):
            options += ["-device", f"virtserialport,chardev={name},nr={number},name={name}"]
        # setpriv: QEMU must not outlive this process, however it ends.
        self.qemu = subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL", qemu, *arguments, *options], start_new_session=True,
            stdin=subprocess.DEVNULL, stdout=self.qemu_says, stderr=self.qemu_says,
            pass_fds=[other.fileno() for other in theirs] + list(files))
        for other in theirs:
            other.close()
        self.control = b""
        self.kernel_lines = queue.SimpleQueue()  # a reader of standard error that stalls must not stall the guest's kernel
        self.console = [threading.Thread(target=self._read_console, daemon=True),
                        threading.Thread(target=self._write_console, daemon=True)]
        for thread in self.console:
            thread.start()

    def wait_started(self, limit):
        try:
            line = self._control_line(time.monotonic() + limit)
        except TimedOut:
            raise BootFailed(f"init was not reached within {limit} s")
        if line != "started":
            status = self._ended()
            raise BootFailed(self.panic or f"QEMU ended (status {status}) before init was reached")

    def connect(self, stdin, show_kernel):
        """Relays the output from now on, and the input if asked for."""
        self.show_kernel = show_kernel
        for name, write in (("stdout", write_stdout), ("stderr", self.error_output.write)):
            output = Output(self.sockets[name], write, self.end_mark)
            self.outputs.append(output)
            threading.Thread(target=output.run, daemon=True).start()
        if stdin:
            threading.Thread(target=send_stdin, args=(self.sockets["stdin"],), daemon=True).start()

    def wait_exit(self, limit):
        """The command's exit code, after all of its output was written."""
        line = self._control_line(time.monotonic() + limit)
        if line is None:
            self._drain()
            status = self._ended()
            if status < 0:
                raise HarnessError(f"QEMU was killed by {signal.Signals(-status).name} while the command ran "
                                   f"(is the machine out of memory?)\n{self.report()}")
            raise Panicked(self.panic or "the guest was powered off or reset")
        self._drain()
        return int(line.split()[1])

    def kill(self):
        self.qemu.kill()
        self._ended()
        self.console[1].join(1)

    def _ended(self):
        """QEMU's exit status, after the kernel's last words were read."""
        status = self.qemu.wait(10)
        self.console[0].join(2)
        return status

    def report(self):
        self.qemu_says.seek(0)
        says = self.qemu_says.read().decode(errors="replace").strip()
        lines = [f"  QEMU: {line}" for line in says.splitlines()] + [f"  [kernel] {line}" for line in self.kernel_log]
        return "\n".join(lines) or "  neither QEMU nor the kernel said anything"

    def _control_line(self, deadline):
        """The next line of the control port; None if the guest is gone."""
        while b"\n" not in self.control:
            left = min(deadline - time.monotonic(), 3600)
            if left <= 0:
                raise TimedOut
            if not select.select([self.sockets["control"]], [], [], left)[0]:
                continue
            try:
                data = self.sockets["control"].recv(4096)
            except ConnectionError:
                data = b""
            if not data:
                return None
            self.control += data
        line, self.control = self.control.split(b"\n", 1)
        return line.decode(errors="replace")

    def _drain(self):
        """Waits for the end of both outputs, however slowly they are taken; gives up only when the relays in the guest
        are dead (the command may have killed every process)."""
        for output in self.outputs:
            while not output.ended.wait(DRAIN_LIMIT) and output.busy:
                pass

    def _read_console(self):
        rest = b""
        while data := receive(self.sockets["console"]):
            *whole, rest = (rest + data).split(b"\n")
            for line in whole:
                line = re.sub(rb"[\r\0]|\x1b\[[0-9;]*m", b"", line)
                text = line.decode(errors="replace")
                self.kernel_log.append(text)
                if "Kernel panic" in text and not self.panic:
                    self.panic = text
                if self.show_kernel:
                    self.kernel_lines.put(b"[kernel] " + line + b"\n")
        self.kernel_lines.put(None)

    def _write_console(self):
        while line := self.kernel_lines.get():
            self.error_output.write_line(line)


class Output:
    """Relays one output up to its end mark."""

    def __init__(self, source, write, end_mark):
        self.source, self.write, self.end_mark = source, write, end_mark
        self.ended = threading.Event()
        self.busy = False

    def run(self):
        held = b""
        while data := receive(self.source):
            self.busy = True
            data = held + data
            end = data.find(self.end_mark)
            if end < 0:
                end = len(data) - self._possible_mark(data)
            self.write(data[:end])
            held = data[end:]
            self.busy = False
            if held.startswith(self.end_mark):
                break
        else:
            self.write(held)
        self.ended.set()

    def _possible_mark(self, data):
        """How many bytes at the end may be the beginning of the mark."""
        for length in range(min(len(self.end_mark) - 1, len(data)), 0, -1):
            if data.endswith(self.end_mark[:length]):
                return length
        return 0


class ErrorOutput:
    """Standard error has two sources: the command, whose bytes are never touched, and the kernel's lines. A kernel line
    waits a moment for the command to end its line."""

    def __init__(self):
        self.free = threading.Condition()
        self.at_line_start = True

    def write(self, data):
        with self.free:
            if data:
                write_all(2, data)
                self.at_line_start = data.endswith(b"\n")
                self.free.notify_all()

    def write_line(self, line):
        with self.free:
            self.free.wait_for(lambda: self.at_line_start, timeout=0.5)
            write_all(2, line)
            self.at_line_start = True


def receive(source):
    try:
        return source.recv(65536)
    except OSError:
        return b""


def write_stdout(data):
    if not write_all(1, data):
        os.kill(os.getpid(), OUTPUT_CLOSED)


def write_all(descriptor, data):
    """False if nobody reads any more."""
    while data:
        try:
            data = data[os.write(descriptor, data):]
        except BlockingIOError:  # whoever started us may have made it non-blocking
            select.select([], [descriptor], [])
        except OSError:
            return False
    return True


def send_stdin(target):
    try:
        while True:
            try:
                data = os.read(0, 65536)
            except BlockingIOError:
                select.select([0], [], [])
                continue
            if not data:
                break
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        pass  # the guest is gone
