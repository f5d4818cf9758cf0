#!/usr/bin/env python3
"""Write the ids that transformers gives odd prompts with the tiny tokenizer: tokens-extra.json.

Needs transformers from PyPI; no network.
"""
import json, os
os.environ.setdefault("HF_HUB_OFFLINE", "1")
import transformers
from transformers import CLIPTokenizer

HERE = os.path.dirname(os.path.abspath(__file__))
tokenizer = CLIPTokenizer.from_pretrained(os.path.join(HERE, "tiny-ip2p", "tokenizer"))
PROMPTS = [
    "", " ", "\t\n\r  \u00a0\u3000", "make", " make  it\n\na   sketch ", "MAKE THE PAINTING", "i'm, you're, we've, he'd, it'll, can't",
    "it's'sketch'that''s", "'S 'T 'RE", "rock 'n' roll", "1234 56.78e-9", "\u0661\u0662\u0663 \u2167 \u00bd x\u00b2", "caf\u00e9 cafe\u0301",
    "\u00c5ngstr\u00f6m \u212b \u212aelvin", "\u0130stanbul \u03a3\u0391\u03a3 stra\u00dfe", "\u0439 \u0438\u0306", "\u6c34\u5f69\u753b\u306e\u30b9\u30b1\u30c3\u30c1", "\ud55c\uad6d\uc5b4",
    "\u0928\u092e\u0938\u094d\u0924\u0947", "\u0645\u0631\u062d\u0628\u0627", "\U0001f600\U0001f468\u200d\U0001f469\u200d\U0001f467 ok", "\U0001f1e9\U0001f1ea flag", "a\u0300\u0301b", "\u200bzero\u200dwidth\ufeff",
    "<|endoftext|> in the middle <|startoftext|>", "<|ENDOFTEXT|>!!", "!<|EndOfText|>?", "x<|endoftext|>\u0301y", "<|endoftext|", "&amp; &lt;b&gt;", "hello...!!! (really?) #tag @you",
    "don\u2019t \u201cquote\u201d \u2014 dash", "\x00\x01\x1c\x7f\x85 ctl", "a_b-c/d\\e", "the " * 60, "water" * 40, "watering" + "g" * 300, "\ufb01ne \u01c5 \u1e9e", "\U0001d400\U0001d7d8 math", "Thththe aNaNaN reerer",
]
json.dump({"transformers": transformers.__version__,
           "cases": [{"text": p, "ids": tokenizer(p, padding="max_length", max_length=77, truncation=True)["input_ids"],
                      "tokens": tokenizer(p, add_special_tokens=False)["input_ids"]} for p in PROMPTS]},
          open(os.path.join(HERE, "tokens-extra.json"), "w"))
print(len(PROMPTS))
