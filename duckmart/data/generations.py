"""Loaded databases on disk: one immutable file per load, and a manifest that says which one is served.

    DATA/manifest.json                  which one is served, which are kept, how large they are
    DATA/generations/000002.duckdb      the database, never written again
    DATA/generations/000002.json        its load report
    DATA/generations/000002.rejects.csv what the load refused or cleared
    DATA/generations/building/          the load that runs now, or what a killed one left
    DATA/load.lock                      held by the load that runs now

Readers take no lock. They read the manifest, open the file it names and may keep reading it after a switch; a
reader that finds the file gone (removed by later loads) asks for `current()` again. DuckDB checks each block
that it reads, but may not notice that blocks are gone; so every reader compares the size of the file.
"""

import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from shlex import quote
from time import sleep
from typing import TypeVar

from duckmart.data.generation import Generation, check_complete, damage, in_order, words_for_disk
from duckmart.data.manifest import Manifest, is_number, read_manifest, sync, write_manifest
from duckmart.errors import LoadError, Unavailable
from duckmart.files import make_folder, protect

Result = TypeVar("Result")

PATIENCE = 3600.0
"""Seconds a load waits for another one to end."""

WAITING = "waiting for another load to end"

NUMBER = "number"
"""The file in the folder of a build that says which generation it will be."""

DROPPED = "dropped"
"""Likewise, which generations are removed after the switch."""


class Generations:
    """The generations below one data folder, which need not exist before the first load."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.manifest = folder / "manifest.json"

    def current(self) -> Generation | None:
        """The generation to serve, None when nothing was ever loaded; costs one small file read.

        Raises `Unavailable` when the manifest cannot be read, when it is missing though there are
        generations, or when the file it names is gone or cut short.
        """
        try:
            manifest = read_manifest(self.manifest)
        except FileNotFoundError:
            return self._without_manifest()
        except (OSError, ValueError) as error:
            way_out = self.way_out("")
            raise Unavailable(f"{self.manifest} cannot be read ({error}); {way_out}") from error
        generation = self.generation(manifest.current)
        words = damage(generation, manifest)
        if words and self._read_manifest().current != generation.id:
            # Removed by loads that switched after the manifest was read.
            return self.current()
        if words:
            raise Unavailable(f"{generation.path} {words}; {self.way_out(generation.id)}")
        return generation

    def _without_manifest(self) -> Generation | None:
        # A first load puts its database in place just before it writes the manifest.
        patience = 10 if self._building.exists() else 0
        while (numbers := self.on_disk()) and patience and not self.manifest.exists():
            sleep(0.1)
            patience -= 1
        if self.manifest.exists():
            return self.current()
        if not numbers and not self.manifest.is_symlink():
            return None
        there = f"generations are there ({', '.join(numbers)})" if numbers else "it is a link to nothing"
        words = f"{self.manifest} is missing, though {there}"
        raise Unavailable(f"{words}; put it back, or: {self.way_out('')}")

    def on_disk(self) -> list[str]:
        """The numbers of all generations of which there is a file, what a load is building now left out."""
        names = [path.name.partition(".") for path in self._home.glob("*.*")]
        databases = {number for number, _, kind in names if kind == "duckdb"}
        # A killed load may have put its report and rejects in place, but not its database.
        others = {number for number, _, kind in names if kind in ("json", "rejects.csv")} - {
            self._in_progress()
        }
        return sorted(filter(is_number, databases | others), key=int)

    def unlisted(self) -> list[Generation]:
        """Whole generations on disk that the manifest does not know, as from a backup."""
        numbers, in_progress = self._read_manifest().generations, self._in_progress()
        others = [self.generation(one) for one in self.on_disk() if one not in numbers and one != in_progress]
        return [one for one in others if one.is_complete]

    def listed(self) -> list[Generation]:
        """The generations kept, oldest first. Without a readable manifest: every one on disk."""
        return [self.generation(number) for number in self._read_manifest().generations]

    def generation(self, number: str) -> Generation:
        return Generation(number, self._home / f"{number}.duckdb")

    def served(self) -> Generation:
        """The generation that is current, whether or not it can be read."""
        return self.generation(self._read_manifest().current)

    def damage(self, generation: Generation) -> str:
        """What a look from outside finds wrong with the database, in words; empty if nothing."""
        return damage(generation, self._read_manifest())

    def instead(self, broken: str = "") -> list[Generation]:
        """The generations that could be served instead of the broken one, the best last."""
        manifest = self._read_manifest()
        undamaged = [one for one in self.listed() if one.is_complete and not damage(one, manifest)]
        return [one for one in [*self.unlisted(), *undamaged] if one.id != broken]

    def way_out(self, broken: str) -> str:
        """What to do about a generation that cannot be read."""
        others = self.instead(broken)
        if not others:
            return "load the data again"
        other = others[-1].id
        command = f"python -m duckmart data use {other} --data {quote(str(self.folder))}"
        return f"generation {other} is still there, `{command}` serves it; or load the data again"

    def use(
        self,
        number: str,
        check: Callable[[Generation], object],
        waiting: Callable[[], None] | None = None,
        patience: float = PATIENCE,
    ) -> Generation:
        """Serve this generation, unless `check` raises. Raises `LoadError` if it is not there."""
        with words_for_disk(self.folder), self._lock(waiting, patience):
            manifest = self._read_manifest()
            generation = self._find(number, manifest)
            check(generation)
            numbers = tuple(sorted({*manifest.generations, generation.id}, key=int))
            new = replace(manifest, current=generation.id, generations=numbers, newest=self._newest())
            write_manifest(self.manifest, new)
        return generation

    def prune(
        self, keep: int, waiting: Callable[[], None] | None = None, patience: float = PATIENCE
    ) -> list[Generation]:
        """Keep the current generation and the newest others, `keep` in all; gives those removed.

        Raises `LoadError`, with nothing removed, when no generation is served: it may be that of the others.
        """
        with words_for_disk(self.folder), self._lock(waiting, patience):
            current = self._served_whole()
            manifest, before = self._read_manifest(), self.listed()
            survivors = in_order([*before, current], keep)
            dropped = [one for one in before if one not in survivors]
            self._remove_leftovers()
            self._serve(replace(manifest, generations=tuple(one.id for one in survivors)), dropped)
            shutil.rmtree(self._building, ignore_errors=True)
        return dropped

    def _served_whole(self) -> Generation:
        try:
            current = self.current()
        except Unavailable as error:
            raise LoadError(f"nothing is removed while nothing can be served: {error}") from error
        if current is None:
            raise LoadError("there is no generation", file=self.folder)
        return current

    def _find(self, number: str, manifest: Manifest) -> Generation:
        others = [one.id for one in self.unlisted()]
        if number not in (*manifest.generations, *others):
            there = ", ".join([*manifest.generations, *others]) or "none"
            raise LoadError(f"there is no generation {number}; there are: {there}", file=self.folder)
        return self.generation(number)

    def _read_manifest(self) -> Manifest:
        """The manifest; where it cannot be read, one of what is on disk, with the newest as current."""
        try:
            return read_manifest(self.manifest)
        except (OSError, ValueError):
            numbers = tuple(one for one in self.on_disk() if self.generation(one).path.exists())
            return Manifest(numbers[-1] if numbers else "000000", numbers, self._newest())

    def _newest(self) -> str:
        """The highest number ever given."""
        try:
            number = read_manifest(self.manifest).newest
        except (OSError, ValueError):
            number = "000000"
        databases = [path.stem for path in self._home.glob("*.duckdb") if is_number(path.stem)]
        return max([number, *databases], key=int)

    def add(
        self,
        build: Callable[[Generation], Result],
        keep: int,
        waiting: Callable[[], None] | None = None,
        patience: float = PATIENCE,
    ) -> tuple[Generation, Result]:
        """Build the next generation aside, then serve it; keeps the newest `keep`, it included.

        `build` gets a draft: a generation whose three files it must write, closed and verified, in a folder
        of their own (which it may also use for temporary files). If it raises, nothing changes. While another
        process builds, `waiting` is called once and up to `patience` seconds are waited.

        Raises `LoadError` when the wait or the disk ends, when a file is missing, or a log is left.
        """
        with words_for_disk(self.folder):
            make_folder(self.folder)
            with self._lock(waiting, patience):
                return self._add(build, keep)

    def try_out(
        self,
        build: Callable[[Generation], Result],
        waiting: Callable[[], None] | None = None,
        patience: float = PATIENCE,
    ) -> Result:
        """Build as `add` does, and throw it away. Raises as `add`."""
        with words_for_disk(self.folder):
            make_folder(self.folder)
            with self._lock(waiting, patience), self._draft() as draft:
                return build(draft)

    @contextmanager
    def _draft(self) -> Iterator[Generation]:
        """The next generation in a folder of its own, which is gone afterwards."""
        self._remove_leftovers()
        number = f"{int(self._newest()) + 1:06}"
        make_folder(self._building)
        (self._building / NUMBER).write_text(number)
        try:
            yield Generation(number, self._building / f"{number}.duckdb")
        finally:
            # What the disk will not remove now, the next load removes.
            shutil.rmtree(self._building, ignore_errors=True)

    def _add(self, build: Callable[[Generation], Result], keep: int) -> tuple[Generation, Result]:
        with self._draft() as draft:
            result = build(draft)
            check_complete(draft)
            try:
                self._switch(self._put_in_place(draft), keep)
            except BaseException:
                self._remove_unlisted([draft.id], missing=True)
                raise
        return self.generation(draft.id), result

    def _switch(self, generation: Generation, keep: int) -> None:
        """Serve this generation, and remove those that are kept no longer."""
        before, older = self._read_manifest(), [one for one in self.listed() if one != generation]
        # What is damaged goes first, what was served goes last.
        served = [self.generation(before.current)] if before.current in before.generations else []
        undamaged = [one for one in [*older, *served] if one != generation and not damage(one, before)]
        # Nobody knows which of the others was served where the manifest is lost; so all are kept.
        survivors = in_order([*undamaged, generation], keep) if self.is_known else [*older, generation]
        sizes = {**before.bytes, generation.id: generation.path.stat().st_size}
        numbers = tuple(one.id for one in survivors)
        dropped = [one for one in older if one not in survivors]
        self._serve(Manifest(generation.id, numbers, generation.id, sizes), dropped)

    def _serve(self, manifest: Manifest, dropped: Sequence[Generation]) -> None:
        """Write the manifest, and remove those dropped from it; if it is killed, the next load does so."""
        make_folder(self._building)
        (self._building / DROPPED).write_text("\n".join(one.id for one in dropped))
        write_manifest(self.manifest, manifest)
        self._remove(dropped)

    def _put_in_place(self, draft: Generation) -> Generation:
        generation = self.generation(draft.id)
        for source, final in zip(draft.files, generation.files, strict=True):
            protect(source)
            sync(source)
            source.replace(final)
        sync(self._home)
        return generation

    def _remove(self, generations: Sequence[Generation]) -> None:
        """Delete their files; a reader's open file lives on."""
        for file in (file for generation in generations for file in generation.files):
            # On Windows an open file cannot be deleted; it stays, and `data` lists it.
            with suppress(OSError):
                file.unlink()

    def _remove_leftovers(self) -> None:
        """Delete what a load left that was killed; never a generation that may be somebody's only one."""
        self._remove_unlisted([self._in_progress(), *self._numbers_in(DROPPED)], missing=False)
        shutil.rmtree(self._building, ignore_errors=True)

    def _remove_unlisted(self, numbers: Sequence[str], *, missing: bool) -> None:
        """Delete those that the manifest does not list; `missing`: also where there is no manifest."""
        try:
            survivors = read_manifest(self.manifest).generations
        except FileNotFoundError:
            survivors = () if missing else tuple(numbers)
        except (OSError, ValueError):
            return
        self._remove([self.generation(one) for one in numbers if one and one not in survivors])

    def _in_progress(self) -> str:
        """The number of the generation that is being built, or was when its load was killed; else empty."""
        return next(iter(self._numbers_in(NUMBER)), "")

    def _numbers_in(self, name: str) -> list[str]:
        """The numbers in a file of the folder of the build."""
        try:
            return [one for one in (self._building / name).read_text().split() if is_number(one)]
        except (OSError, ValueError):
            return []

    @property
    def is_known(self) -> bool:
        """Whether a manifest says which generation is served."""
        try:
            read_manifest(self.manifest)
        except (OSError, ValueError):
            return False
        return True

    @contextmanager
    def _lock(self, waiting: Callable[[], None] | None, patience: float) -> Iterator[None]:
        # filelock brings asyncio along: readers need neither.
        from duckmart.data.load_lock import load_lock  # noqa: PLC0415

        with load_lock(self.folder, waiting, patience):
            yield

    @property
    def _home(self) -> Path:
        return self.folder / "generations"

    @property
    def _building(self) -> Path:
        return self._home / "building"
