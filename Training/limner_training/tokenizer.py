"""A byte-level BPE tokenizer in CLIP's format (vocab.json, merges.txt), learnt on the style sentences."""

import json
from collections import Counter
from pathlib import Path

import regex
from transformers import CLIPTokenizer

# CLIP's word pattern (openai/CLIP, simple_tokenizer.py).
_WORDS = regex.compile(r"""'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+""", regex.IGNORECASE)
BOS, EOS, LENGTH = "<|startoftext|>", "<|endoftext|>", 77


def byte_symbols() -> list[str]:
    """A printable character for each byte, in CLIP's vocabulary order."""
    plain = [*range(ord("!"), ord("~") + 1), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    table = {b: chr(b) for b in plain}
    for b in range(256):
        table.setdefault(b, chr(256 + len(table) - len(plain)))
    order = plain + [b for b in range(256) if b not in plain]
    return [table[b] for b in order]


def learn_merges(sentences: list[str], count: int) -> list[tuple[str, str]]:
    """Up to count merges, most frequent pair first (ties by spelling)."""
    names = dict(zip([*range(33, 127), *range(0xA1, 0xAD), *range(0xAE, 0x100)], byte_symbols()))
    counts = Counter(w.lower() for s in sentences for w in _WORDS.findall(s))
    words = {}
    for word, n in counts.items():
        symbols = [names[b] for b in word.encode() if b in names]
        words[(*symbols[:-1], symbols[-1] + "</w>")] = n
    merges = []
    for _ in range(count):
        pairs = Counter()
        for word, n in words.items():
            for pair in zip(word, word[1:]):
                pairs[pair] += n
        if not pairs:
            break
        best = min(pairs, key=lambda p: (-pairs[p], p))
        merges.append(best)
        words = {_merge(w, best): n for w, n in words.items()}
    return merges


def _merge(word: tuple[str, ...], pair: tuple[str, str]) -> tuple[str, ...]:
    out, i = [], 0
    while i < len(word):
        if word[i : i + 2] == pair:
            out.append(pair[0] + pair[1])
            i += 2
        else:
            out.append(word[i])
            i += 1
    return tuple(out)


def write(folder: str | Path, sentences: list[str], merges: int = 400) -> CLIPTokenizer:
    """Learns and writes the tokenizer's folder, and loads it back."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    learnt, symbols = learn_merges(sentences, merges), byte_symbols()
    vocabulary = [*symbols, *(s + "</w>" for s in symbols), *("".join(m) for m in learnt), BOS, EOS]
    table = {token: i for i, token in enumerate(dict.fromkeys(vocabulary))}
    (folder / "vocab.json").write_text(json.dumps(table, ensure_ascii=False), encoding="utf-8")
    lines = ["#version: 0.2", *(" ".join(m) for m in learnt)]
    (folder / "merges.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    special = {"bos_token": BOS, "eos_token": EOS, "pad_token": EOS, "unk_token": EOS}
    settings = {"tokenizer_class": "CLIPTokenizer", "model_max_length": LENGTH, **special}
    (folder / "tokenizer_config.json").write_text(json.dumps(settings, indent=2) + "\n", encoding="utf-8")
    (folder / "special_tokens_map.json").write_text(json.dumps(special, indent=2) + "\n", encoding="utf-8")
    return CLIPTokenizer.from_pretrained(folder)
