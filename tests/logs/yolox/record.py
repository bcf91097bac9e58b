"""YOLOX: a line every few iterations, COCO's scores below each evaluation; a lot of the model above."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import json
from typing import Any

import ultralytics_training
from capture import Truth, record

SIDE, EVERY, PICTURES = 64, 4, {"train2017": 48, "val2017": 8}
SCORES = (
    "Average Precision 0.50:0.95", "Average Precision 0.50", "Average Precision 0.75",
    *(f"Average Precision {size}" for size in ("small", "medium", "large")),
    *(f"Average Recall {most}" for most in (1, 10, 100)), *(f"Average Recall {size}" for size in ("small", "medium", "large")),
)  # fmt: skip


def _pictures() -> None:
    """Write pictures of a box each, with COCO's annotations."""
    import numpy as np

    make = np.random.default_rng(69)
    kinds = [{"id": i + 1, "name": name} for i, name in enumerate(("blue", "orange"))]
    Path("made/annotations").mkdir(parents=True)
    for part, count in PICTURES.items():
        images, boxes = [], []
        for i in range(count):
            image = make.integers(0, 60, (SIDE, SIDE, 3)).astype(np.uint8)
            (x, y), (w, h), kind = make.integers(2, 24, 2), make.integers(20, 36, 2), int(make.integers(2))
            image[y : y + h, x : x + w] = (220, 60, 40) if kind else (40, 60, 220)
            ultralytics_training.save(image, Path("made", part, f"{i:012}.jpg"))
            images.append({"id": i, "file_name": f"{i:012}.jpg", "height": SIDE, "width": SIDE})
            box = [int(x), int(y), int(w), int(h)]
            boxes.append({"id": i + 1, "image_id": i, "category_id": kind + 1, "bbox": box, "area": int(w * h), "iscrowd": 0})
        said = {"info": {}, "images": images, "annotations": boxes, "categories": kinds}
        Path("made/annotations", f"instances_{part}.json").write_text(json.dumps(said), encoding="utf-8")


def _without_cuda() -> None:
    """Let the trainer, which asks for CUDA, run on a processor."""
    import torch
    from pycocotools.cocoeval import COCOeval
    from yolox import layers
    from yolox.core import trainer

    class Feed:
        def __init__(self, loader: Any) -> None:
            self.batches = iter(loader)

        def next(self) -> tuple[Any, Any]:
            pictures, boxes, *_ = next(self.batches)
            return pictures, boxes

    layers.COCOeval_opt = COCOeval  # not the one that would be compiled first
    torch.cuda.set_device = torch.cuda.synchronize = lambda *_: None
    torch.cuda.FloatTensor, torch.cuda.HalfTensor = torch.FloatTensor, torch.HalfTensor
    torch.Tensor.cuda = lambda self, *_, **__: self
    trainer.DataPrefetcher, trainer.gpu_mem_usage = Feed, lambda: 0.0


def _experiment() -> Any:
    from yolox.exp import Exp

    class Small(Exp):
        def __init__(self) -> None:
            super().__init__()
            self.num_classes, self.depth, self.width, self.data_num_workers = 2, 0.33, 0.125, 0
            self.input_size = self.test_size = (SIDE, SIDE)
            self.multiscale_range, self.mosaic_prob, self.enable_mixup, self.data_dir = 0, 0.0, False, "made"
            self.max_epoch, self.warmup_epochs, self.no_aug_epochs, self.ema = 4, 1, 2, False
            self.basic_lr_per_img, self.test_conf, self.print_interval, self.eval_interval = 0.01 / 32, 0.00001, EVERY, 1
            self.exp_name, self.output_dir = "small", "out"

        def random_resize(self, *_: object) -> tuple[int, int]:
            return self.input_size

        def preprocess(self, inputs: Any, targets: Any, _: object) -> tuple[Any, Any]:
            return inputs, targets

    return Small()


def train(truth: Truth) -> None:
    """Train 4 epochs of 12 iterations; the truth is what the trainer's meters and COCO's evaluation hold when they print."""
    import argparse
    import random
    import warnings

    import numpy as np
    import torch
    from pycocotools.cocoeval import COCOeval
    from yolox.core.trainer import Trainer

    warnings.simplefilter("ignore")
    for seed in (random.seed, np.random.seed, torch.manual_seed):
        seed(69)
    _pictures()
    _without_cuda()
    summarize, now = COCOeval.summarize, {"epoch": 0}

    def summarized(self: COCOeval) -> None:
        summarize(self)
        for name, value in zip(SCORES, self.stats, strict=True):
            if value >= 0:  # -1 where there is no such box
                truth.add(f"bbox {name}", now["epoch"], value)

    COCOeval.summarize = summarized

    class Kept(Trainer):
        def __init__(self, *given: object) -> None:
            super().__init__(*given)
            self.device = "cpu"

        def after_iter(self) -> None:
            now["epoch"] = self.epoch + 1
            if (self.iter + 1) % EVERY == 0:
                place = f"{self.epoch + 1}:{self.iter + 1}"
                for name, meter in (*self.meter.get_filtered_meter("loss").items(), ("lr", self.meter["lr"])):
                    truth.add(name, place, meter.latest if name == "lr" else round(float(meter.latest), 1))  # as printed
                for name, meter in self.meter.get_filtered_meter("time").items():
                    truth.add(name, place, meter.avg)
            super().after_iter()

    options = argparse.Namespace(
        experiment_name="small", batch_size=4, fp16=False, logger="tensorboard", occupy=False, cache=False, resume=False, ckpt=None, start_epoch=None, name=None
    )
    Kept(_experiment(), options).train()


if __name__ == "__main__":
    record(__file__, train, ("yolox", "torch"), ("*time*",))
