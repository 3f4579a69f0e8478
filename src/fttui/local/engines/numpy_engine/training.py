"""The training loop: examples in, one `TrainingStep` after the other out, the adapter better after each."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from fttui.core.errors import FttuiError
from fttui.local.engines.numpy_engine.backward import MOST_TOKENS_KEPT, add_gradient, evaluate
from fttui.local.engines.numpy_engine.batches import EncodedExample, epoch_batches, micro_batches
from fttui.local.engines.numpy_engine.duration import measure, training_seconds
from fttui.local.engines.numpy_engine.gguf_weights import FloatArray, LlamaWeights
from fttui.local.engines.numpy_engine.lora import LoraAdapter, LoraParameters
from fttui.local.engines.numpy_engine.loss import NOTHING, Score
from fttui.local.engines.numpy_engine.model import LlamaModel
from fttui.local.engines.numpy_engine.optimizer import AdamW, clip, learning_rate_at
from fttui.local.engines.numpy_engine.parallel import Workers, shares
from fttui.local.engines.numpy_engine.state import TrainingState, fingerprint, read_state, write_state
from fttui.local.engines.protocol import TrainingOptions, TrainingStep

_VALIDATIONS: Final = 20
"""How many times, at most, a batch of the validation examples is scored on the way."""


class NumpyTraining:
    """A training under way; see `fttui.local.engines.protocol.Training`.

    Args:
        weights: The base model, which does not change.
        adapter: What is trained, in place.
        examples: With something to train on in each.
        validation: Likewise, possibly none.
        options: How.
        cancelled: Asked before each step.
        resume_from: A file that `save_state` wrote.
        shortened: Examples that lost their end.
        skipped: Examples left out because nothing was left to train on.
    """

    def __init__(
        self,
        weights: LlamaWeights,
        adapter: LoraAdapter,
        examples: Sequence[EncodedExample],
        validation: Sequence[EncodedExample],
        options: TrainingOptions,
        *,
        cancelled: Callable[[], bool],
        resume_from: Path | None = None,
        shortened: int = 0,
        skipped: int = 0,
    ) -> None:
        if not examples:
            raise FttuiError("There is nothing to train on: no example has an assistant message with text in it.")
        self.adapter = adapter
        self.shortened_examples = shortened
        self.skipped_examples = skipped
        self._model = LlamaModel(weights, adapter)
        self._examples = examples
        self._validation = validation
        self._options = options
        self._cancelled = cancelled
        self._steps_per_epoch = math.ceil(len(examples) / options.batch_size)
        self._workers = Workers()
        self._gradients = [
            LoraParameters(weights.shape, adapter.rank, adapter.parameters.flat.dtype)
            for _ in range(min(self._workers.count, options.batch_size, len(examples)))
        ]
        self._optimizer = AdamW(adapter.parameters.flat, weight_decay=options.weight_decay)
        self._fingerprint = fingerprint(weights, adapter.parameters.flat, examples, validation, options)
        if resume_from is not None:
            self._restore(read_state(resume_from, adapter.parameters.flat, self._fingerprint))
        self._steps = self._run()

    @property
    def total_steps(self) -> int:
        return self._steps_per_epoch * self._options.epochs

    @property
    def steps_done(self) -> int:
        return self._optimizer.steps

    @property
    def tokens_per_epoch(self) -> int:
        return sum(len(example.ids) for example in self._examples)

    def expected_seconds(self) -> float:
        weights = self._model.weights
        return training_seconds(
            measure(weights, self.adapter, self._workers),
            weights.shape,
            self._examples,
            self._validation,
            batch_size=self._options.batch_size,
            threads=self._workers.count,
            epochs=self._options.epochs - self.steps_done / self._steps_per_epoch,
        )

    def save_state(self, path: Path) -> None:
        optimizer, parameters = self._optimizer, self.adapter.parameters.flat
        state = TrainingState(optimizer.steps, parameters, optimizer.mean, optimizer.square)
        write_state(path, state, self._fingerprint)

    def _restore(self, state: TrainingState) -> None:
        self.adapter.parameters.flat[...] = state.parameters
        self._optimizer.mean[...] = state.mean
        self._optimizer.square[...] = state.square
        self._optimizer.steps = state.steps_done

    def __iter__(self) -> Iterator[TrainingStep]:
        return self

    def __next__(self) -> TrainingStep:
        return next(self._steps)

    def _run(self) -> Iterator[TrainingStep]:
        for epoch in range(self.steps_done // self._steps_per_epoch, self._options.epochs):
            batches = epoch_batches(self._examples, self._options.batch_size, seed=self._options.seed, epoch=epoch)
            for examples in batches[self.steps_done % self._steps_per_epoch :]:
                if self._cancelled():
                    return
                started = time.perf_counter()
                done = self._validated(self._train(self.steps_done + 1, examples))
                yield replace(done, seconds=time.perf_counter() - started)

    def _train(self, step: int, examples: Sequence[EncodedExample]) -> TrainingStep:
        """One step of the optimizer over a batch."""
        options = self._options
        result, gradient = self._gradient(examples)
        clip(gradient, options.max_gradient_norm)
        rate = learning_rate_at(
            step,
            self.total_steps,
            highest=options.learning_rate,
            warm_up=options.warm_up,
            final=options.final_learning_rate,
        )
        self._optimizer.step(gradient, rate)
        return TrainingStep(
            step=step,
            total_steps=self.total_steps,
            epoch=step / self._steps_per_epoch,
            train_loss=result.mean_loss,
            train_mean_token_accuracy=result.accuracy,
            learning_rate=rate,
            tokens=sum(len(example.ids) for example in examples),
            seconds=0.0,
            checkpoint=step % self._steps_per_epoch == 0,
        )

    def _gradient(self, examples: Sequence[EncodedExample]) -> tuple[Score, FloatArray]:
        """The score before the step, and the gradient (P,) of the mean loss over the batch's trained tokens."""
        weight = 1 / sum(example.trained_tokens for example in examples)

        parts = list(zip(self._gradients, shares(examples, len(self._gradients)), strict=False))
        most = MOST_TOKENS_KEPT // len(parts)

        def work(part: tuple[LoraParameters, Sequence[EncodedExample]]) -> Score:
            gradient, own = part
            gradient.flat[...] = 0
            result = NOTHING
            for batch in micro_batches(own, most):
                result += add_gradient(self._model, batch, gradient, weight, most_kept=most)
            return result

        result = sum(self._workers.map(work, parts), NOTHING)
        total = self._gradients[0].flat
        for gradient, _ in parts[1:]:
            total += gradient.flat
        return result, total

    def _validated(self, step: TrainingStep) -> TrainingStep:
        """The step with validation scores: of everything at an epoch's end, of a batch now and then."""
        if not self._validation:
            return step
        if step.checkpoint:
            full = self._evaluate(self._validation)
            step = replace(step, full_valid_loss=full.mean_loss, full_valid_mean_token_accuracy=full.accuracy)
        every = math.ceil(self.total_steps / _VALIDATIONS)
        if step.step % every == 0 or step.checkpoint or step.step == 1:
            size = self._options.batch_size
            start = step.step // every * size % len(self._validation)
            part = self._evaluate([*self._validation, *self._validation][start : start + size])
            step = replace(step, valid_loss=part.mean_loss, valid_mean_token_accuracy=part.accuracy)
        return step

    def _evaluate(self, examples: Sequence[EncodedExample]) -> Score:
        def work(part: Sequence[EncodedExample]) -> Score:
            return sum((evaluate(self._model, batch) for batch in micro_batches(part, MOST_TOKENS_KEPT)), NOTHING)

        return sum(self._workers.map(work, shares(examples, self._workers.count)), NOTHING)
