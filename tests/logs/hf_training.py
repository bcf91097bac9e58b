"""One small BERT classifier under transformers' Trainer, for the recordings of its versions with and without bars."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from capture import Truth

NOT_PRINTED = {"step", "epoch", "total_flos"}  # on_log pops total_flos; step is never in the line, epoch places the others
CLOCKS = ("*_runtime", "*_per_second")


def sequences(count: int, seed: int) -> list[dict[str, Any]]:
    """Return token sequences whose class is whether more than half of the tokens are even, with some answers flipped."""
    import torch

    make = torch.Generator().manual_seed(seed)
    tokens = torch.randint(2, 60, (count, 12), generator=make)
    labels = ((tokens % 2 == 0).sum(1) > 6).long()
    flip = torch.rand(count, generator=make) < 0.08
    return [{"input_ids": row, "labels": label} for row, label in zip(tokens, torch.where(flip, 1 - labels, labels), strict=True)]


def _metrics(prediction: Any) -> dict[str, float]:
    answers = prediction.predictions.argmax(-1)
    both = ((answers == 1) & (prediction.label_ids == 1)).sum()
    return {"accuracy": (answers == prediction.label_ids).mean(), "f1": 2 * both / max(1, (answers == 1).sum() + (prediction.label_ids == 1).sum())}


def trainer(*, examples: int, hidden: int, **arguments: Any) -> Any:
    """Return a Trainer of a fresh model, with `arguments` for TrainingArguments."""
    from transformers import BertConfig, BertForSequenceClassification, Trainer, TrainingArguments, set_seed

    defaults = {"output_dir": "out", "report_to": "none", "save_strategy": "no", "dataloader_pin_memory": False}
    settings = TrainingArguments(**{**defaults, **arguments})
    set_seed(settings.seed)
    config = BertConfig(
        vocab_size=60, hidden_size=hidden, num_hidden_layers=1, num_attention_heads=2, intermediate_size=2 * hidden, max_position_embeddings=16
    )
    return Trainer(
        model=BertForSequenceClassification(config),
        args=settings,
        train_dataset=sequences(examples, settings.seed),
        eval_dataset=sequences(96, settings.seed + 1),
        compute_metrics=_metrics,
    )


def note(truth: Truth, history: list[dict[str, Any]], place: str = "step") -> None:
    """Take the printed values of a trainer's log_history as the truth, row by row, at its step; at its epoch where no bar tells a step."""
    for row in history:
        for name, value in row.items():
            if name not in NOT_PRINTED:
                truth.add(name, row[place], value)


def train(truth: Truth, *, examples: int, hidden: int, **arguments: Any) -> None:
    """Train a fresh model; the truth is the trainer's own log_history."""
    made = trainer(examples=examples, hidden=hidden, **arguments)
    made.train()
    note(truth, made.state.log_history, "epoch" if made.args.disable_tqdm else "step")


def train_with_eval_sets(truth: Truth) -> None:
    """Train up to 8 epochs of 14 steps on two evaluation sets, a row each an evaluation; stop early and load the best checkpoint again."""
    from transformers import EarlyStoppingCallback

    made = trainer(
        examples=224, hidden=16, per_device_train_batch_size=16, per_device_eval_batch_size=8, num_train_epochs=8, learning_rate=1e-2, logging_steps=7,
        eval_strategy="epoch", save_strategy="epoch", save_total_limit=2, load_best_model_at_end=True, metric_for_best_model="eval_near_loss", greater_is_better=False,
        include_num_input_tokens_seen=True, max_grad_norm=0.5, lr_scheduler_type="cosine", seed=15,
    )
    made.eval_dataset = {"near": made.eval_dataset, "far": sequences(64, 99)}
    made.add_callback(EarlyStoppingCallback(2))
    made.train()
    note(truth, made.state.log_history)
