"""Whether higher is better, told from a metric's name. Owns the word lists; anything it does not know stays unknown."""

from __future__ import annotations

import re

_DOWN = """
    loss losses error err perplexity ppl mae mse rmse rmsle mape smape wer cer fid kid nll bpc bpb bce
    logloss deviance regret eer brier lpips chamfer hausdorff
"""
_UP = """
    acc accuracy acc1 acc5 top1 top5 auc auroc auprc aucpr prauc rocauc f1 fbeta precision recall sensitivity specificity reward rewards
    return returns bleu sacrebleu rouge rouge1 rouge2 rougel meteor chrf cider iou miou dice map map50 map95 ndcg mrr hits
    hit r2 score scores psnr ssim kappa mcc matthews pearson spearman success elo winrate likelihood elbo ap
"""
_DOWN_WORDS, _UP_WORDS = frozenset(_DOWN.split()), frozenset(_UP.split())


def words(metric: str) -> set[str]:
    """Return the lower-case words of a metric name, with and without parting capitals: "valAcc/mAP50" -> valacc val acc map50 m ap50."""
    parted = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", metric)
    return set(re.findall(r"[a-z0-9]+", f"{metric} {parted}".lower()))


def higher_is_better(metric: str) -> bool | None:
    """Return True or False where the name's words say so, None where they say nothing or contradict each other."""
    found = words(metric)
    down = not _DOWN_WORDS.isdisjoint(found)
    up = not _UP_WORDS.isdisjoint(found)
    return None if up == down else up
