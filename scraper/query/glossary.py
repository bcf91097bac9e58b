"""What well-known metrics mean, by task: label, unit, direction and tier of names that frameworks print in many spellings.

Pure tables; a pack's or the configuration's own word always comes first, and a name that is not here stays custom.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final, NamedTuple

from scraper.model import MetricDefinition

_SPLITS: Final = {
    **dict.fromkeys(("train", "training"), "Training"),
    **dict.fromkeys(("val", "valid", "validation"), "Validation"),
    **dict.fromkeys(("eval", "evaluation"), "Evaluation"),
    **dict.fromkeys(("test", "testing"), "Test"),
    "dev": "Development",
}
_FILLERS: Final = frozenset(("metrics", "metric", "perf"))  # groups that loggers put in front and that say nothing
UP, DOWN = True, False


class _Entry(NamedTuple):
    """One meaning and the names it goes by, in lower case with words joined by underscores."""

    names: str
    label: str
    higher_is_better: bool | None
    tier: str
    unit: str = ""
    description: str = ""


TASKS: Final[dict[str, tuple[_Entry, ...]]] = {
    "any": (
        _Entry("loss total_loss", "Loss", DOWN, "primary", "", "What training minimises"),
        _Entry("lr learning_rate", "Learning rate", None, "standard"),
        _Entry("grad_norm gnorm gradient_norm grad", "Gradient norm", None, "standard", "", "Length of the gradient before clipping"),
        _Entry("weight_decay wd", "Weight decay", None, "standard"),
        _Entry("samples_per_second samples_per_sec samples_s examples_s examples_per_sec", "Samples a second", UP, "standard", "samples/s"),
        _Entry("images_per_sec images_per_second images_s imgs_per_sec img_s", "Images a second", UP, "standard", "images/s"),
        _Entry("steps_per_second steps_s it_s iter_s", "Steps a second", UP, "standard", "steps/s"),
        _Entry("gpu_mem memory max_mem mem", "Memory", None, "standard"),
    ),
    "classification": (
        _Entry("acc accuracy acc1 top1 top1_acc accuracy_top1 acc_1", "Accuracy", UP, "primary", "", "Share of samples classified rightly"),
        _Entry("acc5 top5 top5_acc accuracy_top5 acc_5", "Top-5 accuracy", UP, "standard", "", "Share with the right one among five"),
        _Entry("f1 f1_score macro_f1 f1_macro", "F1", UP, "primary", "", "Harmonic mean of precision and recall"),
        _Entry("precision", "Precision", UP, "standard", "", "Share of the found that are right"),
        _Entry("recall sensitivity", "Recall", UP, "standard", "", "Share of the right that are found"),
        _Entry("specificity", "Specificity", UP, "standard"),
        _Entry("auc auroc roc_auc rocauc", "ROC AUC", UP, "primary", "", "Area under the receiver operating curve"),
        _Entry("auprc pr_auc average_precision", "PR AUC", UP, "standard", "", "Area under the precision-recall curve"),
        _Entry("logloss log_loss nll cross_entropy ce_loss", "Log loss", DOWN, "primary"),
        _Entry("err error error_rate top1_err", "Error rate", DOWN, "primary"),
        _Entry("mcc matthews kappa", "Agreement", UP, "standard"),
    ),
    "detection": (
        _Entry("map50_95 map bbox_map box_map coco_bbox_map", "mAP 50-95", UP, "primary", "", "Average precision, IoU 0.5 to 0.95"),
        _Entry("map50 map_50 bbox_map_50", "mAP 50", UP, "primary", "", "Mean average precision at IoU 0.5"),
        _Entry("map75 map_75 bbox_map_75", "mAP 75", UP, "standard", "", "Mean average precision at IoU 0.75"),
        _Entry("box_loss loss_bbox loss_box_reg bbox_loss", "Box loss", DOWN, "standard"),
        _Entry("cls_loss loss_cls class_loss", "Class loss", DOWN, "standard"),
        _Entry("dfl_loss loss_dfl", "Distribution focal loss", DOWN, "standard"),
        _Entry("obj_loss loss_objectness loss_rpn_cls", "Objectness loss", DOWN, "standard"),
    ),
    "segmentation": (
        _Entry("miou mean_iou", "Mean IoU", UP, "primary", "", "Intersection over union, averaged over classes"),
        _Entry("iou jaccard", "IoU", UP, "standard"),
        _Entry("dice dice_score mdice", "Dice", UP, "primary"),
        _Entry("macc aacc pixel_acc", "Pixel accuracy", UP, "standard"),
        _Entry("seg_loss mask_loss loss_mask", "Mask loss", DOWN, "standard"),
    ),
    "pose": (
        _Entry("pck pckh", "Correct keypoints", UP, "primary"),
        _Entry("oks", "Keypoint similarity", UP, "primary"),
        _Entry("mpjpe pa_mpjpe", "Joint error", DOWN, "primary", "mm", "Mean distance of joints from where they are"),
        _Entry("pose_loss kpt_loss loss_kpt kobj_loss", "Keypoint loss", DOWN, "standard"),
    ),
    "language modelling": (
        _Entry("ppl perplexity", "Perplexity", DOWN, "primary", "", "Exponential of the cross-entropy a token"),
        _Entry("bpb bits_per_byte bpc", "Bits a byte", DOWN, "primary"),
        _Entry("bleu sacrebleu", "BLEU", UP, "primary"),
        _Entry("rouge1 rouge2 rougel rouge_l rougelsum", "ROUGE", UP, "standard"),
        _Entry("wer", "Word error rate", DOWN, "primary"),
        _Entry("cer", "Character error rate", DOWN, "primary"),
        _Entry("tokens_per_second tok_s tokens_s tok_sec tokens_per_sec tgs", "Tokens a second", UP, "standard", "tokens/s"),
        _Entry("mfu", "Model FLOPs utilisation", UP, "standard"),
        _Entry("loss_scale", "Loss scale", None, "standard", "", "Factor that keeps half-precision gradients from vanishing"),
        _Entry("rewards_margins rewards_accuracies", "Preference", UP, "standard"),
        _Entry("kl kl_divergence objective_kl approx_kl", "KL divergence", None, "standard"),
    ),
    "reinforcement learning": (
        _Entry("ep_rew_mean rollout_ep_rew_mean mean_reward reward rewards episode_reward return", "Reward", UP, "primary"),
        _Entry("ep_len_mean rollout_ep_len_mean mean_ep_length episode_length", "Episode length", None, "standard"),
        _Entry("success_rate rollout_success_rate", "Success rate", UP, "primary"),
        _Entry("fps time_fps", "Frames a second", UP, "standard", "frames/s"),
        _Entry("value_loss critic_loss", "Value loss", DOWN, "standard"),
        _Entry("policy_loss actor_loss policy_gradient_loss", "Policy loss", None, "standard", "", "Its sign and size say little alone"),
        _Entry("entropy_loss entropy ent_coef", "Entropy", None, "standard"),
        _Entry("explained_variance", "Explained variance", UP, "standard"),
    ),
    "regression": (
        _Entry("mse mean_squared_error l2", "Mean squared error", DOWN, "primary"),
        _Entry("rmse root_mean_squared_error", "Root mean squared error", DOWN, "primary"),
        _Entry("mae mean_absolute_error l1", "Mean absolute error", DOWN, "primary"),
        _Entry("mape smape", "Percentage error", DOWN, "standard"),
        _Entry("r2 r2_score", "R squared", UP, "primary", "", "Share of the variance explained"),
        _Entry("psnr", "PSNR", UP, "primary", "dB", "Peak signal-to-noise ratio"),
        _Entry("ssim", "SSIM", UP, "primary", "", "Structural similarity"),
    ),
}
_BY_NAME: Final = {name: entry for entries in TASKS.values() for entry in entries for name in entry.names.split()}


@lru_cache(maxsize=4096)
def known(metric: str) -> MetricDefinition | None:
    """Return what a metric's name is known to mean, whatever split of the data it belongs to; None for a name that is not known.

    >>> known("val/loss").label, known("metrics/mAP50-95(B)").label
    ('Validation loss', 'mAP 50-95')
    """
    split, words = _parted(metric)
    entry = _BY_NAME.get("_".join(words))
    if entry is None and len(words) > 1 and len(words[-1]) == 1 and words[-1].isalpha():
        entry = _BY_NAME.get("_".join(words[:-1]))  # Ultralytics ends names with what was measured: mAP50(B), mAP50(M)
    if entry is None:
        return None
    label = f"{split} {_lowered(entry.label)}" if split else entry.label
    _, _, higher, tier, unit, description = entry
    return MetricDefinition(metric, label, unit=unit, higher_is_better=higher, description=description, tier=tier)


def split_of(metric: str) -> str:
    """Return the split of the data a metric's name says it was taken on: Training, Validation, Evaluation, Test, Development or nothing."""
    return _parted(metric)[0]


def _parted(metric: str) -> tuple[str, list[str]]:
    """Return the name of the split of data a metric was taken on, and the other words of its name."""
    words = [word for word in re.split(r"[^a-z0-9]+", metric.lower()) if word and word not in _FILLERS]
    for i in (0, -1):
        if len(words) > 1 and words[i] in _SPLITS:
            return _SPLITS[words[i]], words[:-1] if i else words[1:]
    return "", words


def _lowered(label: str) -> str:
    """Return a label for the middle of a phrase; abbreviations keep their capitals."""
    return label if len(label) < 2 or not label[1].islower() or not label[0].isupper() else label[0].lower() + label[1:]
