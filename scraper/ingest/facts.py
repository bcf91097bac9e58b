"""What is recorded of a run besides what it prints: code, machine, interpreter, an allow-list of its environment.

Owns redaction: what looks like a secret never reaches a file. Nothing here fails or takes long; a fact that cannot be had is left out.
"""

from __future__ import annotations

import itertools
import os
import pwd
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from scraper.ingest.launch import processors

HIDDEN: Final = "***"
ENVIRONMENT: Final = re.compile(
    r"CUDA_VISIBLE_DEVICES|HIP_VISIBLE_DEVICES|ROCR_VISIBLE_DEVICES|SLURM_\w+|WORLD_SIZE|LOCAL_WORLD_SIZE"
    r"|RANK|LOCAL_RANK|NODE_RANK|GROUP_RANK|MASTER_ADDR|MASTER_PORT|OMP_NUM_THREADS|MKL_NUM_THREADS|TORCHELASTIC_\w+"
    r"|NCCL_\w+|XLA_FLAGS|PYTORCH_CUDA_ALLOC_CONF|TF_CONFIG|TF_XLA_FLAGS"
    r"|CONDA_DEFAULT_ENV|VIRTUAL_ENV|HF_HOME|HF_DATASETS_CACHE|TRANSFORMERS_CACHE|PBS_JOBID|LSB_JOBID|JOB_ID|HOSTNAME"
)
_SECRET_WORDS: Final = frozenset(
    {*("secret", "password", "passwd", "passphrase", "pwd", "credential", "credentials", "apikey"), *("signature", "auth", "bearer", "jwt")}
)
_SECRET_ENDS: Final = ("password", "passwd", "passphrase", "apikey", "accesskey", "secretkey")  # of words run together: PGPASSWORD
_SECRET_KEYS: Final = ("api", "access", "private", "auth", "account", "signing", "secret", "encryption", "license", "wandb", "openai")
_SERVICES: Final = ("db", "mysql", "postgres", "pg", "redis", "mongo", "rabbitmq", "smtp", "ftp", "root", "admin", "user", "default")
_SECRET_PAIRS: Final = frozenset([*((kind, "key") for kind in _SECRET_KEYS), *((service, "pass") for service in _SERVICES)])
_VOCABULARY: Final = frozenset({"pad", "eos", "bos", "mask", "unk", "sep", "cls", "stop", "special", "image", "next", "per"})  # --pad-token
_SECRET_VALUES: Final = re.compile(
    r"\bsk-[\w-]{12,}|\bhf_\w{12,}|\bgh[pousr]_\w{12,}|\bgithub_pat_\w{12,}|\bglpat-[\w-]{12,}|\bxox[abeprs]-[\w-]{8,}"
    r"|\b(?:AKIA|ASIA)[0-9A-Z]{12,}|\bAIza[\w-]{20,}|\beyJ[\w-]{8,512}+\.[\w-]{8,}(?:\.[\w-]*)?|(?<=Bearer )\S+|(?<=Basic )\S+"
    r"|(?<=hooks\.slack\.com/services/)\S+|(?<=wandb login )[0-9a-f]{40}\b"
)
_USER_IN_URL: Final = re.compile(r"(?P<scheme>\b[a-zA-Z][\w+.-]{0,30}://)[^/?#\s]+@")
_SIGNED_URL: Final = re.compile(r"(?P<name>[?&]sig)(?P<sep>=)[^&\s\"']+")
_HEADER: Final = re.compile(
    r"(?P<name>\b(?:proxy-)?authorization|\b(?:set-)?cookie)(?P<sep>\s*:\s*(?:(?:bearer|basic|token|digest)\s+)?)[^\r\n\"']+", re.IGNORECASE
)
_USER_OPTION: Final = re.compile(  # curl's `-u me:word`, and not docker's `-u 1000:1000`
    r"(?P<name>(?<![\w-])(?:-u|--user))(?P<sep>[ =]?)[^\s:\"'=-][^\s:\"']*:(?!\d+\b)[^\s\"']+"
)
# Programs that take a password in a short option: (option, whether it may be the next word, too)
_SHORT_OPTIONS: Final = {
    **dict.fromkeys(("mysql", "mysqldump", "mysqladmin", "mysqlimport", "mysqlsh", "mariadb", "mariadb-dump"), ("-p", False)),
    **dict.fromkeys(("sshpass", "mongo", "mongosh", "mongodump", "mongorestore"), ("-p", True)),
    **dict.fromkeys(("7z", "7za", "7zz"), ("-p", False)),
    "redis-cli": ("-a", True),
    "ldapsearch": ("-w", True),
}
_BEFORE_SECRETS: Final = ("-u ", "--user ", "wandb login ")  # behind these a word of its own may be one, as in a shell's text
_PROGRAM: Final = re.compile(rf"(?<![\w.-])(?:{'|'.join(map(re.escape, _SHORT_OPTIONS))})(?![\w.-])")
_COMMAND_END: Final = re.compile(r"[;|&\n]")
# A name and what is between it and its value; lengths are bounded, so that text made to be slow to search is not.
_ASSIGNED: Final = re.compile(r"(?<![A-Za-z_])(?P<name>[A-Za-z][\w.-]{0,80}+)[\"']?\]?\s{0,9}[=:]\s{0,9}")
_ASSIGNED_VALUE: Final = re.compile(r"\"[^\"]*\"|'[^']*'|[^\s,;&}\"']+")
_OPTION: Final = re.compile(r"(?P<name>--?[A-Za-z][\w.-]{0,80}+)\s{1,9}")
_OPTION_VALUE: Final = re.compile(r"\"[^\"]*\"|'[^']*'|[^\s-]\S*|-(?!-)\S{2,}")  # a secret may begin with a dash
_GIT_SECONDS: Final = 2.0
_GPU_SECONDS: Final = 2.0
_PYTHON_SECONDS: Final = 2.0


# secrets


def _is_secret(name: str) -> bool:
    """Tell whether a flag, variable or key of this name holds a secret: `--api-key`, `HF_TOKEN`; not `--max-tokens` or `--tokenizer`."""
    words = [word.lower() for word in re.split(r"[^A-Za-z0-9]+|(?<=[a-z])(?=[A-Z])", name) if word]
    if words[-1:] == ["token"]:  # not --token-dropout
        return _VOCABULARY.isdisjoint(words)
    known = not _SECRET_WORDS.isdisjoint(words) or not _SECRET_PAIRS.isdisjoint(itertools.pairwise(words))
    return known or any(word.endswith(_SECRET_ENDS) for word in words)


def redact(text: str) -> str:
    """Return `text` with what looks like a secret replaced: by the name before it, its own shape, or its place in a URL or header."""
    text = _USER_IN_URL.sub(rf"\g<scheme>{HIDDEN}@", text)
    for place in (_HEADER, _USER_OPTION, _SIGNED_URL):
        text = place.sub(rf"\g<name>\g<sep>{HIDDEN}", text)
    return _named(_OPTION, _OPTION_VALUE, _named(_ASSIGNED, _ASSIGNED_VALUE, _SECRET_VALUES.sub(HIDDEN, _programs(text))))


def _programs(text: str) -> str:
    """Return a shell's text without the passwords that stand in the short options of programs known to take them there."""
    parts: list[str] = []
    done = 0
    for match in _PROGRAM.finditer(text):
        if match.start() < done:
            continue
        end = _COMMAND_END.search(text, match.end())
        stop = end.start() if end else len(text)
        option, apart = _SHORT_OPTIONS[match[0]]
        value = rf"(?<=\s)({option}{'[ =]?' if apart else ''})[^\s'\"-][^\s'\"]*"
        parts += [text[done : match.end()], re.sub(value, rf"\1{HIDDEN}", text[match.end() : stop])]
        done = stop
    return "".join([*parts, text[done:]])


def _named(name: re.Pattern[str], value: re.Pattern[str], text: str) -> str:
    """Return `text` without the values behind the names of secrets; what stands behind another name may hold such a name itself."""
    parts: list[str] = []
    done = 0
    for match in name.finditer(text):
        if match.start() >= done and _is_secret(match["name"]) and (found := value.match(text, match.end())):
            parts += [text[done : match.end()], HIDDEN]
            done = found.end()
    return "".join([*parts, text[done:]])


def redact_command(argv: Iterable[str]) -> list[str]:
    """Return a command line without its secrets; `--token X` hides the next argument too."""
    redacted: list[str] = []
    hide_next = False
    option, apart = "", False  # of the program named last
    for word in argv:
        is_option = word.startswith("-")
        option, apart = _SHORT_OPTIONS.get(os.path.basename(word), (option, apart))  # noqa: PTH119 - `run` starts without pathlib
        if option and word.startswith(option) and len(word) > len(option) and not word.startswith("--"):
            redacted.append(option + HIDDEN)
            hide_next = False
            continue
        said = f"{' '.join(redacted[-2:])} "
        if before := next((words for words in _BEFORE_SECRETS if said.endswith(words)), ""):
            word = redact(before + word).removeprefix(before)  # noqa: PLW2901 - one word in the place of another
        redacted.append(HIDDEN if hide_next and _OPTION_VALUE.match(word) else redact(word))
        hide_next = (is_option and not re.search(r"[=:\s]", word) and _is_secret(word)) or (apart and word == option)
    return redacted


def environment(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the allow-listed variables, redacted, by name."""
    return {name: HIDDEN if _is_secret(name) else redact(value) for name, value in sorted(environ.items()) if ENVIRONMENT.fullmatch(name)}


# code


def _git_directories(start: Path) -> tuple[Path, Path] | None:
    """Return the git directory of the checkout around `start` and the one its branches are in (a worktree's differ), or None."""
    for folder in (start, *start.parents):
        entry = folder / ".git"
        if entry.is_dir():
            return entry, entry
        if entry.is_file():
            directory = folder / entry.read_text().removeprefix("gitdir:").strip()
            common = directory / "commondir"
            return directory, directory / common.read_text().strip() if common.is_file() else directory
    return None


def git_head(start: Path) -> tuple[str, str]:
    """Return the commit (hex) and branch of the checkout around `start` without running git, "" for what is not there. Takes < 1 ms."""
    try:
        directories = _git_directories(start)
        if directories is None:
            return "", ""
        own, common = directories
        head = (own / "HEAD").read_text().strip()
        if not head.startswith("ref: "):
            return head, ""
        name = head.removeprefix("ref: ")
        return _ref(common, name), name.removeprefix("refs/heads/")
    except (OSError, UnicodeDecodeError):
        return "", ""


def _ref(common: Path, name: str) -> str:
    """Return the commit a branch is at: from its own file, else from the packed ones."""
    loose = common / name
    if loose.is_file():
        return loose.read_text().strip()
    packed = common / "packed-refs"
    for line in packed.read_text().splitlines() if packed.is_file() else ():
        if line.endswith(f" {name}"):
            return line.split()[0]
    return ""


def user_name(uid: int) -> str:
    """Return the name of a user, or the number where it has no name, as in containers."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def working_directory() -> Path:
    """Return where this process works; of a directory that was deleted the kernel's name for it, under which no file is found."""
    try:
        return Path.cwd()
    except FileNotFoundError:
        return Path("/proc/self/cwd").readlink()


def _output(argv: list[str], seconds: float, cwd: str | None = None) -> str | None:
    """Return what a program prints, or None when it is missing, fails or takes longer."""
    import subprocess  # noqa: PLC0415 - imported by the scraper's process, not before the command starts

    try:
        done = subprocess.run(
            argv, cwd=cwd, stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace", timeout=seconds, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout


def git_dirty(cwd: str) -> bool | None:
    """Tell whether tracked files differ from the commit; None when git does not say in time."""
    listed = _output(["git", "--no-optional-locks", "status", "--porcelain", "--untracked-files=no"], _GIT_SECONDS, cwd)
    return None if listed is None else bool(listed.strip())


def python_version(program: str) -> str:
    """Return version and path of the interpreter `program`, "" when its name is not a Python's or it does not answer."""
    if not re.fullmatch(r"(python|pypy)[\d.]*", Path(program).name):
        return ""
    code = "import sys; print('.'.join(map(str, sys.version_info[:3])), sys.executable)"
    return (_output([program, "-I", "-S", "-c", code], _PYTHON_SECONDS) or "").strip()


# machine


def hardware() -> dict[str, Any]:
    """Return cpu (model), cores (this process may use), memory_bytes and gpus (name and memory each), as far as they can be had."""
    facts: dict[str, Any] = {"cores": processors()}
    if model := _first(Path("/proc/cpuinfo"), r"(?:model name|Hardware|cpu model)\s*:\s*(.+)"):
        facts["cpu"] = model
    if total := _first(Path("/proc/meminfo"), r"MemTotal:\s*(\d+) kB"):
        facts["memory_bytes"] = int(total) * 1024
    if found := gpus():
        facts["gpus"] = found
    return facts


def _first(path: Path, pattern: str) -> str:
    """Return the first match of `pattern` in a file, "" without one."""
    try:
        match = re.search(pattern, path.read_text(errors="replace"))
    except OSError:
        return ""
    return match[1].strip() if match else ""


def gpus(driver: Path = Path("/proc/driver/nvidia/gpus")) -> list[str]:
    """Return the NVIDIA GPUs as `name, memory`, from nvidia-smi, else by name from the driver."""
    listed = _output(["nvidia-smi", "--query-gpu=name,memory.total", "--format=csv,noheader"], _GPU_SECONDS)
    if listed is not None:
        return [line.strip() for line in listed.splitlines() if line.strip()]
    return [name for path in sorted(driver.glob("*/information")) if (name := _first(path, r"Model:\s*(.+)"))]
