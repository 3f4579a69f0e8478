"""Jobs: what was trained, what trains now and how it goes, and the start of the next one."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.events import ScreenResume

from fttui.core.errors import FttuiError, ProviderError
from fttui.jobs.objects import PAUSABLE, Job, is_paused, is_terminal
from fttui.ui.bill_text import bill_line
from fttui.ui.file_to_train import file_to_train
from fttui.ui.handover import Handover, TrainFile, TryModels
from fttui.ui.job_book import JobBook
from fttui.ui.job_text import COLUMNS, best_checkpoint, job_name, job_row
from fttui.ui.keys import bindings_for
from fttui.ui.model_list import listed_models
from fttui.ui.screens.base import FttuiScreen
from fttui.ui.screens.dialogs import Confirm
from fttui.ui.screens.new_job import NewJob, NewJobDialog
from fttui.ui.tasks import TaskFailed, task
from fttui.ui.widgets.job_detail import JobDetail
from fttui.ui.widgets.table_list import TableList

if TYPE_CHECKING:
    from pathlib import Path

    from openai import AsyncOpenAI

REDRAW_S = 0.1
_CANNOT = (404, 405, 501)
"""What a provider answers that has no such address."""
NO_FILE = "No jobs yet, and no file is open: start fttui with a JSONL file of examples, then n trains a model on it."


class JobsScreen(FttuiScreen):
    """The list of jobs, and the one under the cursor with its curve and events."""

    WHERE = "jobs"
    HELP_TEXT = "Training jobs of this provider. What was seen of them is kept, and following goes on by itself."
    BINDINGS = bindings_for(WHERE)
    CSS_PATH = "jobs.tcss"
    AUTO_FOCUS = "#job-list"

    def __init__(self) -> None:
        super().__init__()
        self._followed: set[str] = set()
        self._is_dirty = False
        self._pauses_jobs = True
        self._possible: object = None
        self._is_opened = False

    def body(self) -> ComposeResult:
        with Horizontal(id="jobs", classes="-empty"):
            yield TableList(COLUMNS, id="job-list")
            yield JobDetail(id="job-detail")

    def on_mount(self) -> None:
        self._book = JobBook(self.services.store, self.services.profile.name)
        self._clock = self.set_interval(1.0, self._redraw, pause=True)
        self._open_book()

    # --- what is known ---

    @task(group="open")
    async def _open_book(self) -> None:
        """Show the stored jobs at once, then ask the provider where that needs no new server."""
        for job_id in await asyncio.to_thread(self._book.load_jobs):
            await asyncio.to_thread(self._book.load_events, job_id)
            self._changed()
        self._redraw()
        self._is_opened = True
        if self._book.has_open_jobs or not self.services.profile.is_local or await self._is_local_running():
            self._refresh()

    def on_screen_resume(self, event: ScreenResume) -> None:
        """A paused job is not followed: it may have been let go on from elsewhere."""
        if self._is_opened and self._book.has_paused_jobs:
            self._look_again()

    @task(group="look again")
    async def _look_again(self) -> None:
        if not self.services.profile.is_local or await self._is_local_running():
            self._refresh()

    async def _is_local_running(self) -> bool:
        from fttui.providers.local_server import find_running

        return await asyncio.to_thread(find_running) is not None

    def _changed(self) -> None:
        """Something is new: draw it soon, and many news together."""
        if not self._is_dirty:
            self._is_dirty = True
            self.set_timer(REDRAW_S, self._redraw)

    def _redraw(self) -> None:
        self._is_dirty = False
        now = time.time()
        table = self.query_one(TableList)
        rows = [job_row(job, self._book.events(job_id), now) for job_id, job in self._book.newest_first()]
        table.set_rows(rows, empty=self._empty_sentence())
        self.query_one("#jobs").set_class(not rows, "-empty")
        self._show_job()
        if self._book.is_anything_running:
            self._clock.resume()
        else:
            self._clock.pause()

    def _empty_sentence(self) -> str:
        if self._book.problem:
            return f"✖ {self._book.problem} r asks again."
        if self.services.document is None:
            return NO_FILE
        profile = self.services.profile
        price = "" if profile.costs_money else ", free of charge"
        return f"No jobs yet. n trains a model on the open file on {profile.name}{price}."

    def _show_job(self) -> None:
        key = self.query_one(TableList).key
        if key is not None:
            self.query_one(JobDetail).show(self._book.view(key), time.time(), bill=self._bill(key))
        possible = (self._can_pause(), self._best())
        if possible != self._possible:
            self._possible = possible
            self.refresh_bindings()

    def _bill(self, job_id: str) -> str:
        return bill_line(
            self._book.job(job_id),
            self._book.estimate(job_id),
            is_local=self.services.profile.is_local,
            cost=self.services.settings.cost,
        )

    @on(TableList.Highlighted)
    def _cursor_moved(self, event: TableList.Highlighted) -> None:
        event.stop()
        self._show_job()

    @on(TableList.Selected)
    def _open_job(self, event: TableList.Selected) -> None:
        event.stop()
        self.query_one("#jobs").add_class("-detail")
        self._show_job()
        self.query_one("#job-detail StreamPane").focus()

    # --- following ---

    @task(group="refresh")
    async def _refresh(self) -> None:
        """Ask the provider for its jobs, and follow those that are not over or not fully known."""
        try:
            with self.app.works.running("Asking for the jobs") as work:
                client = await self.services.client(lambda text: work.advance(0, detail=text))
                with_news = await self._book.fetch(client)
        except FttuiError as error:
            self._book.problem = str(error)
            self._changed()
            raise
        self._book.problem = ""
        self._changed()
        for job_id in with_news:
            self._follow(job_id)

    def _follow(self, job_id: str) -> None:
        if job_id not in self._followed:
            self._followed.add(job_id)
            self.run_worker(self._follow_job(job_id), group=f"follow {job_id}", exit_on_error=False)

    async def _follow_job(self, job_id: str) -> None:
        """Take what comes of a job until it is over; a local server that went away is started again once."""
        try:
            for is_last in (False, True):
                try:
                    client = await self.services.client()
                    await self._follow_with(client, job_id)
                    break
                except FttuiError as error:
                    self._book.problems[job_id] = f"{error} r asks again."
                    self._changed()
                    if is_last or not self.services.profile.is_local:
                        break
        except Exception as error:
            self.post_message(TaskFailed(error, "follow"))
            return
        finally:
            self._followed.discard(job_id)
        job = self._book.job(job_id)
        if not (is_terminal(job) or is_paused(job) or self._book.problems.get(job_id)):
            self._follow(job_id)  # it was let go on while the last look at a paused job was under way

    async def _follow_with(self, client: AsyncOpenAI, job_id: str) -> None:
        was_over = is_terminal(self._book.job(job_id))
        async for _ in self._book.follow(client, job_id):
            self._changed()
        job = self._book.job(job_id)
        if is_terminal(job) and not was_over:
            self._tell_the_end(job_id)

    def _tell_the_end(self, job_id: str) -> None:
        job = self._book.job(job_id)
        name = job_name(job)
        if job.get("status") == "succeeded":
            self.app.notify(f"{name} is trained: 3, then p compares it with its base.", markup=False)
        elif job.get("status") == "failed":
            self.app.notify(f"{name} failed: 3 shows why.", severity="error", markup=False)

    # --- actions ---

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Pausing and the best checkpoint are offered only for a job that has that."""
        if action == "pause_or_resume":
            return self._can_pause()
        if action == "try_best":
            return bool(self._best())
        return super().check_action(action, parameters)

    def _chosen(self) -> Job:
        """The job under the cursor; an empty one when there is none."""
        key = next((table.key for table in self.query(TableList)), None)
        return self._book.job(key) if key is not None else {}

    def _can_pause(self) -> bool:
        job = self._chosen()
        return self._pauses_jobs and (is_paused(job) or job.get("status") in PAUSABLE)

    def _best(self) -> str:
        return best_checkpoint(self._chosen())

    def action_refresh_jobs(self) -> None:
        self._refresh()

    def action_back(self) -> None:
        self.query_one("#jobs").remove_class("-detail")
        self.query_one(TableList).focus()

    async def action_try_model(self) -> None:
        key = self.query_one(TableList).key
        if key is None:
            self.notify("There is no job here yet: n makes one.", markup=False)
            return
        model = self._book.job(key).get("fine_tuned_model")
        if not model:
            self.notify("This job has no tuned model yet: that comes when it has succeeded.", markup=False)
            return
        await self.app.go("playground", TryModels((str(model),)))

    async def action_try_best(self) -> None:
        if best := self._best():
            await self.app.go("playground", TryModels((best,)))

    @task(group="pause")
    async def action_pause_or_resume(self) -> None:
        key = self.query_one(TableList).key
        if key is None or not self._can_pause():
            return
        client = await self.services.client()
        try:
            await self._book.pause_or_resume(client, key)
        except ProviderError as error:
            if self.services.profile.is_local or not _has_no_such_address(error):
                raise
            self._pauses_jobs = False
            self.notify(f"{self.services.profile.name} cannot pause this job.", markup=False)
        self._changed()
        self._follow(key)

    @task(group="cancel")
    async def action_cancel_job(self) -> None:
        key = self.query_one(TableList).key
        if key is None or is_terminal(self._book.job(key)):
            self.notify("There is nothing to cancel here: the job is over.", markup=False)
            return
        name = job_name(self._book.job(key))
        question = Confirm(
            f"Cancel {name}?",
            "Training stops now and cannot be taken up again.",
            yes="Cancel the job",
            no="Let it train",
            cautious=True,
        )
        if await self.app.push_screen_wait(question):
            client = await self.services.client()
            await self._book.cancel(client, key)
            self._changed()

    # --- a new job ---

    def receive(self, handover: Handover) -> None:
        if isinstance(handover, TrainFile):
            self.action_new_job()

    @task(group="new")
    async def action_new_job(self) -> None:
        file = await file_to_train(self.app)
        if file is None:
            return
        held_out = self.services.files.by_role("validation")
        validation = held_out.path if held_out is not None and held_out is not file else None
        dialog = NewJobDialog(self.services, file, validation=validation, past_jobs=self._book.undisturbed_jobs())
        self._offer_models(dialog)
        new = await self.app.push_screen_wait(dialog)
        if new is None:
            return
        profile = self.services.profile
        if profile.costs_money:
            question = Confirm(f"Train at {profile.name}?", *new.warning(file.title, profile.name), yes=new.verb)
            if not await self.app.push_screen_wait(question):
                return
        self._create(file.path, new)

    @task(group="offer")
    async def _offer_models(self, dialog: NewJobDialog) -> None:
        """Add what the provider lists to the dialog's models, when that can be had."""
        if self.services.profile.is_local:
            with self.app.works.running("Asking for the models") as work:
                models = await listed_models(self.services, lambda text: work.advance(0, detail=text))
            dialog.offer([model.id for model in sorted(models, key=lambda model: model.is_tuned)])

    @task(group="create", exclusive=False)
    async def _create(self, path: Path, new: NewJob) -> None:
        with self.app.works.running("Creating the job") as work:
            client = await self.services.client(lambda text: work.advance(0, detail=text))
            kept = new.estimate.kept
            job_id = await self._book.create(
                client,
                new.request(path),
                lambda text: work.advance(0, detail=text),
                kept.as_dict() if kept is not None else None,
            )
        self._redraw()
        self.query_one(TableList).move_to(job_id)
        self._follow(job_id)


def _has_no_such_address(error: ProviderError) -> bool:
    """Whether a provider knows no pausing; one that does may know no such job."""
    return error.status in _CANNOT and not (error.code or "").endswith("_not_found")
