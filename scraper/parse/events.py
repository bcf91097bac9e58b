"""What a printed line says happened to a training: a checkpoint, a resume, an early stop, a fault. It reads one line and keeps nothing.

Which kinds a line has depends on its words and never on its digits, so that one answer serves all lines of a shape.
"""

from __future__ import annotations

import re
from typing import Any, Final, NamedTuple

from scraper.parse.numbers import NONFINITE, to_float, to_int
from scraper.parse.pairs import shape
from scraper.parse.words import CONFIG

MAX_TEXT: Final = 2000  # characters of a line that are looked at
TRACEBACK: Final = "Traceback (most recent call last)"
FAULTS: Final = frozenset(("non_finite", "out_of_memory", "timeout", "killed"))  # kinds that the last line of a traceback may be as well


class Sign(NamedTuple):
    """One thing a line says happened."""

    kind: str  # checkpoint, resume, early_stop, non_finite, out_of_memory, timeout or killed
    step: int | None  # as the line itself states it
    epoch: float | None
    detail: dict[str, Any]  # path, reason, signal … whatever the line tells


_HINT: Final = re.compile(  # for a text in small letters, which is five times as fast as a search that ignores their case
    r"check-?point|ckpt|sav(?:e|ing)|wrote|snapshot|best model|resum|restor|recover|continu|restart|early|stopp|starting training|"
    r"signaling|patience|quitting|memory|bad_alloc|alloc_failed|exhausted|memoryallocation|\boom\b|nccl|watchdog|time|timing|barrier|cancelled|"
    r"preempt|terminat|killed|segmentation|bus error|abort|illegal|floating|fatal|signal|sigterm|sigusr|exitcode|exits with|hangup|"
    r"node failure|failed \(|interrupt|requeu|\bnan\b|invalid loss|保存"
)
_NONFINITE: Final = re.compile(NONFINITE)
_ADJECTIVES: Final = (
    r"(?:\s+(?:the|an?|all|new|current|best|last|latest|final|full|model|training|trained|async|unsharded|sharded|optimizer|intermediate|"
    r"epoch|release|local|ema|lora|adapter|student|teacher|generator|discriminator|network|saved|existing|pre-train|[\w-]*\d[\w-]*))"
)
_OBJECT: Final = (
    r"(?:check-?points?|ckpts?|snapshots?|weights|state[ _]dict|pipeline|current state|state(?= to\s)|"
    r"model(?!\w|\s+(?:state|predict|output|summary|config|card|graph|plot|metric|result|architecture|diagram|info|name|type|parallel)))(?![\w=.-]*[_=])"
)
_WEIGHTS: Final = (
    r"(?:[\w./\\@+=:-]+\.(?:pt|pth|pth\.tar|ckpt|safetensors|h5|hdf5|keras|pdparams|caffemodel|weights|params|msgpack)"
    r"|[\w./\\-]*model[\w.-]*\.(?:bin|npz|pkl))"
)
_SAVING: Final = r"(?<![\w-])(?:sav(?:ed|ing)|wrote|writing|dump(?:ed|ing)|stor(?:ed|ing)|snapshotting)"
_CHECKPOINT: Final = re.compile(
    rf"(?i){_SAVING}{_ADJECTIVES}{{0,5}}?\s+{_OBJECT}"
    rf"|{_SAVING}\s+(?:\S+\s+){{0,5}}?[\"'`(]?{_WEIGHTS}(?![\w])"
    rf"|(?<![\w-]){_OBJECT}(?:\s+[\w.()/@-]+){{0,5}}?\s+(?:saved|written)(?!\w)"
    r"|^(?:already )?save (?:best )?(?:model|checkpoint|weights)(?: to| in|:)\s"  # PaddlePaddle, YOLOX
    r"|^(?:> )?(?:checkpoint|best model) : \S*/"  # Coqui
    r"|^checkpoint \S+ is ready now"  # DeepSpeed
    r"|^snapshotting to "  # caffe
    r"|^saving\.\.$"  # the widely copied CIFAR-10 script
    r"|(?:(?<!\w)|已|正在)保存(?:了|新的|最佳|最好|最优|当前)*(?:模型|检查点|权重|checkpoint)|(?:模型|检查点|权重)(?:已经?)?保存(?:到|至|在|于|成功)"
)
# Sentences about saving that is not done.
_UNDONE: Final = re.compile(
    r"(?i)(?<![\w/.-])(?:will|would|should|could|can|cannot|can't|won't|not|never|fail\w*|unable|skip\w*|without|every|disabled?|enabled?|"
    r"about to|listeners|to be|be|unless|whether|instead|if|when|where|removed?|removing|delet\w+)(?![\w/.-])|\bto none\b"
)
_OTHERWISE: Final = re.compile(r"\(or [^()]*\)")  # `Saving the checkpoint (or staging if async is enabled).`
_RESUME: Final = re.compile(
    r"(?i)(?<![\w-])resum(?:ed|ing)(?![\w=])[^:=]{0,60}?\bfrom\b:?\s+[\"'`]?(?!none\b|null\b|false\b|scratch\b)\S"
    r"|(?<![\w-])resumed epoch: \d"
    r"|(?<![\w-])(?:resum|restart|continu)(?:e|ed|ing) (?:the )?(?:training )?from (?:epoch|step|iter(?:ation)?|update):? *\d"
    r"|^resume (?:checkpoint|training|model) from\s+[\"'`]?(?!none\b|null\b|false\b|scratch\b)\S"
    r"|(?<![\w-])continuing (?:the )?(?:training|run|fine-?tuning) from\b"
    rf"|(?<![\w-])(?:re)?load(?:ed|ing)?{_ADJECTIVES}{{0,4}}?\s+(?:check-?points?|ckpt|snapshot|training state)"
    r"(?=\s+(?:from|at|in)\b|:?\s+[\"'`/(.~]|:?\s+\S+/)"
    r"|(?<![\w-])(?:restor|recover)(?:ed|ing)(?:\s+[\w-]+){0,5}?\s+from\s+(?:the checkpoint\s|[\"'`]?\S*(?:/|ckpt|checkpoint))"
    r"|^starting training from (?:iteration|epoch|step) \d"  # detectron2
)
_UNRESUMED: Final = re.compile(
    r"(?i)(?<![\w/.-])(?:not|no|cannot|can't|couldn't|fail\w*|unable|shards|pre-?trained|release|tokenizer|to resume|if|when)(?![\w/.-])"
)
_EARLY_STOP: Final = re.compile(
    r"(?i)(?<!\bno )(?<!not meet )(?<!without )(?<![\w-])early[ -]?stop(?:ping|ped)?"
    r"(?:\s*[.!]*\s*$|\s*[!,]|\.\s|\s+(?:at|occurred|triggered|activated|now|because|due|since|in epoch|reached|"
    r"(?:condition|criteri\w+) (?:met|reached)|after (?:epoch|step|iteration|\d))\b|:\s.*(?:improv|stopp(?:ing|ed)))"
    r"|\bstopp(?:ing|ed) (?:the )?train(?:ing)? early\b|\btraining (?:was )?stopped early\b|signaling trainer to stop"
    r"|earlystopping: stop training|stopped by overfitting detector|^stopping\. best iteration"
    r"|not improve(?:d)? .{0,80}\bstopping(?: (?:the )?training)?[.!]*\s*$|^stopping since \S+ has not improved"
    r"|\b(?:no|without) improvement .{0,80}\bstopping(?: early| (?:the )?training)?[.!]*\s*$"
    r"|\bran out of patience\b|patience .{0,30}(?:exceeded|exhausted|reached).{0,10}\b(?:stopp|quit)"  # AllenNLP
    r"|learning rate too small - quitting training"  # Flair
)
_NOT_STOPPED: Final = re.compile(
    r"(?i)(?<![\w/.-])(?:will|would|if|counter|patience[:=]|enabled|disabled|using|monitor(?:ing)?|did not meet)(?![\w/.-])"
)
_NON_FINITE: Final = re.compile(
    r"Invalid loss, terminating training|[Ff]ound (?:NaN|Inf) in |[Ll]oss became infinite or NaN|NaN loss during training"
    r"|Model diverged with loss = NaN|NaN or Inf found in input tensor"
)
_OUT_OF_MEMORY: Final = re.compile(
    r"(?:CUDA|HIP|XPU|MPS backend|NPU) out of memory|OutOfMemoryError\b|ErrorMemoryAllocation|cudaMalloc[\w ]*failed: out of memory"
    r"|(?:CUDA|HIP) [Ee]rror(?: \d+)?: out of memory|[Cc]uda(?: failure|Success \(\d vs\. 0\)) +'?out of memory"
    r"|hipErrorOutOfMemory|CU(?:BLAS|DNN)_STATUS_ALLOC_FAILED|RESOURCE_EXHAUSTED: Out of memory|ResourceExhaustedError"
    r"|Allocator \(\w+\) ran out of memory trying to allocate(?!.* is not a failure)"
    r"|OOM when allocating|DefaultCPUAllocator: (?:can't|not enough)"
    r"|^(?:numpy\.[\w.]*)?_?(?:Array)?MemoryError\b|attempting to recover from OOM|std::bad_alloc"
)
_TIMEOUT: Final = re.compile(
    r"[Ww]atchdog.{0,80}?(?:timed out|operation timeout|got stuck)"
    r"|NCCL.{0,80}?(?:timed out|timing out|[Tt]imeout (?:error|occurred|at|exceeded|expired|detected))"
    r"|[Tt]imed? ?out.{0,80}?(?:(?:recv|send) operation|collective|rendezvous|waiting for clients|NCCL communicator)"
    r"|[Ww]ait timeout after \d|before timing out|[Hh]eartbeat monitor timed out|RendezvousTimeoutError"
    r"|Dist(?:Store|Network)Error:.{0,200}?[Tt]imed out|Socket Timeout$"
    r"|client socket has timed out after|failed to pass monitoredBarrier in"
)
_SIGNALS: Final = {
    "killed": "SIGKILL", "terminated": "SIGTERM", "segmentation fault": "SIGSEGV", "bus error": "SIGBUS", "aborted": "SIGABRT",
    "abort": "SIGABRT", "illegal instruction": "SIGILL", "floating point exception": "SIGFPE", "hangup": "SIGHUP",
    "user defined signal 1": "SIGUSR1", "user defined signal 2": "SIGUSR2", "cpu time limit exceeded": "SIGXCPU",
    "keyboardinterrupt": "SIGINT", "9": "SIGKILL", "15": "SIGTERM", "11": "SIGSEGV", "7": "SIGBUS", "6": "SIGABRT", "2": "SIGINT",
    "1": "SIGHUP", "4": "SIGILL", "8": "SIGFPE", "10": "SIGUSR1", "12": "SIGUSR2",
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
        (r"failed \(exitcode: -(?P<signal>\d+)\)", "signal"),
        (r"exits with return code = -(?P<signal>\d+)", "signal"),  # DeepSpeed
        (r"DataLoader worker \(pid \d+\) is killed by signal: (?P<signal>[A-Z][a-z ]+)", "signal"),
        (r"died with <Signals\.(?P<signal>SIG[A-Z]+\d?): \d+>", "signal"),
        (r"^Detected (?P<signal>KeyboardInterrupt)\b", "signal"),  # Lightning
        (r"(?i)^handling auto-requeue signal: (?P<signal>\d+)", "requeue"),
        (r"PBS: job killed: \w+|TERM_(?:RUNLIMIT|CPULIMIT|DEADLINE): job killed", "time limit"),
        (r"TERM_PREEMPT: job killed", "preemption"),
        (r"TERM_(?:OWNER|ADMIN|FORCE_OWNER|FORCE_ADMIN): job killed", "cancelled"),
        (r"(?i)\b(?:job|node|instance|worker|run|training|task) (?:was |has been |is being |got |is )?preempted\b", "preemption"),
        (r"(?i)received (?:a )?preemption (?:signal|notice)", "preemption"),
    )
)
_STEP: Final = (
    re.compile(r"(?i)(?<![A-Za-z])(?:global|training|train|model)?[_ -]?(?:step|iteration|iter|update)s?[\s=:_#-]*(\d[\d,]*)(?!\d|\.\d)"),
    re.compile(r"(?i)(?<![\w.])(\d[\d,]*) (?:global |training )?(?:steps|iterations|iters|updates)\b"),
    re.compile(r"(?i)checkpoint-(\d+)(?![\w-]|\.\w)"),  # Hugging Face's directories
    re.compile(r"(?i)saving checkpoints for (\d+) into"),  # TensorFlow's estimators
)
_EPOCH: Final = (
    re.compile(r"(?i)(?<![A-Za-z])epochs?[\s=:_#-]*(\d+(?:\.\d+)?)(?!\d)"),
    re.compile(r"(?i)(?<![\w.])(\d+) epochs?\b"),
)
_QUOTED: Final = re.compile(r"[\"'`]([^\"'`\s][^\"'`]*)[\"'`]")
_SLASHED: Final = re.compile(r"(?:\w+:/)?[^\s\"'`,;()<>=/]*/[^\s\"'`,;()<>]*")
_RATE: Final = re.compile(r"(?:^|[\d?])(?:it|s|steps?|batch)/(?:s|it|step|batch)\b")  # of a bar in front
_WEIGHTS_FILE: Final = re.compile(rf"(?i){_WEIGHTS}(?!\w)")
_LAST_WORD: Final = re.compile(r"\b(?:to|into|in|from)\s+([\w.-]+)$")
_ASKED: Final = re.compile(r"allocat(?:e|ing) ([\d.]+ ?[KMGT]i?B)")
_DEVICE: Final = re.compile(r"\bGPU (\d+)")
_OPERATION: Final = re.compile(r"OpType=(\w+)")
_RAN: Final = re.compile(r"ran for (\d+) milliseconds|[Tt]imeout after (\d+)ms")
_BEST: Final = re.compile(r"(?i)best[ _](iteration|epoch|step)\D{1,12}(\d+)")


def kinds(text: str) -> tuple[str, ...]:
    """Return the kinds of event that a line, without what stands before its own text, may be; the same for all lines of its shape."""
    text = shape(text)[:MAX_TEXT].rstrip()
    if not _HINT.search(text.lower()) or text.startswith(("-", "[-", "|  -", "from ", "import ")) or CONFIG.search(text):
        return ()
    out = [kind for kind, says in _RULES if says(text)]
    if "resume" in out and "checkpoint" in out:  # `Loaded checkpoint … saved at step 5`
        out.remove("checkpoint")
    return tuple(out)


def read(text: str) -> list[Sign]:
    """Return what happened according to a line without what stands before its own text, with what the line tells about it."""
    text = text[:MAX_TEXT].rstrip()
    return [sign for kind in kinds(text) if (sign := _DETAILS[kind](text)) is not None]


def _is_checkpoint(text: str) -> bool:
    return bool(_CHECKPOINT.search(text)) and not _UNDONE.search(_OTHERWISE.sub("", text))


def _is_resume(text: str) -> bool:
    return bool(_RESUME.search(text)) and not _UNRESUMED.search(text)


def _is_early_stop(text: str) -> bool:
    return bool(_EARLY_STOP.search(text)) and not _NOT_STOPPED.search(text)


def _is_killed(text: str) -> bool:
    return any(pattern.search(text) for pattern, _ in _KILLED)


_RULES: Final = (
    ("checkpoint", _is_checkpoint),
    ("resume", _is_resume),
    ("early_stop", _is_early_stop),
    ("non_finite", lambda text: bool(_NON_FINITE.search(text))),
    ("out_of_memory", lambda text: bool(_OUT_OF_MEMORY.search(text))),
    ("timeout", lambda text: bool(_TIMEOUT.search(text))),
    ("killed", _is_killed),
)


def _saved(text: str) -> Sign:
    path = _path(text)
    numbered = re.search(r"/(\d+)/?$", path)  # Orbax's directories
    step = int(numbered[1]) if numbered else _step(text)
    return Sign("checkpoint", step, _epoch(text), {"path": path} if path else {})


def _resumed(text: str) -> Sign | None:
    step = _step(text)
    if step == 0 or (step == 1 and "Starting training" in text):
        return None  # weights to begin with, not a training to go on with
    path = _path(text)
    return Sign("resume", step, _epoch(text), {"path": path} if path else {})


def _stopped(text: str) -> Sign:
    best = _BEST.search(text)
    return Sign("early_stop", None, None, {f"best_{best[1].lower()}": int(best[2])} if best else {})


def _diverged(text: str) -> Sign:
    return Sign("non_finite", _step(text), _epoch(text), {})


def _exhausted(text: str) -> Sign:
    asked, device = _ASKED.search(text), _DEVICE.search(text)
    detail = {"asked": asked[1]} if asked else {}
    return Sign("out_of_memory", None, None, {**detail, "device": f"GPU {device[1]}"} if device else detail)


def _timed_out(text: str) -> Sign:
    operation, ran = _OPERATION.search(text), _RAN.search(text)
    seconds = {"seconds": int(ran[1] or ran[2]) / 1000} if ran else {}
    return Sign("timeout", None, None, {**({"operation": operation[1]} if operation else {}), **seconds})


def _died(text: str) -> Sign | None:
    m, reason = next(((m, reason) for pattern, reason in _KILLED if (m := pattern.search(text))), (None, ""))
    if m is None:
        return None
    found = m.groupdict()
    detail = {"reason": (found.get("why") or reason).lower().strip()}
    if found.get("job"):
        detail["job"] = found["job"]
    if found.get("signal"):
        detail["signal"] = _SIGNALS.get(found["signal"].lower(), found["signal"])
    return Sign("killed", None, None, detail)


_DETAILS: Final = {
    "checkpoint": _saved, "resume": _resumed, "early_stop": _stopped, "non_finite": _diverged, "out_of_memory": _exhausted,
    "timeout": _timed_out, "killed": _died,
}  # fmt: skip


def _step(text: str) -> int | None:
    m = next((m for pattern in _STEP if (m := pattern.search(text))), None)
    return to_int(m[1].rstrip(",")) if m else None


def _epoch(text: str) -> float | None:
    m = next((m for pattern in _EPOCH if (m := pattern.search(text))), None)
    return to_float(m[1]) if m else None


def _path(text: str) -> str:
    """Return the file or directory a line names; "" for none."""
    quoted = (m[1] for m in _QUOTED.finditer(text) if "/" in m[1] or _WEIGHTS_FILE.search(m[1]))
    slashed = (m[0] for m in _SLASHED.finditer(text) if any(c.isalpha() for c in m[0]) and not _RATE.search(m[0]))
    named = (m[0] for m in _WEIGHTS_FILE.finditer(text))
    last = _LAST_WORD.search(text.rstrip(".!"))
    return next((found.rstrip(".,:!)]") for source in (quoted, slashed, named) for found in source), last[1] if last else "")
