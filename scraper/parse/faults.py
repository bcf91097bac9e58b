"""Faults that a printed line tells of: a loss that is no number, memory that ran out, a timeout, a lost connection, a kill.

It reads one line and keeps nothing; `events` says when it is asked.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

Detail = dict[str, Any]  # reason, signal, device … whatever the line tells

HINT: Final = re.compile(  # for a text in small letters: no other tells of a fault
    r"out[ _]?of[ _]?(?:gpu )?memory|memoryerror|memory (?:exhausted|limit|region|pressure)|not enough memory|(?:cannot|can't) allocate"
    r"|exhausted|bad_alloc|alloc_failed|memoryallocation|\boom|pbs: job|term_|nccl|watchdog|tim(?:e|ed|ing)[ -]?out|time limit|barrier"
    r"|cancelled|preempt"
    r"|terminat|killed|segmentation|bus error|abort|illegal|floating|fatal|signal|\bsig[a-z]|exitcode|exit code|exits with|exited|hangup"
    r"|node failure|\*\*\* (?:job|step) |interrupt|requeu|\bnan\b|invalid loss|loss (?:scale|became)|non-?finite|not finite|infinite"
    r"|invalid value|found inf|diverged|gloo/|horovod|communication|coordination service|subset of ranks|process has died|worker died"
    r"|actor died|free\(\)|malloc|munmap|corrupt|assertion|non-zero status"
)
_NON_FINITE: Final = re.compile(
    r"Invalid loss, terminating training|[Ff]ound (?:NaN|Inf) in |[Ll]oss became infinite or NaN|NaN loss during training"
    r"|Model diverged with loss = NaN|NaN or Inf found in input tensor"
    r"|returned nan values in its \d+th output|Minimum loss scale reached|[Ll]oss scale already at minimum"
    r"|invalid value \(nan\) encountered|constraint Real\S*, but found invalid values"  # JAX; torch.distributions
    r"|(?i:\bloss(?:es)? (?:is|became|went|was) (?:infinite|not finite|non-?finite)\b"
    r".{0,60}?\b(?:stop|abort|exit|terminat|skip|diverg|patience is exhausted)"
    r"|(?:diverged|\bdue to)\W+(?:(?:loss|a) )*(?:is |was )?\bnan\b"
    r"|\b(?:nan|infinite|non-?finite)(?:(?:/| or )inf)? (?:loss|gradients?|grad[ _]norm)\b"
    r".{0,60}?\b(?:detected|skip|stop|abort|encountered|end(?:ing|ed)\b|terminat)"
    r"|\b(?:nan|non-?finite)(?:(?:/| or )inf)? (?:detected|found|encountered) in (?:the )?(?:loss|grad)"
    r"|\b(?:nan|inf)(?:(?:/| or )inf)? in (?:the )?(?:loss|gradients?)\b.{0,20}\b(?:stop|abort|skip|exit))"
)
_SCALED: Final = re.compile(r"(?i)dynamic loss scal|\bno (?:nan|non-?finite)|\bif\b|\bcheck")  # a scaler finds its way; of what may come
_OUT_OF_MEMORY: Final = re.compile(
    r"(?:CUDA|HIP|XPU|MPS backend|NPU) out of memory|OutOfMemoryError\b|ErrorMemoryAllocation|cudaMalloc[\w ]*failed: out of memory"
    r"|(?:CUDA|HIP) [Ee]rror(?: \d+)?: out of memory|[Cc]uda(?: failure|Success \(\d vs\. 0\)) +'?out of memory"
    r"|hipErrorOutOfMemory|CU(?:BLAS|DNN)_STATUS_ALLOC_FAILED|RESOURCE_EXHAUSTED: Out of memory|ResourceExhaustedError"
    r"|Allocator \(\w+\) ran out of memory trying to allocate(?!.* is not a failure)"
    r"|Resource exhausted: Out of memory"
    r"|RESOURCE_EXHAUSTED: (?:Attempting to (?:reserve|allocate) |Failed to allocate |.{0,80}Ran out of memory)"
    r"|\[Errno \d+\] Cannot allocate memory|Out of GPU memory trying to allocate|Out of memory error on GPU"
    r"|Failed to allocate a memory region of"
    r"|failed to allocate [\d.]+ \w+ of [\w ]+: out of memory|CUDA error \d+.{0,60}: out of memory|\[Fatal\] Memory exhausted"
    r"|OOM when allocating|DefaultCPUAllocator: (?:can't|not enough)"
    r"|^(?:numpy\.[\w.]*)?_?(?:Array)?MemoryError\b|attempting to recover from OOM|std::bad_alloc"
)
_TIMEOUT: Final = re.compile(
    r"[Ww]atchdog.{0,80}?(?:timed out|operation timeout|got stuck)"
    r"|NCCL.{0,80}?(?:timed out|timing out|[Tt]imeout (?:error|occurred|at|exceeded|expired|detected))"
    r"|[Tt]imed? ?out.{0,80}?(?:(?:recv|send) operation|collective|rendezvous|waiting for clients|NCCL communicator)"
    r"|[Ww]ait timeout after \d|before timing out|[Hh]eartbeat monitor timed out|RendezvousTimeoutError"
    r"|Dist(?:Store|Network)Error:.{0,200}?[Tt]imed out|Socket Timeout$"
    r"|Timed out (?:initializing process group|waiting for job step)|DEADLINE_EXCEEDED: Barrier timed out"
    r"|tensors were submitted to be reduced, gathered or broadcasted by subset of ranks"  # Horovod
    r"|client socket has timed out after|failed to pass monitoredBarrier in"
)
_COMMUNICATION: Final = re.compile(
    r"NCCL [Ee]rror(?: \d+)?(?: in)?:(?!.*[Tt]imeout)|[Ww]atchdog thread terminated with exception(?!.*(?:[Tt]imeout|timed out))"
    r"|gloo/transport/\S+\] (?:Connection (?:closed|reset|refused)|[Rr]ead error|[Ww]rite error)"
    r"|Horovod has been shut down|MPI_ABORT was invoked on rank|MPI communication peer process has unexpectedly disconnected"
    r"|Polled an error from coordination service"  # JAX
)
_SIGNALS: Final = {
    "killed": "SIGKILL", "terminated": "SIGTERM", "segmentation fault": "SIGSEGV", "bus error": "SIGBUS", "aborted": "SIGABRT",
    "abort": "SIGABRT", "illegal instruction": "SIGILL", "floating point exception": "SIGFPE", "hangup": "SIGHUP",
    "user defined signal 1": "SIGUSR1", "user defined signal 2": "SIGUSR2", "cpu time limit exceeded": "SIGXCPU",
    "keyboardinterrupt": "SIGINT", "9": "SIGKILL", "15": "SIGTERM", "11": "SIGSEGV", "7": "SIGBUS", "6": "SIGABRT", "2": "SIGINT",
    "process abort signal": "SIGABRT", "termination signal": "SIGTERM", "erroneous arithmetic operation": "SIGFPE",
    "1": "SIGHUP", "5": "SIGTRAP", "4": "SIGILL", "8": "SIGFPE", "10": "SIGUSR1", "12": "SIGUSR2",
}  # fmt: skip
_DEATH: Final = (
    r"(?P<signal>Killed|Terminated|Segmentation fault|Bus error|Aborted|Illegal instruction|Floating point exception|Hangup"
    r"|User defined signal \d|CPU time limit exceeded)"
)
_KILLED: Final = tuple(
    (re.compile(pattern), reason)
    for pattern, reason in (
        (r"\*\*\* (?:JOB|STEP) (?P<job>\S+) ON \S+ CANCELLED AT \S+ (?:(?i:DUE TO) (?P<why>[A-Za-z ]+)[^*]*)?\*\*\*", "cancelled"),
        (r"\*\*\* (?:JOB|STEP) (?P<job>\S+) ON \S+ FAILED ", "failed"),
        (r"^srun: error: Node failure on ", "node failure"),
        (r"^srun: Force Terminated (?:job|StepId=|JobId=)", "cancelled"),
        (r"Detected \d+ oom[_-]kill event|have been OOM Killed|[Oo]ut of memory: Killed process|\bOOMKilled\b", "out of memory"),
        (r"Exceeded (?:job|step) memory limit|exceeded memory limit \(.*being killed|TERM_MEMLIMIT: job killed", "out of memory"),
        (r"PBS: job killed: (?:p?v?mem|memory)\b", "out of memory"),
        (r"^srun: error: .*?: tasks? [\d,-]+: Out Of Memory", "out of memory"),
        (rf"^srun: error: .*?: tasks? [\d,-]+: {_DEATH}", "signal"),
        (rf"^(?:\S+: line \d+: +\d+ |\[\d+\][-+]? +|\d+ )?{_DEATH}(?: \(core dumped\))?$", "signal"),
        (rf"^(?:\S+: line \d+: +\d+|\[\d+\][-+]?(?: +\d+)?) +(?i:{_DEATH})(?: \(core dumped\))? ", "signal"),
        (rf"^g?make(?:\[\d+\])?: \*\*\* \[.*\] {_DEATH}", "signal"),
        (r"^zsh: (?P<signal>killed|segmentation fault|abort|bus error|terminated)\b", "signal"),
        (rf"^Fatal Python error: {_DEATH}", "signal"),
        (r"^Signal: (?P<signal>Segmentation fault|Bus error|Aborted|Killed|Terminated) \(\d+\)", "signal"),  # Open MPI
        (r"\bexited on signal (?P<signal>\d+) ", "signal"),  # its mpirun
        (r"TERMINATED WITH THE EXIT STRING: .*\(signal (?P<signal>\d+)\)", "signal"),  # MPICH
        (r"^Command terminated by signal (?P<signal>\d+)", "signal"),  # GNU time
        (r"[Rr]eceived (?:Signals\.)?(?P<signal>\d+|SIG[A-Z]+\d?) death signal", "signal"),  # torchrun
        (r"^(?:[\w.]+Exception: )?Process \d+ got signal: (?P<signal>\d+)", "signal"),  # the same
        (r"[Rr]eceiv(?:ed|ing) (?P<signal>SIG(?:TERM|INT|USR\d|HUP))\b", "signal"),  # Lightning, Megatron
        (r"failed \(exitcode: -(?P<signal>\d+)\)|^exitcode\s*: -(?P<table>\d+) \(pid: ", "signal"),
        (r"exits with return code = -(?P<signal>\d+)", "signal"),  # DeepSpeed
        (r"DataLoader worker \(pid \d+\) is killed by signal: (?P<signal>[A-Z][a-z ]+)", "signal"),
        (r"died with <Signals\.(?P<signal>SIG[A-Z]+\d?): \d+>", "signal"),
        (r"^Detected (?P<signal>KeyboardInterrupt)\b", "signal"),  # Lightning
        (r"terminated with signal (?P<signal>SIG[A-Z]+\d?)\b", "signal"),  # torch.multiprocessing
        (r"^signal \((?P<signal>\d+)\): |\*\*\* (?P<glog>SIG[A-Z]+) \(@", "signal"),  # Julia, glog
        (r"^\[\d+\] signal (?P<signal>\d+) \(\d+\): ", "signal"),  # Julia from 1.9 on
        (r"FatalError: `(?P<signal>[A-Z][a-z ]+)` is detected by the operating system", "signal"),  # Paddle
        (r"(?:terminated with|[Ee]xited with|finished with) exit code (?P<code>\d+)", "signal"),
        (r"^terminate called (?:after throwing an instance of '(?!std::bad_alloc)|without an active exception|recursively)", "abort"),
        (r"^(?:(?:free|malloc|realloc|munmap_chunk)\(\): |double free or corruption|corrupted (?:double-linked list|size vs))", "abort"),
        (r"^\S+: .*: Assertion `.*' failed\.$", "abort"),
        (r"\d+ Workers \(tasks / actors\) killed due to memory pressure \(OOM\), ", "worker died"),
        (r"\bA worker died or was killed while executing a task|\bThe actor died unexpectedly", "worker died"),
        (r"is dead because its worker process has died|DataLoader worker \(pid\(s\) [\d, ]+\) exited unexpectedly", "worker died"),
        (r"\bUnexpected bus error encountered in worker|process in the process pool was terminated abruptly", "worker died"),
        (r"^\S*TerminatedWorkerError: ", "worker died"),
        (r"^(?:mpirun|mpiexec) detected that one or more processes exited with non-zero status", "failed"),
        (r"(?i)^handling auto-requeue signal: (?P<signal>\d+)", "requeue"),
        (r"PBS: job killed: \w+|TERM_(?:RUNLIMIT|CPULIMIT|DEADLINE): job killed", "time limit"),
        (r"TERM_PREEMPT: job killed", "preemption"),
        (r"TERM_(?:OWNER|ADMIN|FORCE_OWNER|FORCE_ADMIN): job killed", "cancelled"),
        (r"(?i)\b(?:job|node|instance|worker|run|training|task) (?:was |has been |is being |got |is )?preempted\b", "preemption"),
        (r"(?i)received (?:a )?preemption (?:signal|notice)", "preemption"),
    )
)
_BY_SIGNAL: Final = frozenset(("132", "134", "135", "136", "137", "138", "139", "140", "143"))  # exit codes: 128 and the signal
_ASKED: Final = re.compile(r"allocat(?:e|ing) ([\d.]+ ?[KMGT]i?B)")
_DEVICE: Final = re.compile(r"\bGPU (\d+)")
_OPERATION: Final = re.compile(r"OpType=(\w+)")
_RAN: Final = re.compile(r"ran for (\d+) milliseconds|[Tt]imeout after (\d+)ms")

def kinds(text: str) -> list[str]:
    """Return the kinds of fault that a line, without what stands before its own text, may be."""
    return [kind for kind, (says, _) in _RULES.items() if says(text)]


def detail(kind: str, text: str) -> Detail | None:
    """Return what a line tells of its fault; None where its numbers say that it is none."""
    return _RULES[kind][1](text)


def _is_non_finite(text: str) -> bool:
    return bool(_NON_FINITE.search(text)) and not _SCALED.search(text)


def _is_killed(text: str) -> bool:
    return any(pattern.search(text) for pattern, _ in _KILLED)


def _exhausted(text: str) -> Detail:
    asked, device = _ASKED.search(text), _DEVICE.search(text)
    found = {"asked": asked[1]} if asked else {}
    return {**found, "device": f"GPU {device[1]}"} if device else found


def _timed_out(text: str) -> Detail:
    ran = _RAN.search(text)
    return {**_broken_off(text), **({"seconds": int(ran[1] or ran[2]) / 1000} if ran else {})}


def _broken_off(text: str) -> Detail:
    operation = _OPERATION.search(text)
    return {"operation": operation[1]} if operation else {}


def _died(text: str) -> Detail | None:
    m, reason = next(((m, reason) for pattern, reason in _KILLED if (m := pattern.search(text))), (None, ""))
    if m is None:
        return None
    told = m.groupdict()
    code, signal = told.get("code"), told.get("signal") or told.get("glog") or told.get("table")
    if code and code not in _BY_SIGNAL:
        return None  # it ended by itself
    signal = str(int(code) - 128) if code else signal
    if reason == "abort":  # the shell may tell of its signal as well
        reason, signal = "signal", "6"
    found = {"reason": (told.get("why") or reason).lower().strip()}
    found |= {"job": told["job"]} if told.get("job") else {}
    return {**found, "signal": _SIGNALS.get(signal.lower(), signal)} if signal else found


_RULES: Final[dict[str, tuple[Callable[[str], Any], Callable[[str], Detail | None]]]] = {
    "non_finite": (_is_non_finite, lambda _: {}),
    "out_of_memory": (_OUT_OF_MEMORY.search, _exhausted),
    "timeout": (_TIMEOUT.search, _timed_out),
    "communication": (_COMMUNICATION.search, _broken_off),
    "killed": (_is_killed, _died),
}
KINDS: Final = frozenset(_RULES)  # the last line of a traceback may be of one of these as well
