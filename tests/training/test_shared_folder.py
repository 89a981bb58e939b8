"""Several training runs of the same thing, one folder of checkpoints: nobody removes it under another."""

import multiprocessing

from attune.training import shared


def train_elsewhere(folder, entered, end):
    lock = shared.enter(folder)
    entered.set()
    end.wait(60)
    shared.leave(folder, lock)


def test_the_last_one_to_leave_removes_the_folder_and_its_lock(tmp_path):
    folder = tmp_path / "system/fold/0123"
    folder.mkdir(parents=True)
    (folder / "joint.checkpoint").write_text("x")
    first, second = shared.enter(folder), shared.enter(folder)
    shared.leave(folder, first)
    assert (folder / "joint.checkpoint").exists()
    shared.leave(folder, second)
    assert list(folder.parent.iterdir()) == []


def test_another_process_keeps_it_as_long_as_it_lives(tmp_path):
    folder = tmp_path / "fold/0123"
    folder.mkdir(parents=True)
    context = multiprocessing.get_context("fork")
    entered, end = context.Event(), context.Event()
    other = context.Process(target=train_elsewhere, args=(folder, entered, end))
    other.start()
    assert entered.wait(60)
    shared.leave(folder, shared.enter(folder))
    assert folder.exists()
    other.kill()
    other.join()
    shared.leave(folder, shared.enter(folder))
    assert not folder.exists()


def test_a_lock_that_the_last_one_removed_protects_nobody_and_is_made_anew(tmp_path):
    folder = tmp_path / "fold/0123"
    folder.mkdir(parents=True)
    stale = shared.enter(folder)
    shared.leave(folder, shared.enter(folder))
    folder.with_name(".0123.lock").unlink()
    current = shared.enter(folder)
    stale.close()
    shared.leave(folder, shared.enter(folder))
    assert folder.exists()
    shared.leave(folder, current)
    assert not folder.exists()
