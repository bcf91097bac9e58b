"""The field's vocabulary: which printed names place a value, which are metrics, and which are anything but."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Final


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Names that place a value instead of being one -> the fact they state.
FACTS: Final = {
    **dict.fromkeys(
        ("step", "iter", "iters", "iteration", "it", "itr", "itrs", "update", "updates", "nupdates", "timestep", "timesteps", "num updates",
         "iter num", "steps done", "num timesteps", "total timesteps", "round", "round idx", "episode", "episode idx", "trial",
         "generation", "t", "gstep", "step num", "env step", "env steps", "step max steps", "batch i", "n episode", "ep i", "total t",
         "i", "n iter", "nb iter"),
        "step",
    ),
    **dict.fromkeys(("epoch", "epoch id", "ep", "epoch num", "progress or epoch", "outer epoch", "epoch out", "epoch outer"), "epoch"),
    "evaluate num": "step",
    **dict.fromkeys(("inner epoch", "epoch in", "epoch inner"), "batch"),  # within an outer one
    **dict.fromkeys(("batch", "batch idx", "minibatch", "mini batch", "batch num", "batch id", "idx", "index"), "batch"),
}  # fmt: skip
# A fact that counts something -> the one that says how many there are.
TOTALS: Final = {"step": "steps", "epoch": "epochs", "batch": "batches", "counter": "counters", "samples": "total_samples"}
# Words in front of those that change nothing.
_QUALIFIERS: Final = _set("train training trainer runtime global current cur optimizer valid validation val dev eval test at")

# Words that say which data a value is of -> the name put in front where the printed name does not say it.
PHASES: Final = {
    **dict.fromkeys(("train", "training", "trn", "训练", "训练集"), "train"),
    **dict.fromkeys(("val", "vali", "valid", "validate", "validation", "validating", "dev", "cv", "validierung", "验证", "验证集"), "val"),
    **dict.fromkeys(("eval", "evaluation", "evaluate", "evaluating", "evaluator"), "val"),
    **dict.fromkeys(("test", "testing", "测试", "测试集"), "test"),
}
ANY_PHASE: Final = "|".join(sorted(PHASES, key=len, reverse=True))  # for regexes

# What a column is called whose cells are names of metrics.
NAMES: Final = ("metric", "metrics")

# Words that make a name a metric: a name is split at anything that is no letter or digit, and one of its words must be here.
METRIC_WORDS: Final = _set(
    """loss losses cost nll elbo kl kld ce mse mae rmse rmsle mape smape bce dice iou miou giou perplexity ppl pplx bpc bpb bpd logloss acc
    accuracy accuray acurracy accurary acuracy accracy accurcy
    accu accy err error precision recall f1 f2 fscore auc auroc rocauc aucroc auprc prauc map ndcg mrr mr hits top1 top5 prec prec1 prec5
    sensitivity specificity kappa mcc r2 pearson spearman correlation corr corrcoef bleu rouge rougel meteor cider chrf wer cer psnr ssim
    lpips fid nmi ari silhouette reward return score objective objf entropy gnorm gradnorm lddt rmsd epe ap ar macc aacc mdice mlm nae ber
    coherence nsp rpn recon inertia stress mlogloss likelihood loglik logprob uas las uem
    lem fitness rew stoi sisnr sdr returns rewards scores success nmae
    nrmse nmse mre wape mase rse rrmse medae jaccard winrate fpr fnr tpr tnr ppv npv eer
    cf1 of1 iu miu fwiou ciou diou giou siou eiou wiou dsc hd95 assd asd mota motp idf1 hota amota amotp nds minp nme pck pckh oks
    mpjpe pampjpe mpvpe pve ade fde minade minfde absrel sqrel chamfer hmean aupr kid niqe brisque ergas msssim dists plcc srcc srocc krcc
    em mindcf dcf mcd pesq bertscore forgetting tloss vloss gloss dloss aloss closs tacc vacc teer veer faithfulness groundedness relevancy
    mssim icir rankic homogeneity completeness bouldin harabasz concordance cindex aic bic deviance fmeasure vmeasure
    qwk mmlu hellaswag winogrande piqa boolq gsm8k truthfulqa humaneval mbpp openbookqa triviaqa lambada
    mate mase maoe mave maae maph utmos dnsmos crps picp mpiw pinaw ece brier sharpe sortino calmar drawdown pbias nse visqol srmr
    mos bleurt mauve gauc idsw nsd aji silog viou bacc gmean bedroc lddt plddt mmd wasserstein jsd hypervolume fdr youden bwt fwt
    hit1 hit3 hit5 hit10 hits1 hits3 hits5 hits10
    regret spl softspl makespan uniqueness dtw pcc scc purity mauc top1acc top5acc f1score sdri sisdr sisdri sisnri"""
)
# Names that are worth keeping where a line is known to report progress, and prove nothing by themselves.
SIDE_WORDS: Final = _set(
    """grad gradient lr learning rate wd weight decay momentum scale temperature epsilon eps beta alpha mfu tflops tflop flops throughput
    tokens tok tgs ips fps samples images img sentences words wps ups wpb bsz speed mem memory gpu time data s sec ms norm param
    params"""
)
# Words that stand in the names of metrics beside those: `generator loss`, `avg train loss per sample`.
TYPICAL: Final = _set(
    """q avg average mean std min max minimum maximum running total current cur smoothed median set ema per class cls feature
    sample token word micro macro weighted generator discriminator gen disc dis actor critic policy value student teacher
    win success rate hit ratio absolute negative log squared square root percentage divergence"""
)
# Bookkeeping that is no metric.
CLOCKS: Final = _set(
    """eta etc elapsed remaining remain passed took taken duration date timestamp stamp ts pid seed port
    device devices cuda version size
    timer secs complete completed lineno batchsize progress exs tol tolerance beam beams lenpen"""
)
# Words that make a setting of a metric's name: `loss_weight`, `score_thr`, `target_accuracy`. Kept beside metrics, but no proof of one.
SETTINGS: Final = _set(
    """weight weights coef coeff coefs coefficient threshold thresholds thresh thres thr target scale scaling smoothing clip clipping
    patience schedule margin cap cutoff"""
)
# At the end of a name these are settings, too: `loss_alpha`, while `alpha_loss` is a loss.
_SETTING_LAST: Final = _set("alpha beta gamma lambda lambd eps epsilon interval freq every type fn delta mult multiplier factor")
# A line with one of these at its front, or anywhere as a call, states a configuration.
CONFIG: Final = re.compile(
    r"(?i:(?:^|[\s\[({\"'])(?:config(?:uration)?s?|args|arguments|hparams|hyper-?parameters?|options|settings|params|parameters)[\"']?\s*[:=]"
    r"|^\s*(?:reward|loss|class)[ _]weights\s*[:=]|^\s*meta(?:data)?\s*[:=]\s*\{"
    r"|(?:^|[\s:])config param(?:eter)? \w+ *[:=]|[A-Za-z]*(?:Config|Args|Arguments|Options|Params)\(|^\s*--\w"
    r"|(?-i:Namespace\(|namespace\((?!(?:[^()]*, )?(?:epoch|step|iter(?:ation)?)=\d))"
    r"|^\s*\[(?:config(?:uration)?|args|hparams|settings|options|params)\]|best possible recall)"
)
# A command, or a line of a script of commands.
COMMAND: Final = re.compile(
    r"(?:^|\s)(?:--[A-Za-z][\w-]*(?=[\s=]|$)|-D[A-Z]\w*=|(?:python[\d.]*|torchrun|srun|accelerate|deepspeed|mpirun) .*\.py\b)"
    r"|^\s*(?:Step \d+/\d+ : |#\d+ \[[^\]]*\] )?(?:ENV|ARG|RUN|CMD|LABEL|export|declare -x) (?!\d|[A-Z]+(?: [A-Z]+)*:)\w"
    r"|^\++ \w+=|^\s*[\d.]+[KMGT]\t\S+$"
)

# A line of a program's text, which logs may begin with, and of a change to one.
CODE: Final = re.compile(
    r"\s*(?:(?:async )?def |class [A-Za-z_]\w*(?:\(.*\))?:|elif |import |from [\w.]+ import |return\b(?!\s*[:=]|\s+[-+\d])"
    r"|assert |raise |yield |print ?\(|@\w+$|#define |\w+ = dict\(|\w+(?:\[[\"'][^\"']+[\"']\])+ *= "
    r"|(?:\d+ \| +)?(?:(?:const|static|unsigned) )*(?:float|double|int|long|auto|var|let|return)\s+\w+\s*=)"
    r"|> {4,}\S|.*\w [=!]= [\d\"']|[-+][A-Za-z_'\"]|\+\s+[A-Za-z_'\"]"
)
# Words beside facts and pairs that reports are made of, too.
AROUND: Final = _set(
    """epoch epochs step steps iter iters iteration iterations batch batches minibatch episode episodes end of per on set total
    done complete completed finished results result summary metrics stats average mean final global class cls content feature info
    pretraining pre initial client mev kcal mol processed elapsed remaining eta cmc curve true false none st nd rd th"""
)
# Words of a line that does nothing but head values: `Validation results at epoch 3:`, `Display training progress at (epoch 3)`.
HEADINGS: Final = METRIC_WORDS | PHASES.keys() | _set(
    """at after for on of in the and set data dataset model results result metrics metric values value stats statistics summary report
    performance progress display displaying running start starting started begin end finished completed done current now overall average
    mean final total global new next steps iters epoch step iteration client clients"""
)
# With one of these a line that marks no value by `:` or `=` says what is to be done: `step 3: fix loss 0.5`.
VERBS: Final = _set(
    "fix fixed set add added use used using tune tuned reduce increase improve change update remove bump try make scale get got was were"
)

# A line that begins so tells what was done with a file, or repeats the best so far or the end: its numbers stood elsewhere before.
REPEATS: Final = re.compile(
    r"(?i)\W*(?:ok |(?:end|(?:training )?(?:done|complete[d]?|finished))[.!:,]+ )?"
    r"(?:(?:successfully |finished )?(?:load|resum|restor|sav|writ|wrote|stor|export|download|push|delet|remov)\w* "
    r".*(?:check ?point|ckpt|model|weights|state|snapshot|epoch|\.pth?\b)|(?:(?:new|current|so far|(?:the )?model with the) )?"
    r"best\b(?!(?: [a-z]+){0,2}\W*\]\W*(?:epoch|step|iter))|better model found |wandb: "
    r"|(?:pesos|modelo)\b.*\b(?:restaurad|salv|guardad|carregad|cargad)[oa]s?\b"
    r"|(?:当前|目前|历史)?最[佳优好](?:模型|结果|轮次|(?=\W*(?:epoch|step|iter)))"
    r"|[已正在成功]*(?:保存|加载|载入|恢复)[^\d:=]*(?:模型|权重|参数|检查点)"
    r"|(?:checkpoint|ckpt)\s*[:=]\s*(?:epoch|step)\b"
    r"|(?:checkpoint|ckpt|model|weights)\b.*\b(?:saved|written|stored|loaded|restored) (?:to|at|in|as|from)\b)"
)
_MEAN: Final = re.compile(  # `evaluation/target_length_mean`: a setting may be of some data, but is no mean over it
    rf"(?i)(?:{ANY_PHASE})/[a-z][\w/.@-]*[_/](?:mean|std|avg)"
)
_LOSSES: Final = ("loss", "losses", "acc", "accuracy", "error", "mae", "mse")
_PLACES: Final = (  # names that say where a value is, or ought to be
    *(["percentage"], ["target"], ["goal"], ["run"], ["v", "num"], ["fold"], ["rank"], ["local", "rank"], ["global", "rank"]),
    *(["node"], ["node", "id"], ["node", "rank"], ["gpu"], ["gpus"], ["gpu", "id"]),
    *(["sample"], ["i"], ["idx"], ["index"], ["rank", "id"]),
    *(["subject"], ["subject", "id"], ["client"], ["client", "id"], ["client", "idx"], ["client", "index"]),
)
_DEVIATING: Final = _set("std standard mean abs absolute max avg average qq")  # `std_dev`: a deviation, and no data to develop with
_AGAINST: Final = _set("vs versus against fitness")  # `win rate vs best`: of an opponent; `best fitness`: of a generation
_PASSING: Final = _set("cost running consumed consumption used spent taken estimated finish")  # beside `time`
_COUNTED: Final = _set("epochs epoch steps iters iterations samples examples images episodes")
_TOGETHER: Final = (
    {"grad", "norm"}, {"gradient", "norm"}, {"grad", "magnitude"}, {"gradient", "magnitude"}, {"bit", "dim"}, {"bits", "dim"},
    {"exact", "match"}, {"success", "rate"}, {"win", "rate"}, {"acceptance", "rate"}, {"hit", "rate"}, {"hit", "ratio"},
    {"ep", "r"}, {"abs", "rel"}, {"sq", "rel"}, {"miss", "rate"}, {"reciprocal", "rank"}, {"yes", "ratio"},
    {"classification", "rate"}, {"recognition", "rate"}, {"detection", "rate"},
    {"r", "squared"}, {"explained", "variance"}, {"under", "curve"}, {"f", "measure"}, {"v", "measure"}, {"rand", "index"}, {"c", "index"},
    {"mutual", "information"}, {"q", "value"}, {"q", "values"}, {"episode", "len"}, {"episode", "length"}, {"ep", "length"}, {"rank", "ic"},
)  # fmt: skip
_COEFFICIENT: Final = _set("dice jaccard corr correlation pearson spearman sorensen matthews silhouette kappa gini")  # before `coef`
_EXCEPTION: Final = re.compile(  # and what SUMO says of its vehicles
    r"(?:Assertion|Value|Key|Index|Runtime|Type|Attribute|Zero\w+|OS|IO|Import|Name|Memory|Overflow|\w+(?:Found|Not\w+|Training))Error|TimeLoss"
)
_CONDITION: Final = re.compile(  # under which a metric was taken: `F1 at threshold 0.5`, `mAP (IoU=0.5)`
    r"(?i)\W+(?:(?:at|with|@)\W+)?(?:(?:iou|conf(?:idence)?|score|decision) )?(?:thr(?:esh(?:old)?)?|iou|conf(?:idence)?)[ =>:]*0?\.\d.*$"
)
_AT_RANK: Final = re.compile(  # among the first results
    r"(?:^|[^A-Za-z])(?:[HRP]|HR|[Hh]it|ILD|[Cc]overage|[Nn]ovelty|[Pp]ass)@\d|(?<![\w-])(?:\d{1,2}-shot|[Rr]ank-[1-9]|[Tt]op-(?:1|5|10)(?![\w-]))"
)
_LOSS_OF: Final = re.compile(r"L_(?!(?i:in|out|inf|min|max|rate|size|len|length|init|range)\b)[A-Za-z]+$")  # as papers write it: `L_adv`
_OUTPUT: Final = re.compile(r"(?<!\w)D\((?:x|real|fake|G\(z\d?\))\)$")  # what a discriminator gives

_WHOLE: Final = re.compile(  # one word, whatever its capitals
    r"(?<![A-Za-z])(?:p?lDDT|[am](?:AP|AR|IoU|Acc|Dice|INP)|m(?:A[OTVA]E|ASE|APH)|mIU|gNorm|(?:FW|fw|[CDGSEWcdgsew])?IoU|HellaSwag|WinoGrande|BoolQ|(?:Truthful|OpenBook|Trivia)QA|HumanEval)(?![a-z])"
)
_MODEL: Final = re.compile(r"(?<![A-Za-z_])CLIP(?![A-Za-z_])")  # and not what gradients are clipped to
_ENGLISH: Final = {  # what stands in names of metrics in German and Chinese, and part of it in other languages
    **dict.fromkeys(("verlust", "损失", "損失", "pérdida", "perdida", "perda", "perte", "потери", "потеря", "ошибка", "손실"), "loss"),
    **dict.fromkeys(("perdita", "kayip"), "loss"),
    **dict.fromkeys(("genauigkeit", "准确率", "准确度", "正确率", "精度", "正解率", "exactitud"), "accuracy"),
    **dict.fromkeys(("acurácia", "acuracia", "accuratezza", "dokładność", "doğruluk", "точность", "정확도"), "accuracy"),
    **dict.fromkeys(("fehler", "误差", "错误率"), "error"),
    **dict.fromkeys(("lernrate", "学习率", "学習率", "학습률"), "learning rate"),
    **dict.fromkeys(("epoche", "epoka", "轮次", "エポック", "época", "epoca", "époque", "epoque", "эпоха", "에폭", "에포크"), "epoch"),
    **dict.fromkeys(("schritt", "krok", "passo", "步数", "ステップ", "шаг"), "step"),
    **dict.fromkeys(("迭代", "iteración", "iteracion", "iteração", "iteracja"), "iter"),
    **dict.fromkeys(("validierungs", "validierung", "验证", "検証", "validación", "validação", "validacao", "валидации", "검증"), "val"),
    **dict.fromkeys(("trainings", "训练", "訓練", "entrenamiento", "treinamento", "treino", "обучения", "훈련", "학습"), "train"),
    **dict.fromkeys(("测试", "テスト", "prueba", "테스트"), "test"),
    **dict.fromkeys(("mittlere", "平均"), "average"),
    **dict.fromkeys(("得分", "分数", "回报", "награда", "recompensa", "récompense", "belohnung", "報酬", "보상"), "reward"),
    **dict.fromkeys(("回合数", "回合", "эпизод", "episodio", "episódio", "épisode", "エピソード", "에피소드"), "episode"),
    **dict.fromkeys(("punteggio", "puntuación", "pontuação"), "score"), **dict.fromkeys(("miglior", "mejor", "melhor", "meilleur"), "best"),
    **dict.fromkeys(("generazione", "generación", "geração", "génération"), "generation"),
    **dict.fromkeys(("итерация", "반복"), "iter"), **dict.fromkeys(("успех", "успеха"), "success"),
    **dict.fromkeys(("探索率", "探索概率"), "epsilon"),
    **dict.fromkeys(("dauer", "时间", "用时", "耗时"), "time"),
    "r²": "r2", "r^2": "r2",
    "胜率": "win rate", **dict.fromkeys(("précision", "precisión", "precisão", "precisao"), "precision"),
    "召回率": "recall", "精确率": "precision", "困惑度": "perplexity", "奖励": "reward", "集": "set", "总": "total",
    "权重": "weight", "阈值": "threshold", "目标": "target", "最佳": "best", "最好": "best", "最大": "max", "gewicht": "weight",
}  # fmt: skip
_LONGEST_FIRST: Final = "|".join(map(re.escape, sorted(_ENGLISH, key=len, reverse=True)))
_FOREIGN: Final = re.compile(f"(?i)(?<!ex)(?:{_LONGEST_FIRST})(?!funktion|klasse|code)")
_SHORT: Final = 64  # characters of a name that is remembered
_SPLIT: Final = re.compile(r"[^A-Za-z0-9]+")
_CAMEL: Final = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[a-z]\d)(?=[A-Z]{2})")


def words(name: str) -> list[str]:
    """Split a printed name into its lower-case words, in English: `valLoss/top-1` -> val, loss, top, 1."""
    return list(_remembered(name)) if len(name) <= _SHORT else _words(name)


def _words(name: str) -> list[str]:
    name = _MODEL.sub("model", _FOREIGN.sub(_in_english, name))
    return [w for w in _SPLIT.split(_CAMEL.sub(" ", _WHOLE.sub(lambda m: "ar" if m[0] == "mAR" else m[0].lower(), name)).lower()) if w]


_ODD_LETTERS: Final = {0x131: "i", 0x307: None, 0x17F: "s"}  # of Turkish, whose capital gets a dot of its own in lower case; the long s
_remembered: Final = lru_cache(maxsize=1024)(_words)  # a line is analysed several times, and each of its names looked at for each question


def _in_english(m: re.Match[str]) -> str:
    return f" {_ENGLISH[folded(m[0])]} "


def folded(text: str) -> str:
    """Return a text in lower case, with the letters that a pattern without regard to case takes for an i or s as these."""
    return text.lower().translate(_ODD_LETTERS)


def fact(name: str) -> str:
    """Return which fact a printed name states (step, epoch, batch), or ""."""
    parts = words(name)
    while len(parts) > 1 and parts[0] in _QUALIFIERS:
        del parts[0]
    joined = " ".join(parts)
    if joined in ("steps", "current steps") and len(words(name)) > 1:  # `current_steps: 10`; a bare `steps: 10` is a setting
        return "step"
    return FACTS.get(joined, "")


def phase(name: str) -> str:
    """Return which data a printed name speaks of: train, val, test, or ""."""
    parts = words(name)
    return next((PHASES[w] for i, w in enumerate(parts) if w in PHASES and not (w == "dev" and i and parts[i - 1] in _DEVIATING)), "")


def phased(said: str, name: str) -> str:
    """Put the phase that is said of a name, "" for none, in front of it where it does not tell one."""
    return name if not said or phase(name) else f"{said}/{name}"


def is_metric(name: str) -> bool:
    """Whether a printed name is one that training scripts give to a metric."""
    if "." in name:
        name = _CONDITION.sub("", name)
    parts = words(name)
    if (parts[:1] == ["cost"] and len(parts) > 1 and not phase(name)) or "usd" in parts:
        return False  # `cost_class`: what a matcher weighs by; `total_cost_usd`
    if _MEAN.fullmatch(name) and not is_clock(name):
        return True
    if _names_setting(parts):
        return False
    if _AT_RANK.search(name) or _OUTPUT.search(name) or _LOSS_OF.match(name) or any(pair <= set(parts) for pair in _TOGETHER):
        return True
    if _EXCEPTION.fullmatch(name):
        return False
    return any(w in METRIC_WORDS or w.rstrip("0123456789") in METRIC_WORDS for w in parts)


def _names_setting(parts: Sequence[str]) -> bool:
    """Whether the words of a name are a setting's, though one of them may be a metric's: `loss_weight`, `lambda_kl`, but no `dice_coef`."""
    if len(parts) > 1 and parts[-1] in ("coef", "coeff", "coefficient") and parts[-2] in _COEFFICIENT:
        return False
    if len(parts) > 1 and (parts[-1] in _SETTING_LAST or parts[0] in ("lambda", "lambd")):
        return True
    return not SETTINGS.isdisjoint(parts) or parts[:3] == ["max", "grad", "norm"] or parts[:2] == ["max", "episode"]


def is_extreme(name: str) -> bool:
    """Whether a printed name repeats the best value so far, or states how many there will be: `best_acc`, `max_epochs`, `num_steps`."""
    parts = words(name)
    return (
        ("best" in parts and "best@" not in name and _AGAINST.isdisjoint(parts))  # `best@8` is of eight answers
        or (len(parts) > 1 and parts[0] in ("max", "num", "total", "n") and parts[-1] in _COUNTED)
        or (len(parts) == 2 and parts[0] in ("num", "n") and parts[1] in PHASES)  # `n_test`: how much there is of it
        or parts in (["epochs"], ["steps"], ["iters"], ["iterations"], ["batches"], ["episodes"])
        or parts[:2] == ["max", "iter"]
    )


def is_side(name: str) -> bool:
    """Whether a printed name is a rate, a size or a schedule that accompanies metrics."""
    return any(w in SIDE_WORDS for w in words(name))


def is_clock(name: str) -> bool:
    """Whether a printed name is bookkeeping such as the time that remains; a rate for each device is none."""
    parts = words(name)
    if name.endswith(" (t)"):
        return True  # `Data (t)`, `Batch (t)`
    if parts[-2:] == ["step", "size"]:
        return False
    if parts[-1:] == ["device"] and not {"s", "per", "sec", "second"}.isdisjoint(parts):
        del parts[-1]
    if ("per" in parts and "eta" not in parts) or (parts and (parts[-1] in _LOSSES or parts[0] in _LOSSES)):
        return False  # `elapsed time per iteration (ms)`, `duration loss`
    if len(parts) > 1 and (parts[-1] == "epochs" or parts[-2:] == ["start", "epoch"]) and METRIC_WORDS.isdisjoint(parts):
        return True  # `training_epochs`, beside AllenNLP's metrics
    is_id = parts[-1:] == ["id"] and METRIC_WORDS.isdisjoint(parts)  # `run_id`, while `acc_id` may be of what is in distribution
    if is_id or parts in _PLACES or ("time" in parts and not _PASSING.isdisjoint(parts)):
        return True
    return any(w in CLOCKS for w in parts)
