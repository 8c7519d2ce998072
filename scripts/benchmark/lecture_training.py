"""The lecture's training loop for one epoch with given initial parameters, unchanged except for names."""

from __future__ import annotations

from typing import Any, List, Sequence, Tuple

import numpy as np

from pipeline.mx.engine import mx

nd, gluon, autograd = mx.nd, mx.gluon, mx.autograd


def evaluate_accuracy(model: Any, x: Any, y: Any, batch_size: int) -> float:
    """Return the accuracy, ignoring the last incomplete batch."""
    acc = mx.metric.Accuracy()

    for i in range(x.shape[0] // batch_size):
        data = x[i * batch_size : (i * batch_size + batch_size),]
        target = y[i * batch_size : (i * batch_size + batch_size),]

        output = model(data)
        predictions = nd.argmax(output, axis=1)
        acc.update(preds=predictions, labels=target)

    return acc.get()[1]


def train_epoch(
    x_train: np.ndarray, y_train: np.ndarray, x_test: np.ndarray, y_test_set: np.ndarray, start: Sequence[np.ndarray]
) -> Tuple[List[np.ndarray], float, float]:
    """Train for one epoch.

    Parameters
    ----------
    x_train, x_test : ndarray of int32, shape (reviews, 500)
    y_train, y_test_set : ndarray, shape (reviews,)
    start : sequence of ndarray
        Initial parameters, the embedding first.

    Returns
    -------
    parameters : list of ndarray
    train_accuracy, test_accuracy : float
    """
    context = mx.cpu()
    trn, y_trn, test, y_test = (
        nd.array(part).as_in_context(context) for part in (x_train, y_train, x_test, y_test_set)
    )
    num_classes, num_hidden, learning_rate, batch_size = 2, 64, 0.001, 12
    vocab_size, num_embed = start[0].shape

    model = mx.gluon.nn.Sequential()
    with model.name_scope():
        model.embed = mx.gluon.nn.Embedding(vocab_size, num_embed)
        model.add(mx.gluon.rnn.LSTM(num_hidden, layout="NTC"))
        model.add(mx.gluon.nn.Dense(num_classes))
    model.collect_params().initialize(mx.init.Xavier(), ctx=context)
    model(trn[:1])  # added: infers the shapes, so that the parameters can be set
    for parameter, values in zip(model.collect_params().values(), start):
        parameter.set_data(nd.array(values))

    trainer = gluon.Trainer(model.collect_params(), "sgd", {"learning_rate": learning_rate})
    softmax_cross_entropy = gluon.loss.SoftmaxCrossEntropyLoss()

    for b in range(trn.shape[0] // batch_size):
        data = trn[b * batch_size : (b * batch_size + batch_size),]
        target = y_trn[b * batch_size : (b * batch_size + batch_size),]

        data = data.as_in_context(context)
        target = target.as_in_context(context)

        with autograd.record():
            output = model(data)
            loss = softmax_cross_entropy(output, target)
        loss.backward()
        trainer.step(data.shape[0])

    test_accuracy = evaluate_accuracy(model, test, y_test, batch_size)
    train_accuracy = evaluate_accuracy(model, trn, y_trn, batch_size)
    parameters = [parameter.data().asnumpy() for parameter in model.collect_params().values()]
    return parameters, train_accuracy, test_accuracy
