"""The reference values: every value that the five lectures print.

`pipeline.lectures.reproduce` computes the values without them, and then compares.
"""

from __future__ import annotations

from typing import Any, NamedTuple, Optional


class ReferenceValue(NamedTuple):
    """One value as a lecture prints it."""

    lecture: str
    key: str  # of the computed value
    quantity: str
    value: Any
    tolerance: Optional[float] = None  # largest absolute difference; None: equal


# One reference value a line, as a table.
# ruff: noqa: E501

FIRST_IDS = "579 34 1 165 171 7670 221 25270 2 6309 2701 141 20 744 28 3 48 18 3573 53650 6"
CUT_IDS = "579 34 1 165 171 4999 221 4999 2 4999 2701"
COUNTS = (
    "the 334731 and 162241 a 161971 of 145375 is 107037 it 78092 that 69565 movie 42669 film 38254 not 30287 be 26723 "
    "one 25725 its 25105 from 20437 good 14710 because 8991 movies 7921 never 6428 best 6316 im 4809 now 4473 same 4028 "
    "director 3838 down 3533 must 3054 done 2991 yet 2700 until 1755 id 1394 late 1138 heard 1103 coming 1018 "
    "surprised 799 80s 687 hands 623 beloved 174 partly 125 ironically 121 immortal 58 whod 44 candyman 6 papierhaus 1"
)
RANKS = (
    "the 1 and 2 a 3 of 4 to 5 is 6 in 7 it 8 i 9 this 10 that 11 was 12 as 13 for 14 with 15 movie 16 but 17 film 18 "
    "on 19 not 20 because 82"
)

REFERENCE_VALUES = (
    ReferenceValue("lecture8", "reviews", "positive and negative reviews", "12,500 and 12,500"),
    ReferenceValue("lecture8", "cleaning", '"who\'d done "Candyman"<br />" becomes', "whod done candyman"),
    ReferenceValue("lecture8", "counts", "how often 42 words occur", COUNTS),
    ReferenceValue("lecture8", "distinct", "distinct words after cleaning (not printed there)", 111_525),
    ReferenceValue("lecture8", "ranks", "the index, by descending count", RANKS),
    ReferenceValue("lecture8", "tie", "other and bad share the ranks 78 and 79, each counted", "9056 and 9056"),
    ReferenceValue("lecture8", "first_ids", "ids of the first review", FIRST_IDS),
    ReferenceValue("lecture8", "cut_ids", "the same, all rarer words with one id", CUT_IDS),
    ReferenceValue("lecture8", "rows", "size of the vocabulary", 5000),
    ReferenceValue("lecture8", "lengths", "shortest, longest and mean review in words", "10, 2459, 230.51952"),
    ReferenceValue("lecture8", "embedding", "shape of the embedding matrix", "5000 x 300"),
    ReferenceValue("lecture8", "split", "training and held-out reviews", "17,500 and 7,500"),
    ReferenceValue("lecture8", "steps", "length of a sequence, padded on the right", 500),
    ReferenceValue("lecture8", "features", "inputs of the classifier: steps times hidden size", 32_000),
    ReferenceValue("lecture8", "batches", "batches in an epoch, the last incomplete one dropped", 1458),
    ReferenceValue(
        "lecture8", "train_accuracy", 'accuracy on the training reviews (printed as "test")', 0.8285322359396433, 0.005
    ),
    ReferenceValue("lecture8", "held_out_accuracy", "accuracy on the held-out reviews", None),
    ReferenceValue("lecture8", "sentence", 'answer to "This movie is Great. ..."', "Glad you liked it!"),
    ReferenceValue("lecture8", "saved", "accuracy after saving and loading is the same", True),
    ReferenceValue(
        "lecture8", "equations", "the LSTM's equations in numpy and Gluon's layer: largest difference", 0.0, 1e-5
    ),
    ReferenceValue("crash_course", "words", "words in the vocabulary", 20_000),
    ReferenceValue(
        "crash_course", "parameters", "parameters: embedding, LSTM, dense", "2,560,000 + 131,584 + 129 = 2,691,713"
    ),
    ReferenceValue("crash_course", "accuracy", "accuracy on held-out reviews", 0.81252, 0.015),
    ReferenceValue("crash_course", "loss", "loss on held-out reviews (overfitted)", 1.0828352694833279, 0.25),
    ReferenceValue("stacked", "loss", "loss as printed (apparently after one epoch)", 0.6931445028114319, 0.0005),
    ReferenceValue("stacked", "accuracy", "accuracy as printed (apparently after one epoch)", 0.50072, 0.02),
    ReferenceValue("stacked", "masked", "accuracy after one epoch, padding masked", None),
    ReferenceValue("weights", "rnn_1", "SimpleRNN(1), w=2, u=-1 on -1, 3, 7", "6"),
    ReferenceValue("weights", "rnn_u", "SimpleRNN(1), w=1, u=0 to 5 on 3, 3, 7", "7, 13, 25, 43, 67, 97"),
    ReferenceValue("weights", "refuted", "SimpleRNN(1), w=1, u=3 on 1, 1, 2 (8 if the first hypothesis held)", "14"),
    ReferenceValue("weights", "half", "SimpleRNN(1), w=1, u=0.5 on 3, 3, 7", "9.25"),
    ReferenceValue("weights", "rnn_2a", "SimpleRNN(2), w=1 1, u=0 0 / 0 0 on 1, 2, 3, 4", "4, 4"),
    ReferenceValue("weights", "rnn_2b", "SimpleRNN(2), w=1 1, u=0 1 / 0 1 on 3, 3, 7, 5", "5, 31"),
    ReferenceValue("weights", "rnn_2c", "SimpleRNN(2), w=1 0, u=0 0 / 0 0 on 3, 3, 7, 5", "5, 0"),
    ReferenceValue("weights", "rnn_2d", "SimpleRNN(2), w=1 1, u=1 1 / 1 1 on 3, 4", "10, 10"),
    ReferenceValue("weights", "rnn_2e", "SimpleRNN(2), w=1 0, u=1 0 / 1 0 on 1, 2, 3, 4", "10, 0"),
    ReferenceValue(
        "weights", "lstm_inputs", "LSTM(1), input kernels i 1, f 0, c 1, o 1 on 0, 1, 2, 4, 8", "0, 1, 8, 64, 512"
    ),
    ReferenceValue("weights", "lstm_recurrent", "LSTM(1), recurrent kernels the same, input 0", "0, 0, 0, 0, 0"),
    ReferenceValue("mnist_rows", "images", "training, validation and test images", "48,000, 12,000 and 10,000"),
    ReferenceValue("mnist_rows", "steps", "an image as a sequence", "28 x 28 from 0 to 1"),
    ReferenceValue(
        "mnist_rows",
        "accuracy",
        "test accuracy after 3 epochs (theirs one run, ours the mean of several)",
        0.9550,
        0.0136,  # two standard deviations of the difference: 2 * 0.0062 * sqrt(1 + 1/5), from our five seeds
    ),
    ReferenceValue("mnist_rows", "better", "the same with learning rate 0.006 in place of 0.001", None),
    ReferenceValue("mnist_rows", "parameters", "parameters, m=1 n=10 and m=28 n=50", "480 and 15,800"),
    ReferenceValue("mnist_rows", "shapes", "LSTM(10) of (2, 5, 1): last step; all steps", "(2, 10); (2, 5, 10)"),
)
