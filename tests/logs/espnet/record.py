"""ESPnet's trainer: means of some batches a line, and the results of each epoch on one line with a part for each data."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from capture import Truth, record

ARGUMENTS = (
    "--output_dir out --token_list tokens.txt --token_type word --train_data_path_and_name_and_type train.txt,text,text --train_shape_file train.shape "
    "--valid_data_path_and_name_and_type valid.txt,text,text --valid_shape_file valid.shape --batch_type unsorted --batch_size 16 --max_epoch 4 "
    "--log_interval 10 --ngpu 0 --num_workers 0 --seed 71 --optim adam --optim_conf lr=0.01 --lm_conf unit=16 --lm_conf nlayers=1 "
    "--keep_nbest_models 2 --best_model_criterion valid,loss,min --use_tensorboard false --use_matplotlib false"
)


def _texts() -> None:
    import random

    make = random.Random(71)
    words = [f"w{i}" for i in range(20)]
    Path("tokens.txt").write_text("\n".join(["<blank>", "<unk>", *words, "<sos/eos>"]) + "\n", encoding="utf-8")
    for part, count in (("train", 480), ("valid", 80)):
        texts = [[words[(start + i * 3) % 20] for i in range(make.randrange(4, 9))] for start in (make.randrange(20) for _ in range(count))]
        Path(f"{part}.txt").write_text("".join(f"u{i:04} {' '.join(text)}\n" for i, text in enumerate(texts)), encoding="utf-8")
        Path(f"{part}.shape").write_text("".join(f"u{i:04} {len(text)}\n" for i, text in enumerate(texts)), encoding="utf-8")


def train(truth: Truth) -> None:
    """Train 4 epochs of 30 batches; the truth is what the reporter holds when it is asked for its lines."""
    import warnings

    from espnet2.tasks.lm import LMTask
    from espnet2.train import reporter

    warnings.simplefilter("ignore")
    _texts()
    part, whole = reporter.SubReporter.log_message, reporter.Reporter.log_message

    def of_part(self: reporter.SubReporter, start: int | None = None, end: int | None = None) -> str:
        first = (start or 0) + (self.count if (start or 0) < 0 else 0)
        for name, values in self.stats.items():
            truth.add(name, f"{self.epoch}:{self.count}", reporter.aggregate(values[first : self.count]))
        return part(self, start, end)

    def of_epoch(self: reporter.Reporter, epoch: int | None = None) -> str:
        now = epoch or self.get_epoch()
        for key, values in self.stats[now].items():
            for name, value in values.items():
                if isinstance(value, float):
                    truth.add(f"{key} {name}", now, value)
        return whole(self, epoch)

    reporter.SubReporter.log_message, reporter.Reporter.log_message = of_part, of_epoch
    given, sys.argv, sys.executable = sys.argv, ["lm_train.py", *ARGUMENTS.split()], "python"  # it logs how it was called
    LMTask.main()
    sys.argv = given


if __name__ == "__main__":
    record(__file__, train, ("espnet", "torch"), ("*time*",))
