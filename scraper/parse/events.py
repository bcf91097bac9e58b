"""What a printed line says happened to a training: a checkpoint, a resume, an early stop, a fault. It reads one line and keeps nothing.

Which kinds a line has depends on its words and never on its digits, so that one answer serves all lines of a shape.
"""

from __future__ import annotations

import re
from typing import Any, Final, NamedTuple

from scraper.parse import faults, folds
from scraper.parse.numbers import NONFINITE, shape, to_float
from scraper.parse.words import CONFIG

MAX_TEXT: Final = 2000  # characters of a line that are looked at
TRACEBACK: Final = "Traceback (most recent call last)"


class Sign(NamedTuple):
    """One thing a line says happened."""

    kind: str  # checkpoint, resume, early_stop, non_finite, out_of_memory, timeout, communication or killed
    step: int | None  # as the line itself states it
    epoch: float | None
    detail: dict[str, Any]  # path, reason, signal … whatever the line tells


_HINT: Final = re.compile(  # for a text in small letters, which is five times as fast as a search that ignores their case
    r"check-?point|ckpt|sav(?:e|ing)|wrote|dumping|storing|snapshot|best model|resum|restor|recover|continu|restart|early|stopp"
    r"|starting (?:from|training)|signaling|patience|quitting|保存|恢复|继续训练|加载|早停|提前停止|저장"
)
_CODE: Final = re.compile(r"-|\[-|\|  -|from |import |(?:raise )?[\w.]+\(f?[\"']")  # `--resume`, `print("saving checkpoint")`
_NONFINITE: Final = re.compile(NONFINITE)
_ADJECTIVES: Final = (
    r"(?:\s+(?:the|an?|all|new|current|best|last|latest|final|full|model|training|trained|async|unsharded|sharded|optimizer|intermediate|"
    r"epoch|release|local|ema|lora|adapter|student|teacher|generator|discriminator|network|saved|existing|pre-train|as|(?:end-of|intra)-epoch|[\w-]*\d[\w-]*))"
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
    rf"|(?<![\w-]){_OBJECT}(?:\s+(?!plots?\b|figures?\b|results?\b|predictions?\b)[\w.()/@-]+){{0,5}}?\s+(?:saved|written)(?!\w|[/\\])"
    rf"|{_SAVING}(?:\s+(?:the|new|best|last|final|latest)){{1,3}}\s+[\w-]+\s+(?:model|checkpoint)(?=\s*(?:$|[.!,:]|(?:to|at|in|with|from)\b))"
    r"|(?:^|, )(?:already )?save (?:best )?(?:model|checkpoint|weights)(?: to| in| at|:| for(?= (?:epoch|step) \d))\s"  # Paddle, YOLOX
    r"|^(?:> )?(?:checkpoint|best model) : \S*/"  # Coqui
    r"|^checkpoint \S+ is ready now"  # DeepSpeed
    r"|^snapshotting to "  # caffe
    r"|^saving\.\.$"  # the widely copied CIFAR-10 script
    r"|(?<![\w-])checkpointing (?:the )?(?:model )?at (?:step|epoch|iteration)\b|^(?:=> )?saving a new best\b"
    r"|^saving (?:state )?at (?:step|epoch|iteration) \d|^saving (?:best )?state, ?(?:iter|epoch):? \d"  # the widely copied SSD
    r"|(?:モデル|チェックポイント)を保存し(?:ました|た)|(?:모델|체크포인트)(?:이|가|을|를)? ?저장(?:됨|되었|했|완료| 완료)"
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
    r"|^(?:=> )?starting (?:training )?from (?:iteration|epoch|step) \d"  # detectron2
    r"|^auto[- ]?resumed? checkpoint:? (?:from )?\S|^resume from (?:the )?checkpoint:?\s+[\"'`]?(?!none\b|null\b|false\b)\S"
    r"|(?<![\w-])resuming training at \S"  # Hugging Face
    r"|(?<![\w-])restored (?:the )?(?:checkpoint|model|state) (?:at|from) (?:step|epoch|iteration) \d"
    r"|从\S{0,12}恢复|(?<!是否)恢复训练|断点续训\W|继续训练\W|加载(?:了)?(?:检查点|断点)"
)
_UNRESUMED: Final = re.compile(
    r"(?i)(?<![\w/.-])(?:not|no|cannot|can't|couldn't|fail\w*|unable|shards|pre-?trained|release|tokenizer|to resume|if|when)(?![\w/.-])"
    r"|\b(?:catalog|detectron2|torchvision|open-mmlab)://"  # weights to begin with
    r"|是否|没有|未找到|失败"
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
    r"|^no optimization for a long time, auto-stopping"  # the widely copied text classification in Chinese
    r"|^stopping early[:.!]|\bno improvement\b.{0,60}\btraining stopped\b|\btraining stopped: no improvement|^\*+ *early stopping *\*+$"
    r"|(?:触发|执行|提前)早停|早停(?:触发|于)|^早停\W?$|提前停止训练"
    r"|learning rate too small - quitting training"  # Flair
)
_NOT_STOPPED: Final = re.compile(
    r"(?i)(?<![\w/.-])(?:will|would|if|counter|patience[:=]|enabled|disabled|using|monitor(?:ing)?|did not meet)(?![\w/.-])"
)
_COUNT: Final = r"\d{1,3}(?:,\d{3})+(?!,?\d)|\d+"
_STEP: Final = (
    re.compile(rf"(?i)(?<![A-Za-z])(?:global|training|train|model)?[_ -]?(?:step|iteration|iter|update)s?[\s=:_#-]*({_COUNT})(?!\d|\.\d)"),
    re.compile(rf"(?i)(?<![\w.])({_COUNT}) (?:global |training )?(?:steps|iterations|iters|updates)\b"),
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
_LAST_WORD: Final = re.compile(r"\b(?:to|into|in|from)\s+([\w.-]*[A-Za-z_][\w.-]*)$")
_LABEL: Final = re.compile(r"^[^\W\d]{2,}\W(?<=[:\uff1a])(?![/\\])")  # `saved:out/x`
_RELEASED: Final = re.compile(r"^catalog://|(?i:pre-?trained)|-(?=[0-9a-f]*\d)[0-9a-f]{8}\.pth$")  # weights of others, by torch.hub's hash
_BEST: Final = re.compile(r"(?i)best[ _](iteration|epoch|step)\D{1,12}(\d+)")


def may_tell(text: str, body: int) -> bool:
    """Whether lines of this shape, whose own text begins at `body`, are to be looked at: for an event, or another fold."""
    own = text[body:]
    return TRACEBACK in text or bool(kinds(own)) or folds.may_tell(own)


def kinds(text: str) -> tuple[str, ...]:
    """Return the kinds of event that a line, without what stands before its own text, may be; the same for all lines of its shape."""
    text = shape(text)[:MAX_TEXT].rstrip()
    lowered = text.lower()
    own, faulty = _HINT.search(lowered), faults.HINT.search(lowered)
    if not (own or faulty) or _CODE.match(text) or CONFIG.search(text):
        return ()
    out = [kind for kind, says in _RULES if own and says(text)] + (faults.kinds(text) if faulty else [])
    if "resume" in out and "checkpoint" in out:  # `Loaded checkpoint … saved at step 5`
        out.remove("checkpoint")
    return tuple(out)


def read(text: str) -> list[Sign]:
    """Return what happened according to a line without what stands before its own text, with what the line tells about it."""
    text = text[:MAX_TEXT].rstrip()
    return [sign for kind in kinds(text) if (sign := _DETAILS[kind](text) if kind in _DETAILS else _fault(kind, text)) is not None]


def _fault(kind: str, text: str) -> Sign | None:
    detail = faults.detail(kind, text)
    where = (_step(text), _epoch(text)) if kind == "non_finite" else (None, None)
    return None if detail is None else Sign(kind, *where, detail)


def _is_checkpoint(text: str) -> bool:
    return bool(_CHECKPOINT.search(text)) and not _UNDONE.search(_OTHERWISE.sub("", text))


def _is_resume(text: str) -> bool:
    return bool(_RESUME.search(text)) and not _UNRESUMED.search(text)


def _is_early_stop(text: str) -> bool:
    return bool(_EARLY_STOP.search(text)) and not _NOT_STOPPED.search(text)


_RULES: Final = (("checkpoint", _is_checkpoint), ("resume", _is_resume), ("early_stop", _is_early_stop))


def _saved(text: str) -> Sign:
    path = _path(text)
    numbered = re.search(r"/(\d+)/?$", path)  # Orbax's directories
    step = int(numbered[1]) if numbered else _step(text)
    return Sign("checkpoint", step, _epoch(text), {"path": path} if path else {})


def _resumed(text: str) -> Sign | None:
    step, epoch = _step(text), _epoch(text)
    first = min((place for place in (step, epoch) if place is not None), default=2)
    path = _path(text)
    if step == 0 or (first < 2 and text.lower().startswith(("starting ", "=> starting "))) or _RELEASED.search(path):
        return None  # weights to begin with, not a training to go on with
    return Sign("resume", step, epoch, {"path": path} if path else {})


def _stopped(text: str) -> Sign:
    best = _BEST.search(text)
    return Sign("early_stop", None, None, {f"best_{best[1].lower()}": int(best[2])} if best else {})


_DETAILS: Final = {"checkpoint": _saved, "resume": _resumed, "early_stop": _stopped}


def _step(text: str) -> int | None:
    m = next((m for pattern in _STEP if (m := pattern.search(text))), None)
    return int(m[1].replace(",", "")) if m else None


def _epoch(text: str) -> float | None:
    m = next((m for pattern in _EPOCH if (m := pattern.search(text))), None)
    return to_float(m[1]) if m else None


def _path(text: str) -> str:
    """Return the file or directory a line names; "" for none."""
    quoted = [m[1] for m in _QUOTED.finditer(text) if "/" in m[1] or _WEIGHTS_FILE.search(m[1])]
    slashed = [m[0] for m in _SLASHED.finditer(text) if any(c.isalpha() for c in m[0]) and not _RATE.search(m[0])]
    named = [m[0] for m in _WEIGHTS_FILE.finditer(text)]
    if named:  # `best checkpoint with 0.5 coco/bbox_mAP is saved to best.pth`
        slashed = [path for path in slashed if _WEIGHTS_FILE.search(path)]
    last = _LAST_WORD.search(text.rstrip(".!"))
    found = next(iter((*quoted, *slashed, *named)), last[1] if last else "")
    return _LABEL.sub("", found).rstrip(".,:!)]")
