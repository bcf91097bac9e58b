"""Lines that say what happened become events, once each, with step, place and detail; lines that only mention it do not."""

from __future__ import annotations

from typing import Any

import pytest
from parsing import parse, points

from scraper.model import Event


def events(text: str | bytes, now: float | None = None) -> list[Event]:
    return sorted(parse(text, now).events, key=lambda e: e.at)


def one(text: str) -> Event:
    found = events(text)
    assert len(found) == 1, found
    return found[0]


CHECKPOINTS: list[tuple[str, int | None, float | None, str]] = [
    ("Saving model checkpoint to out/checkpoint-500", 500, None, "out/checkpoint-500"),
    ("saving checkpoint to out", None, None, "out"),
    ("Saved an end-of-epoch checkpoint in out/save/CKPT+2026", None, None, "out/save/CKPT+2026"),
    ("Saved an intra-epoch checkpoint in out/save/CKPT+2026", None, None, "out/save/CKPT+2026"),
    ("Saved state to sd-model/checkpoint-500", 500, None, "sd-model/checkpoint-500"),
    ("Saving the checkpoint (or staging if async is enabled).", None, None, ""),
    ("Epoch 00003: val_loss improved from 0.50000 to 0.25000, saving model to best.h5", None, 3.0, "best.h5"),
    (
        "Epoch 1, global step 200: 'val_loss' reached 0.25, saving model to '/x/epoch=1-step=200.ckpt' as top 1",
        200,
        1.0,
        "/x/epoch=1-step=200.ckpt",
    ),
    ("saving checkpoint at iteration    1000 to /ckpt/gpt2 in torch format", 1000, None, "/ckpt/gpt2"),
    ("  successfully saved checkpoint at iteration    1000 to /ckpt/gpt2", 1000, None, "/ckpt/gpt2"),
    (
        "Saved checkpoint checkpoints/checkpoint1.pt (epoch 1 @ 100 updates, score 4.5) (writing took 1.2 seconds)",
        100,
        1.0,
        "checkpoints/checkpoint1.pt",
    ),
    (
        "[11/21 05:34:53 fvcore.common.checkpoint]: Saving checkpoint to ./output/model_0004999.pth",
        None,
        None,
        "./output/model_0004999.pth",
    ),
    ("11/21 05:34:53 - mmengine - INFO - Saving checkpoint at 4 epochs", None, 4.0, ""),
    ("Saved new best SeqAR-Diffusion model at epoch 4 with val loss 0.5", None, 4.0, ""),
    ("in step 20 new best eval_acc: 0.45, save model to out/rl_baseline", 20, None, "out/rl_baseline"),
    ("Save Model at ./models/yolo/20.pth", None, None, "./models/yolo/20.pth"),
    ("5 \ttrain loss=0.704 \tvalid loss=0.681 \t> saved as best model!", None, None, ""),
    ("INFO:tensorflow:Saving checkpoints for 1000 into /scratch/model.ckpt.", 1000, None, "/scratch/model.ckpt"),
    ("Saved checkpoint for step 10: ./tf_ckpts/ckpt-1", 10, None, "./tf_ckpts/ckpt-1"),
    ("[2022/10/07 21:47:50] ppcls INFO: Already save model in ./output/epoch_7", None, 7.0, "./output/epoch_7"),
    (
        "INFO:torchtune.utils._logging:Model checkpoint of size 4.20 GiB saved to /scratch/meta_model_0.pt",
        None,
        None,
        "/scratch/meta_model_0.pt",
    ),
    (
        "[2025-02-16 16:31:01,137] [INFO] [torch_checkpoint_engine.py:33:commit] [Torch] Checkpoint global_step50 is ready now!",
        50,
        None,
        "",
    ),
    ("New best checkpoint saved: ckpt-epoch3-acc0.9648.pt", None, 3.0, "ckpt-epoch3-acc0.9648.pt"),
    ("saving the model at the end of epoch 5, iters 900", 900, 5.0, ""),
    (" > CHECKPOINT : /runs/tts/checkpoint_1000.pth", None, None, "/runs/tts/checkpoint_1000.pth"),
    ("[process=0] Finished saving checkpoint (finalized tmp dir) to `/ckpt/pi0/1000`", 1000, None, "/ckpt/pi0/1000"),
    ("Model weights saved in out/model.safetensors", None, None, "out/model.safetensors"),
    ("Saving weights to backup/yolo_1000.weights", None, None, "backup/yolo_1000.weights"),
    ("Saving current state to /out/step_300", 300, None, "/out/step_300"),
    ("Saving..", None, None, ""),
    ("Storing checkpoint at step 500", 500, None, ""),
    ("Saved checkpoints for steps 1000,2000", 1000, None, ""),
    ("Checkpoint saved at step 12,500", 12_500, None, ""),
    ("Writing checkpoint for epoch 3", None, 3.0, ""),
    ("已保存最佳模型到 ckpt/epoch_3.pth", None, 3.0, "ckpt/epoch_3.pth"),
    ("チェックポイントを保存しました: out/step_5.pt", 5, None, "out/step_5.pt"),
    ("The best checkpoint with 0.5 coco/bbox_mAP at 3 epoch is saved to best_mAP_epoch_3.pth.", None, 3.0, "best_mAP_epoch_3.pth"),
    ("Checkpointing model at step 1000", 1000, None, ""),
    ("Dumping model to out/model.pt", None, None, "out/model.pt"),
    ("Saving state, iter: 5000", 5000, None, ""),
    ("Saving best state,epoch 3", None, 3.0, ""),
    ("save checkpoint for epoch 9", None, 9.0, ""),
]


@pytest.mark.parametrize(("line", "step", "epoch", "path"), CHECKPOINTS, ids=[c[0][:40] for c in CHECKPOINTS])
def test_a_saved_checkpoint_is_an_event_with_its_path_and_step(line: str, step: int | None, epoch: float | None, path: str) -> None:
    event = one(line + "\n")
    assert (event.kind, event.step, event.epoch, event.detail.get("path", "")) == ("checkpoint", step, epoch, path)
    assert event.line == line.strip()


def test_a_checkpoint_without_a_step_has_the_step_the_training_is_at() -> None:
    log = "".join(f"step {n}: train loss 2.5, val loss 2.{n}\nsaving checkpoint to out\n" for n in (250, 500))
    assert [(e.kind, e.step, e.at) for e in events(log)] == [("checkpoint", 250, 41), ("checkpoint", 500, 107)]


def test_what_is_said_behind_a_bar_is_said_at_its_count() -> None:
    bar = "{0}|{1}|Loss: 1.25: 100%|██████████| 10/10 [00:01<00:00,  9.50it/s]"
    text = bar.format(1, 10) + "Model checkpoint of size 0.10 GiB saved to out/model.bin\n"
    text += "".join(f"Step {n} | loss:1.25 lr:0.1 \n" for n in range(1, 11))
    text += bar.format(2, 20) + "\nModel checkpoint of size 0.10 GiB saved to out/model.bin\n"
    assert [(e.step, e.epoch) for e in events(text)] == [(10, 1.0), (20, 2.0)]


def test_the_training_s_own_bar_counts_through_all_epochs() -> None:
    bar = " {0}%|█████     | {0}/100 [00:01<00:00,  9.50it/s]\r"
    dicts = "".join(f"{bar.format(n)}{{'loss': 1.25, 'epoch': {n / 50}}}\n{bar.format(n)}\n" for n in range(10, 101, 10))
    assert [e.step for e in events(dicts + bar.format(100) + "\nSaving model checkpoint to out\n")] == [100]


def test_the_lines_that_announce_one_checkpoint_are_one_event() -> None:
    log = """\
Saving model checkpoint to out/checkpoint-500
Configuration saved in out/checkpoint-500/config.json
Model weights saved in out/checkpoint-500/model.safetensors
tokenizer config file saved in out/checkpoint-500/tokenizer_config.json
[Torch] Saving out/checkpoint-500/global_step500/mp_rank_00_model_states.pt...
[Torch] Saved out/checkpoint-500/global_step500/mp_rank_00_model_states.pt.
Saving model checkpoint to out/checkpoint-1000
"""
    assert [e.step for e in events(log)] == [500, 1000]


def test_a_later_line_that_tells_the_path_of_a_checkpoint_adds_it_to_the_event() -> None:
    first = "[process=0] Saving checkpoint at step 1000      (2490449:checkpoint_manager.py:1408)\n"
    later = "Started async saving checkpoint to /ckpts/run/1000. (2490449:async_checkpointer.py:439)\n"
    found = events(first + later + "Finished saving checkpoint to `/ckpts/run/1000`.\n")
    assert [(e.at, e.step, e.detail) for e in found] == [(0, 1000, {}), (0, 1000, {"path": "/ckpts/run/1000"})]


def test_a_checkpoint_that_is_loaded_and_then_said_to_be_of_an_epoch_is_one_resume() -> None:
    loaded = "=> loading checkpoint 'out/last.pth'\n=> loaded checkpoint 'out/last.pth' (epoch 40)\n"
    assert [e.kind for e in events(loaded)] == ["resume"]
    again = "Epoch 41 loss 0.5\nEpoch 42 loss 0.4\nLoading checkpoint from out/last.pth\nEpoch 41 loss 0.5\n"
    assert [e.kind for e in events(loaded + again)] == ["resume", "resume", "restart"]


def test_what_another_process_raised_is_of_one_traceback_with_what_it_caused() -> None:
    remote = 'multiprocess.pool.RemoteTraceback: \n"""\n' + "Traceback (most recent call last):\n" + '  File "a.py", line 1, in work\n'
    remote += 'ValueError: bad row\n"""\n\nThe above exception was the direct cause of the following exception:\n\n'
    text = remote + 'Traceback (most recent call last):\n  File "b.py", line 2, in main\nValueError: bad row\n'
    found = one(text)
    assert (found.kind, found.detail["frame"], found.detail["chained"]) == ("traceback", "b.py:2 in main", 1)


WATCHDOG = (
    "[E ProcessGroupNCCL.cpp:475] [Rank 1] Watchdog caught collective operation timeout: WorkNCCL(SeqNum=19, OpType=ALLREDUCE, "
    "NumelIn=1, NumelOut=1, Timeout(ms)=600000) ran for 600124 milliseconds before timing out."
)
OTHERS: list[tuple[str, str, dict[str, Any]]] = [
    ("resuming from out/checkpoint-50", "resume", {"path": "out/checkpoint-50"}),
    ("Resuming training from out", "resume", {"path": "out"}),
    ("=> loaded checkpoint 'model_best.pth.tar' (epoch 5)", "resume", {"path": "model_best.pth.tar"}),
    ("Restored all states from the checkpoint at /x/epoch=1-step=200.ckpt", "resume", {"path": "/x/epoch=1-step=200.ckpt"}),
    ("  successfully loaded checkpoint from /ckpt/gpt2 [ t 1/1, p 1/1 ] at iteration 1000", "resume", {"path": "/ckpt/gpt2"}),
    ("  Continuing training from global step 50", "resume", {}),
    ("INFO:tensorflow:Restoring parameters from /scratch/model.ckpt-1000", "resume", {"path": "/scratch/model.ckpt-1000"}),
    ("[11/21 05:34:53 d2.engine.train_loop]: Starting training from iteration 4000", "resume", {}),
    ("Restarting training from iteration 1000", "resume", {}),
    ("Resume from epoch 5", "resume", {}),
    ("Early stopping, best iteration is:", "early_stop", {}),
    ("Auto resumed checkpoint from out/iter_500.pth", "resume", {"path": "out/iter_500.pth"}),
    ("Checkpoint detected, resuming training at out/checkpoint-500. To avoid this, name another", "resume", {"path": "out/checkpoint-500"}),
    ("Restored checkpoint from step 1200", "resume", {}),
    ("成功加载检查点:out/step_50.pt", "resume", {"path": "out/step_50.pt"}),
    ("从断点恢复训练: 第 5 轮", "resume", {}),
    ("=> Starting from epoch 12", "resume", {}),
    ("触发早停, 训练结束", "early_stop", {}),
    ("No optimization for a long time, auto-stopping...", "early_stop", {}),
    ("No improvement in the last 10 epochs, training stopped", "early_stop", {}),
    ("Stopping early: the loss has not improved", "early_stop", {}),
    ("Loss is nan, stopping training", "non_finite", {"metric": "Loss", "value": "NaN"}),
    ("Loss is not finite, stopping training", "non_finite", {}),
    ("ValueError: Loss is not finite and patience is exhausted. To debug, wrap `fit()`", "non_finite", {}),
    ("WARNING: non-finite loss, ending training", "non_finite", {}),
    ("NaN detected in loss at step 5", "non_finite", {}),
    ("RuntimeError: Function 'MulBackward0' returned nan values in its 0th output.", "non_finite", {}),
    ("FloatingPointError: Minimum loss scale reached (0.0001).", "non_finite", {}),
    ("FloatingPointError: invalid value (nan) encountered in jit(train_step)", "non_finite", {}),
    ("Terminated early due to NaN", "non_finite", {}),
    ("local_client.cc:672] Execution of replica 0 failed: Resource exhausted: Out of memory while trying to allocate", "out_of_memory", {}),
    ("XlaRuntimeError: RESOURCE_EXHAUSTED: Failed to allocate request for 2.00GiB on device ordinal 0", "out_of_memory", {}),
    ("Out of GPU memory trying to allocate 3.052 GiB", "out_of_memory", {"asked": "3.052 GiB"}),
    ("OSError: [Errno 12] Cannot allocate memory", "out_of_memory", {}),
    ("Timed out initializing process group in store based barrier on rank: 1, for key: x (world_size=2)", "timeout", {}),
    ("srun: error: Timed out waiting for job step to complete", "timeout", {}),
    ("stall_inspector.cc:105] One or more tensors were submitted to be reduced, gathered or broadcasted by subset of ranks", "timeout", {}),
    ("RuntimeError: NCCL error in: /pytorch/ProcessGroupNCCL.cpp:911, unhandled system error, NCCL version 2.7.8", "communication", {}),
    (
        "[Rank 1] Collective WorkNCCL(SeqNum=3, OpType=ALLREDUCE) raised the following async exception: NCCL error: remote process exited",
        "communication",
        {"operation": "ALLREDUCE"},
    ),
    ("[Rank 7] NCCL watchdog thread terminated with exception: CUDA error: an illegal memory access", "communication", {}),
    ("what():  [/x/gloo/transport/tcp/pair.cc:572] Connection closed by peer [10.0.0.1]:53666", "communication", {}),
    ("HorovodInternalError: Horovod has been shut down. This was caused by an exception on one of the ranks", "communication", {}),
    ("MPI_ABORT was invoked on rank 0 in communicator MPI_COMM_WORLD", "communication", {}),
    ("(raylet) 4 Workers (tasks / actors) killed due to memory pressure (OOM), 0 Workers", "killed", {"reason": "worker died"}),
    ("ActorDiedError: The actor died unexpectedly before finishing this task.", "killed", {"reason": "worker died"}),
    ("RuntimeError: DataLoader worker (pid(s) 12, 13) exited unexpectedly", "killed", {"reason": "worker died"}),
    ("ProcessExitedException: process 1 terminated with signal SIGKILL", "killed", {"reason": "signal", "signal": "SIGKILL"}),
    ("command terminated with exit code 137", "killed", {"reason": "signal", "signal": "SIGKILL"}),
    ("srun: error: n1: tasks 0-3: Exited with exit code 139", "killed", {"reason": "signal", "signal": "SIGSEGV"}),
    ("signal (11): Segmentation fault", "killed", {"reason": "signal", "signal": "SIGSEGV"}),
    ("*** SIGSEGV (@0x0) received by PID 12 (TID 0x7f) from PID 0; stack trace: ***", "killed", {"reason": "signal", "signal": "SIGSEGV"}),
    ("FatalError: `Process abort signal` is detected by the operating system.", "killed", {"reason": "signal", "signal": "SIGABRT"}),
    ("terminate called after throwing an instance of 'c10::Error'", "killed", {"reason": "signal", "signal": "SIGABRT"}),
    ("double free or corruption (!prev)", "killed", {"reason": "signal", "signal": "SIGABRT"}),
    ("Batch 3: Invalid loss, terminating training", "non_finite", {}),
    ("Rank 0: found NaN in local grad norm in backward pass before data-parallel communication collective.", "non_finite", {}),
    ("ERROR:tensorflow:Model diverged with loss = NaN.", "non_finite", {}),
    ("CUDA Error: out of memory", "out_of_memory", {}),
    ("F0105 10:00:00.123456 12 syncedmem.cpp:71] Check failed: error == cudaSuccess (2 vs. 0)  out of memory", "out_of_memory", {}),
    ("MXNetError: [10:00:00] src/storage/./pooled_storage_manager.h:161: cudaMalloc retry failed: out of memory", "out_of_memory", {}),
    ("RuntimeError: cuDNN error: CUDNN_STATUS_ALLOC_FAILED", "out_of_memory", {}),
    ("[E socket.cpp:922] [c10d] The client socket has timed out after 60s while trying to connect to (127.0.0.1, 29500).", "timeout", {}),
    ("[E ProcessGroupGloo.cpp:2791] [Rank 0]: Rank 1 failed to pass monitoredBarrier in 30000 ms", "timeout", {}),
    ("Epoch 00010: early stopping", "early_stop", {}),
    ("Early stopping occurred at epoch 12 with best_epoch = 7 and best_valid_auc = 0.9", "early_stop", {"best_epoch": 7}),
    ("Monitored metric val_loss did not improve in the last 3 records. Best score: 0.512. Signaling Trainer to stop.", "early_stop", {}),
    ("Stopping since valid_loss has not improved in the last 5 epochs.", "early_stop", {}),
    ("Training loss did not improve more than tol=0.000100 for 10 consecutive epochs. Stopping.", "early_stop", {}),
    ("Ran out of patience.  Stopping training.", "early_stop", {}),
    ("No improvement for 5 epochs, stopping early.", "early_stop", {}),
    ("Validation loss has not improved for 10 epochs. Stopping training.", "early_stop", {}),
    ("learning rate too small - quitting training!", "early_stop", {}),
    ("Stopped by overfitting detector  (50 iterations wait)", "early_stop", {}),
    ("EarlyStopping: Training stopped early as no improvement observed in last 50 epochs.", "early_stop", {}),
    (
        "| WARNING: ran out of memory with exception: CUDA out of memory. Tried to allocate 2.50 GiB. GPU 0 has a total",
        "out_of_memory",
        {"asked": "2.50 GiB", "device": "GPU 0"},
    ),
    ("E1121 05:24:35.175713 1 x.cc:4] RESOURCE_EXHAUSTED: Out of memory while trying to allocate 1234 bytes.", "out_of_memory", {}),
    (
        WATCHDOG,
        "timeout",
        {"operation": "ALLREDUCE", "seconds": 600.124},
    ),
    ("torch.distributed.DistStoreError: Timed out after 601 seconds waiting for clients. 1/2 clients joined.", "timeout", {}),
    (
        "slurmstepd: error: *** JOB 334949 ON dgx-03 CANCELLED AT 2026-01-06T04:52:18 ***",
        "killed",
        {"reason": "cancelled", "job": "334949"},
    ),
    (
        "slurmstepd: error: *** STEP 12.0 ON n1 CANCELLED AT 2026-01-06T04:52:18 DUE TO TIME LIMIT ***",
        "killed",
        {"reason": "time limit", "job": "12.0"},
    ),
    (
        "slurmstepd: error: *** JOB 12 ON n1 CANCELLED AT 2026-01-06T04:52:18 DUE TO PREEMPTION ***",
        "killed",
        {"reason": "preemption", "job": "12"},
    ),
    (
        "slurmstepd: error: *** JOB 12 ON n1 CANCELLED AT 2026-01-06T04:52:18 DUE TO NODE FAILURE, SEE SLURMCTLD LOG FOR DETAILS ***",
        "killed",
        {"reason": "node failure", "job": "12"},
    ),
    (
        "slurmstepd: error: Detected 1 oom_kill event in StepId=12.batch. Some of the step tasks have been OOM Killed.",
        "killed",
        {"reason": "out of memory"},
    ),
    (
        "slurmstepd: error: *** STEP 1.0 ON n1 CANCELLED AT 2026-01-01T00:00:00 DUE TO NODE FAILURE, SEE SLURMCTLD LOG FOR DETAILS ***",
        "killed",
        {"reason": "node failure", "job": "1.0"},
    ),
    (
        "slurmstepd: error: *** JOB 1 ON n1 CANCELLED AT 2026-01-01T00:00:00 DUE to SIGNAL Terminated ***",
        "killed",
        {"reason": "signal terminated", "job": "1"},
    ),
    ("srun: error: Node failure on n1", "killed", {"reason": "node failure"}),
    ("slurmstepd: error: Exceeded job memory limit at some point.", "killed", {"reason": "out of memory"}),
    ("=>> PBS: job killed: walltime 3610 exceeded limit 3600", "killed", {"reason": "time limit"}),
    ("=>> PBS: job killed: vmem 123kb exceeded limit 100kb", "killed", {"reason": "out of memory"}),
    ("TERM_MEMLIMIT: job killed after reaching LSF memory usage limit.", "killed", {"reason": "out of memory"}),
    ("TERM_OWNER: job killed by owner.", "killed", {"reason": "cancelled"}),
    ("Memory cgroup out of memory: Killed process 123 (python)", "killed", {"reason": "out of memory"}),
    ("[1]+  Killed                  python train.py", "killed", {"reason": "signal", "signal": "SIGKILL"}),
    ("[1]    12345 killed     python train.py", "killed", {"reason": "signal", "signal": "SIGKILL"}),
    ("make: *** [Makefile:3: train] Killed", "killed", {"reason": "signal", "signal": "SIGKILL"}),
    ("User defined signal 1", "killed", {"reason": "signal", "signal": "SIGUSR1"}),
    ("Command terminated by signal 9", "killed", {"reason": "signal", "signal": "SIGKILL"}),
    ("process rank 0 with PID 1 on node n1 exited on signal 9 (Killed).", "killed", {"reason": "signal", "signal": "SIGKILL"}),
    ("RuntimeError: DataLoader worker (pid 12) is killed by signal: Killed. ", "killed", {"reason": "signal", "signal": "SIGKILL"}),
    ("SignalException: Process 123 got signal: 15", "killed", {"reason": "signal", "signal": "SIGTERM"}),
    ("[ERROR] [launch.py:322:sigkill_handler] ['python'] exits with return code = -9", "killed", {"reason": "signal", "signal": "SIGKILL"}),
    ("exiting program after receiving SIGTERM.", "killed", {"reason": "signal", "signal": "SIGTERM"}),
    ("Detected KeyboardInterrupt, attempting graceful shutdown ...", "killed", {"reason": "signal", "signal": "SIGINT"}),
    ("Handling auto-requeue signal: 10", "killed", {"reason": "requeue", "signal": "SIGUSR1"}),
    ("srun: error: n1: task 0: Segmentation fault (core dumped)", "killed", {"reason": "signal", "signal": "SIGSEGV"}),
    ("Killed", "killed", {"reason": "signal", "signal": "SIGKILL"}),
    ("run.sh: line 3: 12345 Killed                  python train.py", "killed", {"reason": "signal", "signal": "SIGKILL"}),
    ("Segmentation fault (core dumped)", "killed", {"reason": "signal", "signal": "SIGSEGV"}),
    ("Fatal Python error: Bus error", "killed", {"reason": "signal", "signal": "SIGBUS"}),
    (
        "W1121 torch/distributed/elastic/agent/server/api.py:704] Received 15 death signal, shutting down workers",
        "killed",
        {"reason": "signal", "signal": "SIGTERM"},
    ),
]


@pytest.mark.parametrize(("line", "kind", "detail"), OTHERS, ids=[o[0][:40] for o in OTHERS])
def test_a_line_that_says_what_happened_is_an_event(line: str, kind: str, detail: dict[str, Any]) -> None:
    event = one(line + "\n")
    assert event.kind == kind
    assert {k: v for k, v in event.detail.items() if k != "rank"} == detail


MENTIONS = [
    "srun: error: n1: task 0: Exited with exit code 1",
    "process 0 terminated with exit code 1",
    "Found 0 NaN values in the data",
    "loss scaler: Detected nan/inf grad_norm in dynamic loss scaling, optimizer step skipped.",
    "No NaN detected in loss",
    "NCCL INFO NCCL_ASYNC_ERROR_HANDLING set by environment to 1.",
    "Starting training from epoch 0",
    "Starting training from epoch 1/100",
    "Loading checkpoint from catalog://ImageNetPretrained/MSRA/R-50",
    "Load checkpoint from resnet50_in1k_20230104-80513adc.pth",
    "Unsupervised model trained and anomaly plot saved",
    "Loading model structure and parameters from saved/BPR-Nov-21.pth",
    'log(f"step {step}: checkpoint saved to {path}")',
    "raise ValueError('For early stopping, give a metric')",
    "是否恢复训练: False",
    "Saving state, which is needed to continue",
    "save checkpoint for every epoch",
    "早停耐心: 10",
    "resuming from None",
    "from early_stopping import EarlyStopping",
    "Allocator (GPU_0_bfc) ran out of memory trying to allocate 2.20GiB. The caller indicates that this is not a failure.",
    "number of nan iterations:   0",
    "signal handlers installed: SIGTERM, SIGUSR1",
    "NCCL INFO NCCL_IB_TIMEOUT set by environment to 22.",
    "Checkpoints will be saved to /srv/out.",
    "  save_checkpoint: True",
    "--resume   Resuming from a checkpoint path",
    "Namespace(resume_from='out/checkpoint-50', save='saving checkpoint to x')",
    "Saving checkpoints every 500 steps",
    "Model was not saved to out/x.pt",
    "Training until validation scores don't improve for 5 rounds",
    "Did not meet early stopping. Best iteration is:",
    "EarlyStopping counter: 1 out of 7",
    "early_stopping_rounds: 50",
    "Early stopping patience: 5",
    "Loading checkpoint shards: 100%|##########| 2/2 [00:01<00:00,  1.50it/s]",
    "There were missing keys in the checkpoint model loaded: ['lm_head.weight'].",
    "loading release checkpoint from /data/gpt2",
    "successfully loaded checkpoint from /data/gpt2 at iteration 0",
    "Starting training from iteration 0",
    "NCCL timeout: 1800",
    "dist_timeout=1800",
    "To avoid running out of memory reduce the batch size",
    "Saving config to out/config.yaml",
    "Saving model predictions to out/p.csv",
    "wandb: Run data is saved locally in /x/wandb/run-1",
    "(VERY_LOW    ) CheckpointHook",
    "Killed 3 of 12 trials early",
    "info: the signal is strong",
    "Could not save checkpoint to /full/disk",
    "Saving model state...",
    "Saved checkpoint to None...",
    "Loading checkpoint from catalog://ImageNetPretrained/R-50",
    "Saved the best predictions of the model in out/p.csv",
    "Pretrained weights found at checkpoint.pth and loaded with msg: ok",
    "nan values: none",
    "Resuming from scratch",
    "gradient checkpointing is enabled",
    "a1b2c3d Fix saving checkpoint when the disk is full",
]


@pytest.mark.parametrize("line", MENTIONS)
def test_a_line_that_only_mentions_it_is_none(line: str) -> None:
    assert events(line + "\n") == []


def test_a_loss_that_is_no_number_is_one_event_until_it_is_one_again() -> None:
    losses = [0.5, "nan", "nan", 0.25, "inf", "-inf", 0.125]
    found = events("".join(f"step {i} loss: {v} grad_norm: nan\n" for i, v in enumerate(losses)))
    assert [(e.kind, e.step, e.detail["metric"], e.detail["value"]) for e in found] == [
        ("non_finite", 1, "loss", "NaN"),
        ("non_finite", 4, "loss", "Infinity"),
    ]
    assert found[0].line == "step 1 loss: nan grad_norm: nan"


def test_an_exception_about_a_loss_is_an_event_and_no_metric() -> None:
    log = "step 3: loss 0.5\nNanLossDuringTrainingError: NaN loss during training.\n"
    assert one(log).kind == "non_finite"
    assert len(points(log)) == 1


def test_a_divergence_of_one_rank_is_told_for_that_rank() -> None:
    found = events("[rank0]: step 1 loss: 0.5\n[rank1]: step 1 loss: nan\n[rank0]: step 2 loss: nan\n")
    assert [(e.step, e.detail["rank"]) for e in found] == [(1, "1"), (2, "0")]


def test_a_line_may_be_a_metric_line_and_an_event() -> None:
    log = "Epoch 3: val_loss: 0.25, saved checkpoint to best.pt\n"
    assert [p.metric for p in points(log)] == ["val_loss"]
    assert one(log).kind == "checkpoint"


PLAIN = """\
step 10: loss 0.5
Traceback (most recent call last):
  File "/x/train.py", line 30, in <module>
    main(loss=0.5, step=3)
  File "/x/model.py", line 12, in forward
    loss: 0.75
    ~~~~^^^^^^
  [Previous line repeated 3 more times]
ValueError: step 99: loss 0.75
step 11: loss 0.25
"""


def test_a_traceback_is_one_event_and_nothing_in_it_is_a_metric() -> None:
    event = one(PLAIN)
    assert (event.kind, event.at, event.step, event.line) == ("traceback", 18, 10, "ValueError: step 99: loss 0.75")
    assert event.detail == {"exception": "ValueError", "message": "step 99: loss 0.75", "frame": "/x/model.py:12 in forward", "lines": 8}
    assert [(p.step, p.value) for p in points(PLAIN)] == [(10, 0.5), (11, 0.25)]


def test_chained_tracebacks_are_one_event_with_the_last_exception() -> None:
    second = 'Traceback (most recent call last):\n  File "a.py", line 1, in f\n    raise RuntimeError from None\nRuntimeError\n'
    joint = "\nDuring handling of the above exception, another exception occurred:\n\n"
    chain = PLAIN.replace("step 11", f"{joint}{second}step 11")
    event = one(chain)
    assert (event.detail["exception"], event.detail["frame"], event.detail["chained"]) == ("RuntimeError", "a.py:1 in f", 1)
    assert len(points(chain)) == 2


def test_a_traceback_at_the_end_comes_out_when_the_log_ends() -> None:
    assert one(PLAIN.removesuffix("step 11: loss 0.25\n")).detail["exception"] == "ValueError"
    assert one('Traceback (most recent call last):\n  File "a.py", line 1, in f\n').detail == {"frame": "a.py:1 in f", "lines": 2}


def test_a_word_with_a_stop_in_a_traceback_is_no_exception() -> None:
    found = one('Traceback (most recent call last):\n  File "a.py", line 1, in f\n    x\nsee.: below\nKeyError: 1\n')
    assert found.detail is not None
    assert found.detail["frame"] == "a.py:1 in f"


def test_the_exception_of_a_traceback_may_be_a_fault_too() -> None:
    log = 'Traceback (most recent call last):\n  File "a.py", line 1, in f\n    x\ntorch.OutOfMemoryError: CUDA out of memory.\n'
    assert [(e.kind, e.at) for e in events(log)] == [("traceback", 0), ("out_of_memory", 69)]


def test_tracebacks_of_several_ranks_are_told_apart() -> None:
    lines = ["Traceback (most recent call last):", '  File "a.py", line {r}, in f', "    loss = 0.5", "KeyError: 'x{r}'"]
    log = "".join(f"[rank{r}]: {line.format(r=r)}\n" for line in lines for r in (0, 1)) + "[rank0]: step 3 loss: 0.5\n"
    assert [(e.detail["rank"], e.detail["frame"], e.detail["message"]) for e in events(log)] == [
        ("0", "a.py:0 in f", "'x0'"),
        ("1", "a.py:1 in f", "'x1'"),
    ]
    assert len(points(log)) == 1


WORKER = """\
RuntimeError: Caught KeyError in DataLoader worker process 0.
Original Traceback (most recent call last):
  File "worker.py", line 309, in _worker_loop
    loss: 0.5
KeyError: 7
"""
SPAWNED = """\
torch.multiprocessing.spawn.ProcessRaisedException:

-- Process 1 terminated with the following error:
Traceback (most recent call last):
  File "worker.py", line 309, in _worker_loop
    loss: 0.5
KeyError: 7
"""


@pytest.mark.parametrize("raised", [WORKER, SPAWNED], ids=["a data loader", "a spawned process"])
def test_the_traceback_of_a_worker_is_one_event_with_that_of_its_parent(raised: str) -> None:
    log = f'Traceback (most recent call last):\n  File "a.py", line 1, in f\n    x\n{raised}\nstep 11 loss: 0.25\n'
    event = one(log)
    assert (event.detail["exception"], event.detail["frame"], event.detail["chained"]) == ("KeyError", "worker.py:309 in _worker_loop", 1)
    assert [p.value for p in points(log)] == [0.25]


@pytest.mark.parametrize(
    ("frame", "shown"),
    [
        ("/x/model.py in forward(self, loss)", "/x/model.py in forward"),
        ("File /x/model.py:12, in forward(self, loss)", "/x/model.py:12 in forward"),
        ("Cell In[3], line 2", ""),
    ],
)
def test_a_traceback_of_ipython_is_an_event_and_nothing_in_it_is_a_metric(frame: str, shown: str) -> None:
    head = f"{'-' * 75}\nValueError{'Traceback (most recent call last)':>65}\n"
    code = "      1 for epoch in range(3):\n----> 2     loss: 0.5\n\n"
    log = f"step 10 loss: 0.5\n{head}{frame}\n{code}ValueError: loss: 0.75\nstep 11 loss: 0.25\n"
    event = one(log)
    assert (event.detail["exception"], event.detail.get("frame", ""), event.step) == ("ValueError", shown, 10)
    assert [p.value for p in points(log)] == [0.5, 0.25]


def test_a_crash_that_its_shell_tells_of_as_well_is_one_event() -> None:
    table = "Root Cause (first observed failure):\n[0]:\n  exitcode  : -6 (pid: 12)\n"
    event = one(f"terminate called after throwing an instance of 'c10::Error'\nAborted (core dumped)\n{table}")
    assert event.detail == {"reason": "signal", "signal": "SIGABRT"}


def test_other_lines_between_those_of_a_traceback_are_read() -> None:
    log = PLAIN.replace("step 11: loss 0.25", "step 12: loss 0.25").replace(
        "    ~~~~^^^^^^\n", "2026-01-01 10:00:00 INFO step 11: loss 0.125\n"
    )
    assert [p.value for p in points(log)] == [0.5, 0.125, 0.25]
    assert one(log).detail["exception"] == "ValueError"


def test_a_traceback_behind_a_progress_bar_is_seen() -> None:
    log = " 50%|#####     | 5/10 [00:01<00:01,  4.00it/s]" + PLAIN.partition("\n")[2]
    assert one(log).detail["frame"] == "/x/model.py:12 in forward"


RICH = """\
╭─────────────────── Traceback (most recent call last) ────────────────────╮
│ /x/train.py:30 in <module>                                               │
│                                                                          │
│ ❱ 30 main(loss=0.5)                                                      │
│                                                                          │
│ /x/model.py:12 in forward                                                │
│                                                                          │
│ ╭─ locals ─╮                                                             │
│ │ loss = 0.5 │                                                           │
│ ╰──────────╯                                                             │
╰──────────────────────────────────────────────────────────────────────────╯
ValueError: loss: 0.75
step 11 loss: 0.25
"""


@pytest.mark.parametrize("ascii_only", [False, True])
def test_a_traceback_drawn_by_rich_is_an_event_and_its_locals_are_no_metrics(ascii_only: bool) -> None:
    text = RICH.translate(str.maketrans("╭╮╰╯─│❱", "++++-|>")) if ascii_only else RICH
    event = one(text)
    assert (event.detail["frame"], event.detail["message"]) == ("/x/model.py:12 in forward", "loss: 0.75")
    assert [p.value for p in points(text)] == [0.25]


def test_an_exception_group_is_one_event() -> None:
    log = (
        '  + Exception Group Traceback (most recent call last):\n  |   File "a.py", line 1, in f\n  |     loss = 0.5\n'
        "  | ExceptionGroup: two (2 sub-exceptions)\n  +-+---------------- 1 ----------------\n    | Traceback (most recent call last):\n"
        '    |   File "b.py", line 2, in g\n    | ValueError: loss 0.5\n    +------------------------------------\nstep 3 loss: 0.5\n'
    )
    event = one(log)
    assert (event.detail["exception"], event.detail["frame"]) == ("ExceptionGroup", "a.py:1 in f")
    assert len(points(log)) == 1


def test_a_logged_traceback_has_the_time_of_its_first_line() -> None:
    log = "2026-01-01 10:00:00+00:00 | ERROR | " + PLAIN.partition("\n")[2]
    event = one(log)
    assert (event.time, event.detail["exception"]) == (1767261600.0, "ValueError")


def test_a_long_line_is_cut_in_the_event() -> None:
    assert len(one("Saving checkpoint to out/" + "x" * 5000 + "\n").line) == 500


def test_a_model_saved_again_a_minute_later_is_saved_again_though_no_step_was_told() -> None:
    clocks = ["10:00:00", "10:00:05", "10:30:00", "11:00:00"]
    found = events("".join(f"2026-01-02 {clock},123 - train.log - INFO - model saved\n" for clock in clocks))
    assert [event.kind for event in found] == ["checkpoint"] * 3
    assert len(events("model saved\n" * 3)) == 1
