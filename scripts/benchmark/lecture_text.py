"""The lecture's code for texts and vectors, unchanged except for names and paths, as a baseline.

Two changes: files are listed in sorted order instead of the file system's, and the padded array is a numpy array
instead of an MXNet array.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from pathlib import Path
from typing import Dict, List, Tuple

import numpy as np


def read_files(folder: Path) -> List[str]:
    """Return the texts of all files."""
    sentiments = []
    for file in sorted(os.listdir(folder)):
        with open(f"{folder}/{file}", encoding="utf8") as pos_file:
            data = pos_file.read().replace("\n", "")
            sentiments.append(data)
    return sentiments


def clean_str(string: str) -> str:
    """Remove all but lower-case letters, digits and spaces."""
    remove_special_chars = re.compile("[^A-Za-z0-9 ]+")
    string = string.lower().replace("<br />", " ")
    return re.sub(remove_special_chars, "", string.lower())


def create_word_index(sentiments: List[str]) -> Dict[str, int]:
    """Count all words and assign ids by descending frequency."""
    word_counter: Counter[str] = Counter()
    for line in sentiments:
        for word in (clean_str(line)).split():
            if word not in word_counter.keys():  # noqa: SIM118
                word_counter[word] = 1
            else:
                word_counter[word] += 1
    idx = 1
    word_dict = {}
    for pair in word_counter.most_common():
        word_dict[pair[0]] = idx
        idx += 1
    return word_dict


def encoded_sentences(input_file: List[str], word_dict: Dict[str, int]) -> List[List[int]]:
    """Convert words to ids."""
    output_string = []
    for line in input_file:
        output_line = []
        for word in (clean_str(line)).split():
            if word in word_dict:
                output_line.append(word_dict[word])
        output_string.append(output_line)
    return output_string


def pad_sequences(sentences: List[np.ndarray], maxlen: int = 500, value: int = 0) -> List[np.ndarray]:
    """Truncate and pad all sentences to one length."""
    padded_sentences = []
    for sen in sentences:
        if len(sen) > maxlen:
            padded_sentences.append(sen[:maxlen])
        else:
            num_padding = maxlen - len(sen)
            padded_sentences.append(np.append(sen, [value] * num_padding))
    return padded_sentences


def encode_folder(folder: Path, vocab_size: int = 5000, seq_len: int = 500) -> Tuple[np.ndarray, np.ndarray]:
    """Run the lecture's cells from the raw files to the training and test arrays.

    Returns
    -------
    ids : ndarray of int32, shape (reviews, seq_len)
        Training reviews followed by held-out reviews.
    labels : ndarray of int64, shape (reviews,)
    """
    from sklearn.model_selection import train_test_split

    positive, negative = read_files(folder / "train" / "pos"), read_files(folder / "train" / "neg")
    all_labels = [1 for _ in positive] + [0 for _ in negative]
    word_dict = create_word_index(positive + negative)
    all_encoded = encoded_sentences(positive, word_dict) + encoded_sentences(negative, word_dict)
    t_data = [np.array([i if i < (vocab_size - 1) else (vocab_size - 1) for i in s]) for s in all_encoded]
    x_train, x_test, y_train, y_test = train_test_split(t_data, all_labels, test_size=0.3, random_state=42)
    ids = [np.array(pad_sequences(part, maxlen=seq_len), np.int32) for part in (x_train, x_test)]
    return np.concatenate(ids), np.array(y_train + y_test)


def load_glove_index(loc: Path) -> Dict[str, np.ndarray]:
    """Read every line of a GloVe file."""
    embeddings_index = {}
    with open(loc, encoding="utf8") as f:
        for line in f:
            values = line.split()
            word = values[0]
            coefs = np.asarray(values[1:], dtype="float32")
            embeddings_index[word] = coefs
    return embeddings_index


def create_emb(embeddings_index: Dict[str, np.ndarray], words: List[str], num_embed: int) -> np.ndarray:
    """Return the matrix of the words' vectors, shape (len(words) + 1, num_embed); row 0 is the padding."""
    embedding_matrix = np.zeros((len(words) + 1, num_embed))
    for i, word in enumerate(words, 1):
        embedding_vector = embeddings_index.get(word)
        if embedding_vector is not None:
            embedding_matrix[i] = embedding_vector
    return embedding_matrix
