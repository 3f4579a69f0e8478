"""The training loop: examples in, one `TrainingStep` after the other out, the adapter better after each."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final, Generic

import numpy as np

from fttui.core.errors import FttuiError
from fttui.local.engines.numpy_engine.backward import add_gradients, evaluate_all, most_tokens_kept
from fttui.local.engines.numpy_engine.batches import Example, batches_of, epoch_batches, micro_batches, tokens_of
from fttui.local.engines.numpy_engine.duration import measure, training_seconds
from fttui.local.engines.numpy_engine.encoder import Encoded
from fttui.local.engines.numpy_engine.llama_weights import FloatArray
from fttui.local.engines.numpy_engine.lora import LoraAdapter, LoraParameters
from fttui.local.engines.numpy_engine.loss import NOTHING, Score
from fttui.local.engines.numpy_engine.model import LlamaModel
from fttui.local.engines.numpy_engine.objective import Objective
from fttui.local.engines.numpy_engine.optimizer import AdamW, clip, learning_rate_at
from fttui.local.engines.numpy_engine.parallel import Workers
from fttui.local.engines.numpy_engine.state import TrainingState, fingerprint, read_state, write_state
from fttui.local.engines.protocol import TrainingOptions, TrainingStep

_VALIDATIONS: Final = 20
"""How many times, at most, a batch of the validation examples is scored on the way."""


class NumpyTraining(Generic[Example]):
    """A training under way; see `fttui.local.engines.protocol.Training`.

    Args:
        model: The base model with the adapter that is trained, in place.
        objective: What is minimised.
        examples: What to train on.
        validation: Likewise, possibly none.
        options: How.
        workers: The threads that compute.
        cancelled: Asked before each step.
        resume_from: A file that `save_state` wrote.
    """

    def __init__(
        self,
        model: LlamaModel,
        objective: Objective[Example],
        examples: Encoded[Example],
        validation: Encoded[Example],
        options: TrainingOptions,
        workers: Workers,
        *,
        cancelled: Callable[[], bool] = lambda: False,
        resume_from: Path | None = None,
    ) -> None:
        if not examples.kept:
            raise FttuiError("There is nothing to train on: no example has an assistant message with text in it.")
        assert model.adapter is not None
        self.adapter: LoraAdapter = model.adapter
        self.shortened_examples = examples.shortened
        self.skipped_examples = examples.skipped
        self._model = model
        self._objective = objective
        self._examples = examples.kept
        self._validation = validation.kept
        self._options = options
        self._cancelled = cancelled
        self._steps_per_epoch = math.ceil(len(examples.kept) / options.batch_size)
        self._workers = workers
        parameters = self.adapter.parameters.flat
        self._gradients = [
            LoraParameters(model.shape, self.adapter.rank, parameters.dtype) for _ in range(self._workers.count)
        ]
        self._optimizer = AdamW(parameters, weight_decay=options.weight_decay)
        self._fingerprint = fingerprint(model.weights, parameters, self._examples, self._validation, options)
        if resume_from is not None:
            self._restore(read_state(resume_from, parameters, self._fingerprint))
        self._steps = self._run()

    @property
    def total_steps(self) -> int:
        return self._steps_per_epoch * self._options.epochs

    @property
    def steps_done(self) -> int:
        return self._optimizer.steps

    def expected_seconds(self) -> float:
        return training_seconds(
            measure(self._model.weights, self.adapter, self._workers),
            self._model.shape,
            self._examples,
            self._validation,
            batch_size=self._options.batch_size,
            threads=self._workers.count,
            epochs=self._options.epochs - self.steps_done / self._steps_per_epoch,
            has_reference=self._options.method == "dpo",
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
                step = self._train(self.steps_done + 1, examples)
                is_sound = math.isfinite(step.train_loss) and bool(np.isfinite(self.adapter.parameters.flat).all())
                done = self._validated(step) if is_sound else replace(step, checkpoint=False)
                yield replace(done, seconds=time.perf_counter() - started)
                if not is_sound:
                    raise FttuiError(
                        f"The training diverged: after step {step.step} the loss or the adapter is no number any more.",
                        hint="Lower the learning rate multiplier.",
                    )

    def _train(self, step: int, examples: Sequence[Example]) -> TrainingStep:
        """One step of the optimizer over a batch; none when the gradient is no number."""
        options = self._options
        result, gradient = self._gradient(examples)
        norm = clip(gradient, options.max_gradient_norm)
        rate = learning_rate_at(
            step,
            self.total_steps,
            highest=options.learning_rate,
            warm_up=options.warm_up,
            final=options.final_learning_rate,
        )
        if math.isfinite(norm):
            with np.errstate(over="ignore", invalid="ignore"):  # what came of it is looked at behind the step
                self._optimizer.step(gradient, rate)
        of_pairs = options.method == "dpo"
        return TrainingStep(
            step=step,
            total_steps=self.total_steps,
            epoch=step / self._steps_per_epoch,
            train_loss=result.mean_loss if math.isfinite(norm) else math.nan,
            train_mean_token_accuracy=result.accuracy,
            learning_rate=rate,
            tokens=sum(tokens_of(example) for example in examples),
            seconds=0.0,
            train_reward_accuracy=result.won / result.terms if of_pairs else None,
            train_reward_margin=result.margin / result.terms if of_pairs else None,
            checkpoint=step % self._steps_per_epoch == 0,
        )

    def _gradient(self, examples: Sequence[Example]) -> tuple[Score, FloatArray]:
        """The score before the step, and the gradient (P,) of the mean loss over the batch."""
        model, objective = self._model, self._objective
        objective.prepare(examples)
        terms = objective.terms(examples)
        for gradient in self._gradients:
            gradient.flat[...] = 0
        result = NOTHING
        for part in micro_batches(examples, most_tokens_kept(model)):
            predictions = add_gradients(
                model,
                batches_of(part),
                self._gradients,
                lambda found, part=part: objective.factors(part, found) / terms,  # type: ignore[misc]
                self._workers,
            )
            result += objective.score(part, predictions)
        total = self._gradients[0].flat
        for gradient in self._gradients[1:]:
            total += gradient.flat
        return result, total

    def _validated(self, step: TrainingStep) -> TrainingStep:
        """The step with validation scores: of everything at an epoch's end, of a batch now and then."""
        if not self._validation:
            return step
        full: Score | None = None
        if step.checkpoint:
            full = self._evaluate(self._validation)
            step = replace(
                step,
                full_valid_loss=full.mean_loss,
                full_valid_mean_token_accuracy=full.accuracy,
                full_valid_reward_accuracy=full.won / full.terms if self._options.method == "dpo" else None,
            )
        every = math.ceil(self.total_steps / _VALIDATIONS)
        if step.step % every == 0 or step.checkpoint or step.step == 1:
            size = min(self._options.batch_size, len(self._validation))
            start = step.step // every * size % len(self._validation)
            part = full
            if part is None or size < len(self._validation):
                part = self._evaluate([*self._validation, *self._validation][start : start + size])
            step = replace(step, valid_loss=part.mean_loss, valid_mean_token_accuracy=part.accuracy)
        return step

    def _evaluate(self, examples: Sequence[Example]) -> Score:
        self._objective.prepare(examples)
        result = NOTHING
        for part in micro_batches(examples, most_tokens_kept(self._model)):
            predictions = evaluate_all(self._model, batches_of(part), self._workers)
            result += self._objective.score(part, predictions)
        return result
