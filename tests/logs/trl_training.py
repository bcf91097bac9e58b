"""What the recordings of TRL's trainers share: a dozen words, a tokenizer made of them on the spot, and a model of a layer."""

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


def model() -> Any:
    """Return a fresh GPT-2 of one layer over WORDS."""
    from transformers import GPT2Config, GPT2LMHeadModel

    eos = WORDS.index("<eos>")
    return GPT2LMHeadModel(GPT2Config(vocab_size=len(WORDS), n_positions=32, n_embd=16, n_layer=1, n_head=2, bos_token_id=eos, eos_token_id=eos))
