"""transformers 4 Trainer, whose epochs have two digits, with two named evaluation sets, early stopping and the best checkpoint loaded again."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import hf_training
from capture import Truth, record


def train(truth: Truth) -> None:
    """Train up to 8 epochs of 14 steps; each evaluation gives a row a set."""
    from transformers import EarlyStoppingCallback

    trainer = hf_training.trainer(
        examples=224, hidden=16, per_device_train_batch_size=16, per_device_eval_batch_size=8, num_train_epochs=8, learning_rate=1e-2, logging_steps=7,
        eval_strategy="epoch", save_strategy="epoch", save_total_limit=2, load_best_model_at_end=True, metric_for_best_model="eval_near_loss", greater_is_better=False,
        include_num_input_tokens_seen=True, max_grad_norm=0.5, lr_scheduler_type="cosine", seed=15,
    )
    trainer.eval_dataset = {"near": trainer.eval_dataset, "far": hf_training.sequences(64, 99)}
    trainer.add_callback(EarlyStoppingCallback(2))
    trainer.train()
    hf_training.note(truth, trainer.state.log_history)


if __name__ == "__main__":
    record(__file__, train, ("transformers", "accelerate", "torch"), (*hf_training.CLOCKS, "*tokens_per_second*"))
