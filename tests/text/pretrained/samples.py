"""Small files of pretrained vectors, as other programs wrote them."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Dict, List

import numpy as np

WORDS = {"the": [1.0, 2.0, 3.0], "naïve": [0.5, -0.25, 0.0], "日本": [-1.0, 0.001, 7.0]}

# gensim 4.4's KeyedVectors.save_word2vec_format of WORDS, with binary=True and binary=False.
GENSIM_BINARY = (
    b"3 3\nthe \x00\x00\x80?\x00\x00\x00@\x00\x00@@na\xc3\xafve \x00\x00\x00?\x00\x00\x80\xbe\x00\x00\x00\x00"
    b"\xe6\x97\xa5\xe6\x9c\xac \x00\x00\x80\xbfo\x12\x83:\x00\x00\xe0@"
)
GENSIM_TEXT = "3 3\nthe 1.0 2.0 3.0\nnaïve 0.5 -0.25 0.0\n日本 -1.0 0.001 7.0\n".encode()

# A model that fastText 0.9.3 wrote: 7 words, 7 rows of n-grams of 2 to 4 letters, 5 numbers. Its vectors of the words,
# as its get_word_vector returns them.
FASTTEXT_BINARY = base64.b64decode(
    "uhZPLwwAAAAFAAAAAgAAAAMAAAABAAAABQAAAAEAAAACAAAAAgAAAAcAAAACAAAABAAAAGQAAAAtQxzr4jYaPwcAAAAHAAAAAAAAAGgBAAAAAAAA"
    "///////////ml6XmnKwAPgAAAAAAAAAAZmlsbQA6AAAAAAAAAAB0aGUANQAAAAAAAAAAY2F0ADIAAAAAAAAAAGRvbid0ADIAAAAAAAAAAG5hw692"
    "ZQAvAAAAAAAAAAA8L3M+ACgAAAAAAAAAAAAOAAAAAAAAAAUAAAAAAAAAgfgpvmtnID7GNP69XxonvUN8xz2/4sU81Zj9PYH4Kb5rZyA+xjT+vWIa"
    "J71DfMc9weLFPNeY/T00JAe+EwToPeWfRb05f/I9ChGqux1UG74iMEM9z5/IvVA5jz2LU+I8k6f6vWq+3L0PapQ9z6LpvDb3gr0zutk8ufnTPa3J"
    "Fj26K0I+3rbTvXpp1r13OvW83XCJvEavNz6huEg+HTqyPW5b9z0fNTm+0J+FO+dNdr3qNxS+GWs3vegZf7zyimG9IGQSPigFHD298dO9AQuNvd5W"
    "6j2JAPK9ZyYtPm7HiD0rq5M9QF4Wvqyd5Tv3ZwG+p4o3PuhB3buoyhm8z1PZPaLDQr6ovqk983gGPff3nD2C+jq+GzqvvQAHAAAAAAAAAAUAAAAA"
    "AAAANF9zuDw0rreOP4e4GpdTOMcTijhnjOm3XocStyBMEbgBcnA32wkHOPz2Erh0hwE33/MXuLbx4zcqcx448E2utWZv9Dd0h/s3Lym9uCxibTdO"
    "ACU21PVeNh0yorY18rW3nMXatR48BLgQgPO0948UuCAcrjcJOBM4mfHXNi4kqbbqfIq23Rjrt+zNpbY="
)
FASTTEXT_WORDS: Dict[str, List[float]] = {
    "日本": [0.029855361, 0.005944569, -0.010759513, 0.024082193, -0.046336632],
    "film": [0.063853063, -0.055221386, 0.002190991, 0.026470587, -0.072059549],
    "the": [-0.009834838, -0.013289481, 0.019335255, 0.086758740, 0.006519910],
    "cat": [0.055749692, -0.033970494, -0.009557198, -0.002016544, -0.072440945],
    "don't": [0.049455684, -0.012367032, -0.006632925, 0.004498309, -0.067753114],
    "naïve": [-0.004052253, -0.002156778, 0.052377842, -0.001173340, 0.015649252],
    "</s>": [0.103503652, 0.036813427, 0.189619929, -0.103376135, -0.104693368],
}


def row_of(*words: str) -> Dict[bytes, int]:
    """Return the wanted words in UTF-8 and their rows, from 0 on."""
    return {word.encode(): row for row, word in enumerate(words)}


def write_npz(path: Path, words: Dict[str, List[float]], compress: bool = True) -> bytes:
    """Have gluonnlp write an embedding, and return the bytes."""
    from pipeline.mx.engine import import_gluonnlp, mx

    embedding = import_gluonnlp().embedding.TokenEmbedding(
        idx_to_token=list(words), idx_to_vec=mx.nd.array(np.array(list(words.values()), np.float32))
    )
    embedding.serialize(str(path), compress=compress)
    return path.read_bytes()
