"""What the recordings of TRL's trainers share: a dozen words, and a tokenizer made of them on the spot."""

from __future__ import annotations

from typing import Any

WORDS = "the a sun moon sea sky is was red blue cold warm and or . <pad> <unk> <eos>".split()


def tokenizer(**options: Any) -> Any:
    """Return a tokenizer that knows WORDS; `options` are PreTrainedTokenizerFast's."""
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    made = Tokenizer(models.WordLevel({word: i for i, word in enumerate(WORDS)}, unk_token="<unk>"))
    made.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    return PreTrainedTokenizerFast(tokenizer_object=made, pad_token="<pad>", unk_token="<unk>", eos_token="<eos>", **options)
