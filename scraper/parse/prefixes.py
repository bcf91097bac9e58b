"""What stands before a line's own text: timestamps, log levels, logger names and ranks, taken off and kept as facts."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final, NamedTuple

from scraper.model import Labels
from scraper.parse.words import NAMES, PHASES, fact, is_metric, is_side

_MONTHS: Final = {m: i for i, m in enumerate(("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), 1)}
_CLOCK: Final = r"(?P<H>\d\d):(?P<M>\d\d):(?P<S>\d\d)(?:[.,](?P<f>\d{1,9}))?(?: (?P<half>[AP]M)\b)?"
_ZONE: Final = r"(?:(?P<z>Z\b|UTC\b|GMT\b|[-+]\d\d:?\d\d(?!\d))|[A-Z]{3,4}(?= \|))?"
_TIMES: Final = (
    rf"(?P<Y>\d{{4}})(?P<s>[-/.])(?P<m>\d\d)(?P=s)(?P<d>\d\d)[ T_,:-]{{1,2}}{_CLOCK} ?{_ZONE}",  # ISO 8601 and its cousins
    rf"NeMo (?P<level>[DIWEC]) (?P<Y>\d{{4}})-(?P<m>\d\d)-(?P<d>\d\d) {_CLOCK}",  # [NeMo I 2026-01-02 03:04:05 exp_manager:386]
    rf"(?<=\[)(?P<level>[DIWEC]) (?P<y>\d\d)(?P<m>[01]\d)(?P<d>[0-3]\d) {_CLOCK}",  # [I 260102 03:04:05 train:42] (Tornado, logzero)
    rf"(?P<level>[IWED])?(?P<Y>20\d\d)(?P<m>[01]\d)(?P<d>[0-3]\d)[ T_-]{_CLOCK}",  # 20260102 03:04:05, I20260102 03:04:05 (DINOv2)
    rf"(?:[A-Z][a-z]{{2}},? )?(?P<d>\d{{1,2}})[ /-](?P<b>[A-Z][a-z]{{2}})[ /-](?P<Y>\d{{4}})[ :]{_CLOCK} ?{_ZONE}",  # 02/Jan/2026:03:04:05
    rf"(?P<d>\d\d)-(?P<b>[A-Z][a-z]{{2}})-(?P<y>\d\d) {_CLOCK}",  # 02-Jan-26 03:04:05
    r"(?P<d>\d{1,2}) (?P<b>[A-Z][a-z]{2}) (?P<H>\d\d):(?P<M>\d\d)(?= +(?:DEBUG|INFO|WARN|ERROR)|\])",  # 24 Apr 05:03 (RecBole)
    rf"(?<=\[)(?P<m>0\d|1[0-2])/(?P<d>\d\d)/(?P<y>\d\d) {_CLOCK}",  # [01/02/26 03:04:05] (rich)
    rf"(?<=\[)(?P<m>[01]\d)\.(?P<d>[0-3]\d)\.(?P<y>\d\d)\|{_CLOCK}",  # [01.02.26|03:04:05] (torchlight)
    rf"(?P<y>\d\d)/(?P<m>\d\d)/(?P<d>\d\d) {_CLOCK}",  # 26/01/02 03:04:05 (Spark)
    rf"(?P<y>1[5-9]|[2-4]\d)-(?P<m>[01]\d)-(?P<d>[0-3]\d) {_CLOCK}",  # 26-01-02 03:04:05 (BasicSR)
    rf"(?P<d>[0-3]\d)(?P<s>[-.])(?P<m>[01]\d)(?P=s)(?P<Y>20\d\d),? {_CLOCK}",  # 02.01.2026 03:04:05
    rf"(?P<Y>20\d\d)年(?P<m>\d\d?)月(?P<d>\d\d?)日 ?{_CLOCK}",
    r"(?P<Y>20\d\d)-(?P<m>[01]\d)-(?P<d>[0-3]\d)[ T](?P<H>\d\d):(?P<M>\d\d)(?!:\d)",  # 2026-01-02 03:04
    rf"(?<=\[)(?P<level>[DIWEC]) (?P<m>\d\d)/(?P<d>\d\d)/(?P<Y>\d{{4}}) {_CLOCK}",  # [I 01/02/2026 03:04:05 train:42]
    rf"(?P<m>\d\d)/(?P<d>\d\d)/(?P<Y>\d{{4}}) {_CLOCK}",  # 08/04/2020 05:26:32 (transformers' examples)
    rf"(?P<m>\d\d)/(?P<d>\d\d) {_CLOCK}",  # 11/21 05:34:53 (mmengine, detectron2)
    rf"(?P<m>[01]\d)-(?P<d>[0-3]\d) {_CLOCK}",  # 01-02 03:04:05
    rf"(?<=\[)(?P<m>[01]\d)(?P<d>[0-3]\d) {_CLOCK}",  # [0510 05:24:35 (tensorpack)
    rf"(?P<level>[IWEFD])(?P<m>\d\d)(?P<d>\d\d) {_CLOCK}",  # I1121 05:24:35.175713 (glog, absl)
    rf"[A-Z][a-z]{{2}} (?P<b>[A-Z][a-z]{{2}}) +(?P<d>\d{{1,2}}) {_CLOCK} (?P<Y>\d{{4}})",  # Sat Nov 21 05:24:40 2026 (date, ctime)
    rf"(?:[A-Z][a-z]{{2}} )?(?P<b>[A-Z][a-z]{{2}}) +(?P<d>\d{{1,2}}) {_CLOCK}(?: (?P<Y>\d{{4}})(?=\]))?",  # Nov 21 05:24:40 (syslog)
    rf"{_CLOCK}",  # 05:13:52.428
    r"(?P<unix>1\d{9}\.\d+|(?<=\[)1\d{9}(?=\]))",  # seconds since the epoch
)
_TIME: Final = tuple(re.compile(r"(?:[\[(] ?)?" + t + r"(?=[\])\s,|:-]|\[\d+[,\]]|$)") for t in _TIMES)
_LEVEL: Final = re.compile(
    r"(?:\[ *|\( *|< *)?(?P<level>DEBUG|INFO|WARNING|WARN|ERROR|CRITICAL|FATAL|TRACE|SUCCESS|NOTICE|"
    r"debug|info|warning|warn|error(?! *=)|critical|fatal|D|I|W|E)"
    r"(?P<close> *[\])>:]+| *\||\t| +[-\u2013\u2014] |-(?=[^\s-])|\s*$| +)",
)
_COUNTED: Final = r"(?i:epoch|step|iter|ep|batch|round|episode|trial|fold|loss|top|acc|val|test)"
_RANKS: Final = tuple(
    re.compile(p)
    for p in (
        r"\[(?:default|rank|trainer|worker|role|node)[_-]?(?P<rank>\d+)(?:\|\d+)?\]:? ?",  # torchrun --tee; PyTorch's own [rank0]:
        r"\[[A-Za-z_]\w*?(?P<rank>\d+)\]:(?=\S)",  # torchrun with a role of the user's
        r"\[(?:(?:[\w.-]+@)?\d+,)?(?P<rank>\d+)\]<std(?:out|err|diag)>: ?",  # mpirun --tag-output, horovodrun
        r"\[[A-Za-z][\w.-]*\] (?=\d{4}-\d\d-\d\d[ T]\d\d:)",  # torchtitan, ESPnet: a name before the time
        r"\*[\w.-]{1,40}\* {1,2}(?=\d{4}-\d\d-\d\d [\d:]{8} )",  # Recursive Cascaded Networks: the run's name
        r"(?<![^\n])\| (?=\d{4}-\d\d-\d\d [\d:]{8}(?:[.,]\d+)? \|)",  # a row whose first column is the time
        r"(?!DEBUG|INFO|WARN|ERROR|CRITICAL)[A-Za-z][\w.-]*: (?=\d{4}-\d\d-\d\d [\d:]{8}[.,\d]* \[?(?:DEBUG|INFO|WARN|ERROR))",  # EvoJAX
        r"\([A-Za-z][\w.-]*\) (?=\d{8}-\d\d:\d\d:\d\d)",  # AReaL
        rf"\[(?!{_COUNTED}|train)[A-Za-z][\w.-]*\](?=\[(?:\d\d-\d\d )?\d\d:\d\d:\d\d(?:\.\d+)?\])",  # NanoDet, HugeCTR
        r"\[RK\d+\](?:\[[\w -]+\]: )?",  # HugeCTR, and its thread
        r"\[\d+:[A-Za-z_][\w-]*\](?=\(\d{4}-\d\d-\d\d )",  # Qlib: a process and its thread
        r"(?P<rank>\d+) - (?=[\w.]+ - [\w.]+\.py:\d+ - [A-Z]+ :: )",  # levanter
        r"\[FedML-(?:Server|Client)\((?P<rank>\d+)\) @device-id-[\w-]+\] ",
        r"\((?P<rank>\d+)/\d+\) (?=Epoch \d+, )",  # icefall
        r"(?P<rank>\d{1,3}): (?=(?:TRAIN|VALIDATION|TEST) \[\d+\]\[\d+/|(?:Summary|Performance): Epoch|Gradient norm: )",  # GNMT
        r"\| (?:Training )?Device=(?:xla:)?(?:(?P<host>\d+)/)?(?P<rank>\d+) (?=Epoch=)",  # PyTorch/XLA's examples
        r"\[(?:RANK|Rank|rank)[ =:]*(?P<rank>\d+)\]:? ?",  # accelerate, DeepSpeed's log_dist
        r"\[(?:GPU|gpu|cuda:|xla:|Process|[Ww]orker)[ :]*(?P<rank>\d+)\]:? ?",  # PyTorch's tutorials, PyTorch/XLA's
        r"(?:RANK|Rank|rank|GPU|[Pp]rocess|[Ww]orker|cuda:)[ _]?(?P<rank>\d+)(?:\]|:| [-|]) ?",
        r"(?:RANK|Rank|rank)[=:] ?(?P<rank>\d+)(?=[\s,|]),? ?",
        r"(?!DEBUG|INFO|WARN|ERROR|CRITICAL)(?P<host>[A-Za-z0-9][\w.-]*): (?=\[(?:\d{4}-\d\d-\d\d |rank\d|default\d))",  # pdsh
        rf"\[(?!{_COUNTED})(?P<host>[A-Za-z][A-Za-z_.-]*\d[\w.-]*):(?P<rank>\d+)\]:? ?",  # DeepSpeed's and DLProf's [node7:3]
        r"(?P<host>\d+(?:\.\d+){3}|ip(?:-\d+){4}|(?:node|worker|host|compute|server|nid|master|slave)-?\d+):(?: |$)",  # pdsh, clush
        rf"(?!{_COUNTED})(?P<host>[a-z][\w.]*[-_]\d+|(?:\w+-)?algo-\d+-\w{{5}}(?:_\d+)?) +\|(?: |$)",  # docker compose; SageMaker at home
        r"\[pod/(?P<host>[\w.-]+)/[\w.-]+\](?: |$)",  # kubectl logs --prefix
        r"(?<![^\n])[^\t]{1,80}\t[^\t]{1,80}\t(?=\d{4}-\d\d-\d\dT[\d:]{8}\.\d{7}Z )",  # GitHub's: a job and its step
        r"(?<![^\n])(?:\d+(?:\.\d)?s\t\d+\t|\[ *\+?\d+(?:\.\d+)?s\] +)",  # for how long it runs; Kaggle's page with the line's number
        r"(?<![^\n])\[?\d:\d\d:\d\d(?:\.\d{1,6})?(?:\] ?|: | - | \| | )(?=[^\d,])",
        r"[A-Za-z_][\w.]*:(?=(?:DEBUG|INFO|WARNING|ERROR|CRITICAL):)",
        r"(?<![^\n])[A-Za-z_][\w.]* - (?=(?:DEBUG|INFO|WARNING|ERROR|CRITICAL) - )",  # a logger's name and level without a time
        r"\[[\w./-]+\.(?:py|jl|cc|cpp|cu|lua):\d+\]:? ",  # where in the program, without a time
        r"(?:[\w./-]+\.py ?)?\[(?i:line): ?\d+\]#? *(?=(?:DEBUG|INFO|WARN|ERROR|CRITICAL)|\[?\d{4}-)",
        r"(?:\[std(?:out|err)\]|<std(?:out|err)>:|std(?:out|err):) ?",
        r"\((?:[\w.:<>]+ )?(?:pid=(?P<worker>\d+))(?:, ip=[\d.]+)?\) ?",  # Ray's driver
    )
)
_RANK_WITHIN: Final = re.compile(  # `step=1 rank=0 loss=0.5`, `{"epoch": 1, "rank": 0, "loss": 0.5}`
    r"\W*+(?:(?:(?i:global[_ ])?(?i:epoch|step|iter(?:ation)?|batch)\W*+\d++(?:/\d++)?"
    r"|(?<=\")\w++\": (?:\"[^\"]*+\"|[^\s,{}\"]++))\W++){0,4}"
    r"(?:global_)?(?i:rank)[\"']?\s*+(?:[=:]\s*+|(?<=\s))(?P<rank>\d{1,4})(?=\W|$)(?![.]\d)"
)
_RANK_BEHIND: Final = re.compile(r"(?:Epoch \d+ (?:Step \d+ )?)?(?:TRAIN|CV) [^:=]* rank (?P<rank>\d{1,4})(?= |$)")  # WeNet's
_NAMED: Final = re.compile(r"\(\?P<\w+>")
_ANY_TIME: Final = re.compile(r"(?:[\[(] ?)?(?:[A-Z][a-z]{2},? +){0,2}(?:(?:NeMo )?[DIWEC] |[IWEFD])?\d")  # one look rules most lines out
_ANY_RANK: Final = re.compile("|".join(_NAMED.sub("(?:", p.pattern) for p in _RANKS))
_GLUED: Final = re.compile(rb"(?<=[^\s\[(])(?=\[(?:RANK|[Rr]ank|GPU|gpu) ?\d{1,4}\])")  # right behind another rank's value or word
_RANK_FIRST: Final = re.compile(rb"\[(?:RANK|[Rr]ank|GPU|gpu) ?\d{1,4}\]")
TASK: Final = re.compile(r" *(?P<rank>\d{1,5}):(?: |$)")  # of srun --label; whether it is one, see `ranks`
_LEVEL_AND_NAME: Final = re.compile(  # logging.BASIC_FORMAT; in brackets, a function behind the name: Sockeye
    r"\[?(?P<level>DEBUG|INFO|WARNING|ERROR|CRITICAL):(?:(?!\d+(?:-epoch)?:)\w[\w.-]*(?::\w+\]|[:\]])|\d+ \w+:\d+ (?=\d{4}-\d\d-\d\d ))"
)
_NAME: Final = re.compile(
    r"[A-Za-z_<][\w.<>/-]*(?::(?!\d+ )[\w<>]+)*"
    r"(?= +[-|\u2013\u2014] |\]|\t(?![A-Za-z][\w.]*\t|[-+]?[\d.]+(?:e[-+]\d+)?%?\s*$))"  # `UPOS\tXPOS` is a header, `MSE\t0.5` a value
)
_ROUND: Final = re.compile(r"(?i)(?:ep(?:och)?|step|iter|round|fold|trial|E(?=\d\d))[_-]?\d+(?:/\d+)?")  # `Epoch-3 - loss 0.5`
_NAME_BEFORE_LEVEL: Final = re.compile(  # also a file's name and a function: `log/train.log - INFO - `, `main.py - evaluate - INFO - `
    r"(?:(?:[A-Za-z_][\w.-]* +){1,2}|[A-Za-z_][\w.-]*::|\w[^\t]*\t|\[[A-Za-z_][\w.-]*\]\[|(?:[^\s|]{1,160} - ){1,3})"
    r"(?=(?:DEBUG|INFO|WARNING|ERROR|CRITICAL)\b)"
    r"|[A-Za-z_][\w.-]*: (?=\[ *(?:DEBUG|INFO|WARNING|ERROR|CRITICAL)\])",  # `train: [    INFO] - ` (timm's log files)
)
_PLACE: Final = re.compile(
    r"[\w./<>-]+\.py - [\w<>]+ - \d+(?= - )"
    r"|(?:(?<=\d )[a-z]\w* )?\[?@?[\w./<>-]+\.(?:py|cc|cpp|cu|h|go|rs|jl)(?::[\w<>]+\(\))?: *\d+(?::[\w<>]+)*(?:\]:?|\)| - |:?[ \t])"
    r"|\([\w.-]+\.py \d+\):? ?"
    r"|\([\w.]+:\d+\) |(?!\d)(?P<of>[\w.<>-]+):(?:[\w<>]+:)?\d+(?=[\s|\]-])"
    r"|(?:(?<!\d\] )|(?!\[\d+\]))(?!\[\d+\] +\|)"
    rf"\[(?!(?i:(?:train|test)(?:ing)?|val|valid(?:ation)?|eval|evaluat(?:ion|or)|learner|actor|{_COUNTED}[ _]?\d+)\])[\w.]+\]:? "
    r"|\[(?:thread|process)=[^\]]*\]|\[[\w.]+:\d+, [\w.-]+, rank=\d+\]"
    r"|MainThread(?::\d+)?(?= )|\([A-Za-z_][\w.]*/MainThread\) "
    r"|\[[\w./-]+\.py,? line[: ]? ?\d+\]:?|[\w./-]+\.py line \d+(?: \d+)?\]"
    r"|\[\w+\] (?=[\w./-]+\.py\[line:)|[\w./-]+\.py(?: [\w<>]+ )?\[line: ?\d+\]:?"
    r"|\[ *[\w.-]+\.py\](?=\[line:)|\[line: *\d+\]|rk\d+-[\w.-]+\.py# *\d+\]"
)
_FROM: Final = re.compile(  # syslog's, journald's and coloredlogs' sender; a container's stream; GitLab's
    r"(?:[\w.-]+ )?[\w./-]+\[\d+\](?:: | (?=(?:DEBUG|VERBOSE|INFO|NOTICE|WARNING|SUCCESS|ERROR|CRITICAL) ))"
    r"|std(?:out|err) [FP](?: |$)|(?<=Z )\d\d[OE][ +]"
)
_LINE_OF: Final = re.compile(r"\[(?P<name>(?!\d)[\w.<>-]+):\d+\](?=[\s:])")  # `[__main__:69]`, a logger or thread and its line
_TO_THE_SECOND: Final = re.compile(r"(?<!\d)\d\d:\d\d:(\d\d)(?!:\d)(?:[.,](\d{1,9}))?")
_SPARK: Final = re.compile(r"\d\d/\d\d/\d\d [\d:]{8} [A-Z]+ +(?P<of>[A-Z]\w+): ")  # a class in front of what it says
_SPARK_CLASS: Final = re.compile(r"[A-Z]\w+: ")
_BETWEEN_BARS: Final = re.compile(r"(?P<of>[A-Za-z_][\w.]*)\|(?=\S)")  # `|INFO|Project.Trainer|Epoch 3`
_THREAD: Final = re.compile(r"\d{3,}(?= +(?:[a-z]\w* )?[\w./-]+:\d+\]|\] )")  # glog's thread id; SageMaker's
# Where in the program a line was printed, at its right end: of rich's handler, which prints a second only once, and blanks for it below.
AT_RIGHT: Final = re.compile(r"(?<=\S) +[\w-]+\.py:\d+ *$")
_BAR: Final = re.compile(r"\| *\d+/\d+ \[\d[^\]]*\](?=\d|\[\d\d[:/]| +(?:INFO|WARNING) )")  # a progress bar right before a timestamp
_BARRED: Final = re.compile(r" *\| *[-+]?\d")
_GLUE: Final = re.compile(r"(?:(?!:::)[\s|:,\])>]|[\u2013\u2014](?= )|-(?!\.?\d|-{4}|-+ +--))+")  # `-.5`, rules, `:::MLLOG`
_FINE: Final = 7  # digits of a second: of what collects lines, as `docker logs -t` and GitHub do
_AHEAD: Final = 12 * 3600.0  # seconds by which a stamp without a date may lie ahead of the clock that read it
_LEVELS: Final = {
    "d": "debug", "i": "info", "w": "warning", "warn": "warning", "e": "error", "f": "critical", "fatal": "critical",
    "success": "info", "notice": "info", "trace": "debug",
}  # fmt: skip


class Prefix(NamedTuple):
    """What was taken off."""

    end: int  # where the line's own text begins
    timed: bool  # a timestamp stood there: ask `printed_time`
    level: str  # "" or debug, info, warning, error, critical
    labels: Labels
    start: int  # where that text begins with its own indentation

    @property
    def indent(self) -> int:
        """How many blanks the line's own text begins with."""
        return self.end - self.start

    @property
    def is_loud(self) -> bool:
        """Whether a line warns or tells of an error, and so reports no values."""
        return self.level in ("warning", "error", "critical")


def labels_of(text: str, *, srun: bool) -> Labels:
    """Return the labels that stand in front of a line, or of what a logger printed right behind a bar."""
    labels = take(text, srun=srun).labels
    behind = None if labels else _BAR.search(text)
    return take(text[behind.end() :]).labels if behind else labels


def behind_bar(text: str) -> str:
    """Return the own text of what a logger printed right behind a bar; "" where nothing is."""
    m = _BAR.search(text)
    return body(text[m.end() :], take(text[m.end() :])) if m else ""


def glued_ranks(data: bytes) -> list[int]:
    """Return where further ranks begin in a line that begins with one: several printed at once, `[RANK0] loss 0.5[RANK1] loss 0.4`."""
    return [m.start() for m in _GLUED.finditer(data)] if _RANK_FIRST.match(data) else []


def take(text: str, *, srun: bool = False) -> Prefix:
    """Find what stands before the text of a line."""
    at, timed, level, labels, named = 0, False, "", [], False
    end, spaced = 0, True  # of the last part, and whether blanks behind it are the line's own
    carried = True  # nothing, or what collects lines, stands in front: what joins a logger's parts may not follow
    stamped = -1  # where a logger's time may follow that of what collects lines
    if srun and (m := TASK.match(text)):
        labels.append(("rank", m["rank"]))
        end = m.end()
    for _ in range(12):  # no format has more parts than this
        at = _skip_glue(text, end, started=not carried)
        is_free = not timed or carried
        if (is_free or at == stamped) and (m := _match_time(text, at)) and (is_free or m.groupdict().get("d")):
            stamped, timed = -1 if timed else _skip_glue(text, m.end(), started=True), True
            level = _level(m.groupdict().get("level") or "") or level
            spaced, carried = True, len(m.groupdict().get("f") or "") >= _FINE and m.groupdict().get("z") == "Z"
        elif m := _match_rank(text, at):
            labels += [(k, v) for k, v in m.groupdict().items() if v]
            spaced, carried = True, "host" in m.groupdict() or m[0].rstrip().endswith(":")
        elif not level and (m := _LEVEL_AND_NAME.match(text, at) or _LEVEL.match(text, at)) and _is_level(m, text, timed=timed):
            level = _level(m["level"])
            stamped = _skip_glue(text, m.end(), started=True) if carried or at == stamped else stamped
            spaced = carried = False
        elif timed and not level and (m := _FROM.match(text, at)):
            spaced = carried = True
        elif not (carried and end) and (m := _origin(text, at, timed=timed, level=level, named=named)):
            spaced = carried = False
            named = named or m.re is _NAME
        else:
            break
        end = m.end()
    if not labels and (within := rank_within(text, at)):
        labels.append(("rank", within))
    start = min(end + (end > 0 and not text[end - 1].isspace()), at) if spaced and not text[end:at].strip() else at
    return Prefix(at, timed, level, tuple(sorted(set(labels))), start)


def body(text: str, prefix: Prefix) -> str:
    """Return a line without what a logger put in front of it, but with its own indentation."""
    return text[prefix.start :]


def rank_within(text: str, at: int) -> str:
    """Return the rank that a line's own text, which begins at `at`, states beside its step or epoch, or as WeNet does; "" for none."""
    m = _RANK_WITHIN.match(text, at) or _RANK_BEHIND.match(text, at) if "ank" in text or "RANK" in text else None
    return m["rank"] if m else ""


def _origin(text: str, at: int, *, timed: bool, level: str, named: bool) -> re.Match[str] | None:
    """Match what says where in the program a line was printed: file and line, logger, thread. Only behind a time or a level."""
    m = _PLACE.match(text, at) if timed or level else None
    if m is not None and m["of"] and "." not in m["of"] and _tells(m["of"]) and m[0].count(":") == 1:
        m = None  # `epoch:3 loss:0.5`, while `train:run:3` is a logger, a function and a line
    if m is None and (timed or level) and (line := _LINE_OF.match(text, at)) and not _tells(line["name"]):
        m = line
    if m is None and timed and not level:
        m = _NAME_BEFORE_LEVEL.match(text, at)
    if m is None and not named and (name := _NAME.match(text, at)) and (timed or (level and _is_logger(text, name))):
        is_logger = level and name[0] == "train" and text.startswith(" - ", name.end()) and text[at - 2].isalpha()  # `INFO train - `
        is_phase = name[0].lower() in PHASES and not text.startswith(" | {", name.end()) and not is_logger
        is_row = name[0].lower() in NAMES or (_BARRED.match(text, name.end()) is not None and is_metric(name[0]))
        is_place = fact(name[0]) or _ROUND.fullmatch(name[0])
        m = None if is_phase or is_row or is_place else name  # `Epoch | Loss | Acc` is a header, `Metric | Train | Val`, too
    if m is None and timed and level:
        m = _THREAD.match(text, at) or _class(text, at)
    return m


def _is_logger(text: str, name: re.Match[str]) -> bool:
    """Whether what stands between dashes behind a level and without a time is a logger: `INFO - __main__ - `."""
    return text.startswith(" - ", name.end()) and not _tells(name[0])


def _class(text: str, at: int) -> re.Match[str] | None:
    """Match the class of a program of Spark's or NLog's, and no word that tells something of the training."""
    if text[at - 1] == "|" and (m := _BETWEEN_BARS.match(text, at)) and not _tells(m["of"]):
        return m
    m = _SPARK.match(text)
    return _SPARK_CLASS.match(text, at) if m and m.start("of") == at and not _tells(m["of"]) else None


def _tells(name: str) -> bool:
    """Whether `[name:3]` says something of the training: `[epoch:3]`, `[reward:3]`, `[train:3]`."""
    return bool(fact(name)) or is_metric(name) or is_side(name) or name.lower() in PHASES


def _skip_glue(text: str, at: int, *, started: bool) -> int:
    """Pass over what joins the parts; before the first part only blanks may stand, since a line may begin with a dash of its own."""
    if not started:
        return at + len(text[at:]) - len(text[at:].lstrip(" \t"))
    m = _GLUE.match(text, at)
    return m.end() if m else at


def _is_level(m: re.Match[str], text: str, *, timed: bool) -> bool:
    """A bare word is a level only with a mark of its own, or beside a timestamp; a single letter only in brackets behind one."""
    marked = m.re is _LEVEL_AND_NAME or bool(m["close"].strip().removeprefix("-")) or m["close"] in ("\t", " - ")
    beside = marked or timed or _match_time(text, m.end()) is not None or (m.start() > 0 and AT_RIGHT.search(text, m.end()) is not None)
    return beside and (len(m["level"]) > 1 or (timed and m[0].startswith("[")))


def _level(word: str) -> str:
    return _LEVELS.get(word.lower(), word.lower())


def _match_time(text: str, at: int) -> re.Match[str] | None:
    if not _ANY_TIME.match(text, at):
        return None
    return next((m for p in _TIME if (m := p.match(text, at))), None)


def _match_rank(text: str, at: int) -> re.Match[str] | None:
    if not _ANY_RANK.match(text, at):
        return None
    return next((m for p in _RANKS if (m := p.match(text, at))), None)


def printed_time(text: str, now: float | None) -> float | None:
    """Return the first timestamp of a line whose prefix is timed, in seconds since the epoch.

    A notation without a date or year takes them from `now`; without `now` such a time is not known. Local time is
    meant where no zone is printed.
    """
    stamp = _first_time(text)
    return _seconds(stamp, now) if stamp else None


def notation(text: str) -> str:
    """Return how the first timestamp of a line is written, its digits as 0; "" where none stands there."""
    return re.sub(r"\d", "0", _first_time(text))


def _first_time(text: str) -> str:
    at = 0
    for _ in range(4):
        at = _skip_glue(text, at, started=at > 0)
        if m := _match_time(text, at):
            return m[0]
        if not (m := _match_rank(text, at) or TASK.match(text, at) or _LEVEL.match(text, at)):
            return ""
        at = m.end()
    return ""


@lru_cache(maxsize=4096)
def _parse(stamp: str) -> tuple[tuple[int | None, int | None, int | None], int, float, str] | None:
    """Return (year, month, day), the hour, the seconds since that hour began and the zone of a printed timestamp with a clock."""
    m = _match_time(stamp + "] ", 0)
    if m is None:
        return None
    g = m.groupdict()
    month = _MONTHS.get((g.get("b") or "").lower()) if g.get("b") else int(g["m"]) if g.get("m") else None
    year, day = (int(g[k]) if g.get(k) else None for k in ("Y", "d"))
    if g.get("y"):
        year = 2000 + int(g["y"])
    hour = int(g["H"]) if not g.get("half") else int(g["H"]) % 12 + 12 * (g["half"] == "PM")
    seconds = int(g["M"]) * 60 + int(g.get("S") or 0) + (float(f"0.{g['f']}") if g.get("f") else 0.0)
    return (year, month, day), hour, seconds, g.get("z") or ""


def _seconds(stamp: str, now: float | None) -> float | None:
    bare = stamp.strip("[(")
    if bare[:1] == "1" and ":" not in bare:
        return float(bare)
    m = _TO_THE_SECOND.search(stamp)  # so that what is remembered serves for a minute
    parsed = _parse(f"{stamp[: m.start(1)]}00{stamp[m.end() :]}" if m else stamp)
    if parsed is None:
        return None
    (year, month, day), hour, seconds, zone = parsed
    if m:
        seconds += float(f"{m[1]}.{m[2] or 0}")
    if year is None or month is None or day is None:
        if now is None:
            return None
        return _nearest(month, day, hour, seconds, now)
    start = _hour_start(year, month, day, hour, zone)
    return None if start is None else start + seconds


def _nearest(month: int | None, day: int | None, hour: int, seconds: float, now: float) -> float | None:
    """Return the time of a stamp without a year, or without a date: not in the future, so a stamp of before midnight is yesterday's."""
    today = datetime.fromtimestamp(now)  # noqa: DTZ006 - local time is what logs print
    start = _hour_start(today.year, month or today.month, day or today.day, hour, "")
    if start is not None and start + seconds <= now + _AHEAD:
        return start + seconds
    if month is not None:
        start = _hour_start(today.year - 1, month, day or 1, hour, "")
    else:
        before = today - timedelta(days=1)
        start = _hour_start(before.year, before.month, before.day, hour, "")
    return None if start is None else start + seconds


@lru_cache(maxsize=256)
def _hour_start(year: int, month: int, day: int, hour: int, zone: str) -> float | None:
    """Return seconds since the epoch of an hour's beginning; None where there is no such hour."""
    try:
        if not zone:
            return datetime(year, month, day, hour).timestamp()  # noqa: DTZ001 - local time is what logs print
        offset = 0 if zone[0] not in "+-" else int(zone[0] + "1") * (int(zone[1:3]) * 3600 + int(zone[-2:]) * 60)
        return datetime(year, month, day, hour, tzinfo=UTC).timestamp() - offset
    except (ValueError, OverflowError):
        return None
