"""accelerate launch with two processes and a script in the manner of the no_trainer examples: a logger's prefix, a bar that only counts."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import json
import subprocess
from typing import Any

import tables
from capture import Truth, record

EPOCHS, BATCH = 3, 16


def _work() -> None:
    """Be one process: train on this rank's part of the data; the main one says how an epoch went."""
    import logging
    import math

    import torch
    from accelerate import Accelerator
    from accelerate.logging import get_logger
    from accelerate.utils import set_seed
    from tqdm.auto import tqdm

    set_seed(34)
    accelerator = Accelerator(gradient_accumulation_steps=2)
    log = get_logger(__name__)
    logging.basicConfig(format="%(asctime)s - %(levelname)s - %(name)s - %(message)s", datefmt="%m/%d/%Y %H:%M:%S", level=logging.INFO)
    log.info(accelerator.state, main_process_only=False)
    x, y = tables.classes(600, 34)
    sets = [torch.utils.data.TensorDataset(torch.tensor(x[p]).float(), torch.tensor(y[p])) for p in (slice(480), slice(480, None))]
    loader, held = (accelerator.prepare(torch.utils.data.DataLoader(s, BATCH, shuffle=i == 0)) for i, s in enumerate(sets))
    model: Any = torch.nn.Sequential(torch.nn.Linear(6, 16), torch.nn.ReLU(), torch.nn.Linear(16, 2))
    model, optimizer = accelerator.prepare(model, torch.optim.AdamW(model.parameters(), 0.02))
    steps = math.ceil(len(loader) / accelerator.gradient_accumulation_steps)
    log.info("***** Running training *****")
    for name, value in (("Num examples", 480), ("Num Epochs", EPOCHS), ("Instantaneous batch size per device", BATCH), ("Total optimization steps", EPOCHS * steps)):
        log.info(f"  {name} = {value}")
    bar, kept, done = tqdm(range(EPOCHS * steps), disable=not accelerator.is_local_main_process), [], 0
    for epoch in range(EPOCHS):
        model.train()
        total = 0.0
        for inputs, labels in loader:
            with accelerator.accumulate(model):
                loss = torch.nn.functional.cross_entropy(model(inputs), labels)
                total += loss.detach().float()
                accelerator.backward(loss)
                optimizer.step()
                optimizer.zero_grad()
            if accelerator.sync_gradients:
                bar.update(1)
                done += 1
        model.eval()
        losses, right = [], 0
        for inputs, labels in held:
            with torch.no_grad():
                output = model(inputs)
            losses.append(accelerator.gather_for_metrics(torch.nn.functional.cross_entropy(output, labels).repeat(len(inputs))))
            answers, expected = accelerator.gather_for_metrics((output.argmax(-1), labels))
            right += int((answers == expected).sum())
        eval_loss = torch.cat(losses).mean()
        values = {"perplexity": math.exp(eval_loss), "eval_loss": eval_loss.item(), "train_loss": (total / len(loader)).item(), "accuracy": right / 120}
        log.info(f"epoch {epoch}: perplexity: {values['perplexity']} eval_loss: {eval_loss}")
        accelerator.print({**{name: values[name] for name in ("accuracy", "train_loss")}, "epoch": epoch, "step": done})
        kept += [(name, epoch if name in ("perplexity", "eval_loss") else done, value) for name, value in values.items()]
    if accelerator.is_main_process:
        Path("kept.json").write_text(json.dumps(kept), encoding="utf-8")
    accelerator.end_training()


def train(truth: Truth) -> None:
    """Launch two processes; the truth is what the main one kept."""
    options = ["--cpu", "--num_processes", "2", "--num_machines", "1", "--mixed_precision", "no", "--dynamo_backend", "no", "--num_cpu_threads_per_process", "1"]
    subprocess.run([sys.executable, "-m", "accelerate.commands.launch", *options, __file__, "--worker"], check=True)
    ranked = ("perplexity", "eval_loss")  # the logger says the rank, the print does not
    for metric, place, value in json.loads(Path("kept.json").read_text(encoding="utf-8")):
        truth.add(f"{metric} rank 0" if metric in ranked else metric, place, value)


if __name__ == "__main__":
    if sys.argv[1:] == ["--worker"]:
        _work()
    else:
        record(__file__, train, ("accelerate", "tqdm", "torch"))
