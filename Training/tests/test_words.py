import random

import torch

from limner_training import model, sentences, styles, tokenizer


def corpus(count=2000):
    rng = random.Random(0)
    return [sentences.describe(*styles.sample(rng), rng) for _ in range(count)]


def test_sentences_are_clean():
    assert all("  " not in s and s == s.strip() for s in corpus())


def test_a_graded_word_follows_its_parameter():
    assert [sentences.band(v, (0.3, 0.6), ("low", "", "high")) for v in (0.1, 0.4, 0.9)] == ["low", "", "high"]


def test_the_tokenizer_is_clips_format(tmp_path):
    tok = tokenizer.write(tmp_path, corpus(), merges=100)
    ids = tok("a pencil sketch", padding="max_length", max_length=77).input_ids
    assert ids[0] == tok.bos_token_id and ids[-1] == tok.eos_token_id and len(ids) == 77


def test_any_text_can_be_encoded(tmp_path):
    tok = tokenizer.write(tmp_path, corpus(), merges=50)
    ids = tok("Café №5 — 素描!").input_ids
    assert tok.unk_token_id not in ids[1:-1]


def test_tails_come_from_the_donor():
    rows, donor = torch.zeros(2, 77, 3), torch.ones(2, 77, 3)
    out = model.swap_tails(rows, torch.tensor([4, 6]), donor, torch.tensor([2, 9]))
    assert out[0, :5].sum() == 0 and out[0, 5:].min() == 1 and out[1, :7].sum() == 0
