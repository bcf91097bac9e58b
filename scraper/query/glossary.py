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
_WAYS: Final = {"up": True, "down": False, "-": None}  # which way is better


class _Entry(NamedTuple):
    """One meaning and the names it goes by, in lower case with words joined by underscores."""

    names: str
    label: str
    higher_is_better: bool | None
    tier: str
    unit: str = ""
    description: str = ""


# By task: names | label | which way is better | tier | unit | description
_TABLE: Final = """
[any]
loss total_loss | Loss | down | primary |  | What training minimises
lr learning_rate | Learning rate | - | standard
grad_norm gnorm gradient_norm grad | Gradient norm | - | standard |  | Length of the gradient before clipping
weight_decay wd | Weight decay | - | standard
samples_per_second samples_per_sec samples_s examples_s examples_per_sec | Samples a second | up | standard | samples/s
images_per_sec images_per_second images_s imgs_per_sec img_s | Images a second | up | standard | images/s
steps_per_second steps_s it_s iter_s | Steps a second | up | standard | steps/s
gpu_mem memory max_mem mem | Memory | - | standard
data_time | Time waiting for data | down | standard | s
step_time iter_time batch_time time_per_step | Time a step | down | standard
[classification]
acc accuracy acc1 top1 top1_acc accuracy_top1 acc_1 | Accuracy | up | primary |  | Share of samples classified rightly
acc5 top5 top5_acc accuracy_top5 acc_5 | Top-5 accuracy | up | standard |  | Share with the right one among five
f1 f1_score macro_f1 f1_macro | F1 | up | primary |  | Harmonic mean of precision and recall
precision | Precision | up | standard |  | Share of the found that are right
recall sensitivity | Recall | up | standard |  | Share of the right that are found
specificity | Specificity | up | standard
auc auroc roc_auc rocauc | ROC AUC | up | primary |  | Area under the receiver operating curve
auprc pr_auc average_precision | PR AUC | up | standard |  | Area under the precision-recall curve
logloss log_loss nll cross_entropy ce_loss | Log loss | down | primary
err error error_rate top1_err | Error rate | down | primary
mcc matthews kappa | Agreement | up | standard
[detection]
map50_95 map bbox_map box_map coco_bbox_map | mAP 50-95 | up | primary |  | Average precision, IoU 0.5 to 0.95
map50 map_50 bbox_map_50 | mAP 50 | up | primary |  | Mean average precision at IoU 0.5
map75 map_75 bbox_map_75 | mAP 75 | up | standard |  | Mean average precision at IoU 0.75
box_loss loss_bbox loss_box_reg bbox_loss | Box loss | down | standard
cls_loss loss_cls class_loss | Class loss | down | standard
dfl_loss loss_dfl | Distribution focal loss | down | standard
obj_loss loss_objectness loss_rpn_cls | Objectness loss | down | standard
[segmentation]
miou mean_iou | Mean IoU | up | primary |  | Intersection over union, averaged over classes
iou jaccard | IoU | up | standard
dice dice_score mdice | Dice | up | primary
macc aacc pixel_acc | Pixel accuracy | up | standard
seg_loss mask_loss loss_mask | Mask loss | down | standard
[pose]
pck pckh | Correct keypoints | up | primary
oks | Keypoint similarity | up | primary
mpjpe pa_mpjpe | Joint error | down | primary | mm | Mean distance of joints from where they are
pose_loss kpt_loss loss_kpt kobj_loss | Keypoint loss | down | standard
[language modelling]
ppl perplexity | Perplexity | down | primary |  | Exponential of the cross-entropy a token
bpb bits_per_byte bpc | Bits a byte | down | primary
bleu sacrebleu | BLEU | up | primary
rouge1 rouge2 rougel rouge_l rougelsum | ROUGE | up | standard
wer | Word error rate | down | primary
cer | Character error rate | down | primary
tokens_per_second tok_s tokens_s tok_sec tokens_per_sec tgs | Tokens a second | up | standard | tokens/s
mfu | Model FLOPs utilisation | up | standard
loss_scale | Loss scale | - | standard |  | Factor that keeps half-precision gradients from vanishing
rewards_margins rewards_accuracies | Preference | up | standard
kl kl_divergence objective_kl approx_kl | KL divergence | - | standard
[reinforcement learning]
ep_rew_mean rollout_ep_rew_mean mean_reward reward rewards episode_reward return | Reward | up | primary
ep_len_mean rollout_ep_len_mean mean_ep_length episode_length | Episode length | - | standard
success_rate rollout_success_rate | Success rate | up | primary
fps time_fps | Frames a second | up | standard | frames/s
value_loss critic_loss | Value loss | down | standard
policy_loss actor_loss policy_gradient_loss | Policy loss | - | standard |  | Its sign and size say little alone
entropy_loss entropy ent_coef | Entropy | - | standard
explained_variance | Explained variance | up | standard
[regression]
mse mean_squared_error l2 | Mean squared error | down | primary
rmse root_mean_squared_error | Root mean squared error | down | primary
mae mean_absolute_error l1 | Mean absolute error | down | primary
mape smape | Percentage error | down | standard
r2 r2_score | R squared | up | primary |  | Share of the variance explained
psnr | PSNR | up | primary | dB | Peak signal-to-noise ratio
ssim | SSIM | up | primary |  | Structural similarity
"""


def _parsed(table: str) -> dict[str, tuple[_Entry, ...]]:
    """Return the table's entries by task."""
    found: dict[str, tuple[_Entry, ...]] = {}
    for line in table.split("\n")[1:-1]:
        if line.startswith("["):
            task = line.strip("[]")
            found[task] = ()
        else:
            names, label, way, *rest = line.split(" | ")
            found[task] += (_Entry(names, label, _WAYS[way], *rest),)
    return found


TASKS: Final = _parsed(_TABLE)
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
