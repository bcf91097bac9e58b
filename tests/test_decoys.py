"""Texts of other programs that name metrics beside numbers, none of which a training reported: they give no point at all."""

from __future__ import annotations

from pathlib import Path

import pytest
from parsing import placed, points
from recutting import read

DECOYS = {
    "access log": """\
127.0.0.1 - - [02/Jan/2026:03:04:05 +0000] "GET /metrics?loss=0.5&step=3 HTTP/1.1" 200 1234 "-" "curl/7.68.0" 0.012
INFO:     127.0.0.1:54321 - "GET /api/loss?epoch=3&value=0.5 HTTP/1.1" 200 OK
""",
    "shell trace": """\
+ export LR=0.001
+ LOSS=0.5
+ python train.py --lr 0.001 --epochs 10 --loss-weight 0.5 --val-loss 0.3
+ torchrun --nproc_per_node=8 --master_port=29500 train.py trainer.max_epochs=3 model.loss=0.5 step=3
""",
    "Docker": """\
Step 3/10 : RUN pip install torch==2.1.0
Step 4/10 : ENV LOSS=0.5 LR=0.001
ENV LOSS=0.5
ARG VAL_LOSS=0.25
RUN pip install torch==2.1.0 && python train.py --lr 0.001 --loss 0.5 --epochs 3
CMD ["python", "train.py", "--epoch", "3", "--loss", "0.5"]
""",
    "changelog": """\
- Fix loss 0.5 scaling in step 3
- Improve accuracy by 0.3 at epoch 10
* Accuracy: 0.91 -> 0.92
* loss=0.5 is no longer special
""",
    "chat": """\
Q: If epoch = 3 and loss = 0.5 what is 3 * 0.5?
Prompt tokens: 123, completion tokens: 45, cost: $0.0012
""",
    "C++": """\
double accuracy = 0.95;
const float lr = 1e-3;
int main() {
    float loss = 0.25;
    if (epoch == 3) loss = 0.5;
}
""",
    "compiler": """\
loss.cpp:12:5: warning: unused variable 'loss' [-Wunused-variable]
   12 |     float loss = 0.5;
   45 |     return accuracy = 0.9;
""",
    "Python": '''\
def train(epoch, loss=0.5):
    """Train."""
    lr = 0.001
    best_acc = 0.0

    accuracy = 0.5
    loss = 0.5
    val_loss = 1.25  # at epoch 3
    for step in range(100):
        if step == 10: loss = 0.25
        print(f"step {step}: loss {loss:.4f}")
    x = dict(epoch=3, loss=0.5, acc=0.9)
    cfg.train.loss = 0.5
    self.loss = 1.0; self.acc = 0.5
    return {"epoch": 3, "loss": 0.5}
''',
    "git diff": """\
@@ -1,7 +1,7 @@ def train(epoch, loss):
-    lr = 0.001
+    lr = 0.0005
-loss: 0.5
+loss: 0.25
     accuracy = 0.9
+  epoch: 3
+  val_loss: 0.75
""",
    "git diff with comments": """\
diff --git a/train.py b/train.py
index 83db48f..bf2a3c1 100644
--- a/train.py
+++ b/train.py
@@ -1,5 +1,6 @@ def train(epoch):
 import torch
-# step 10: loss: 0.5
+# step 20: loss: 0.25

     # epoch 1 | loss 0.52 | val_loss 0.61
 loss: 0.5
+epoch: 4
\\ No newline at end of file
""",
    "script of a job": """\
#!/bin/bash
#SBATCH --time=24:00:00
# step 10: loss: 0.5
# results: epoch 10, val_loss: 0.35, val_acc: 0.91
LR=0.001
for lr in 0.1 0.01; do
  python train.py --lr $lr --epochs 3 \\
    training.loss=0.5 \\
    model.dropout=0.1
done
echo "epoch 3 loss 0.5"
""",
    "settings that place nothing": """\
lr: 0.001
optimizer: adam
epoch: 100
batch: 16
step: 30
loss: 0.5
""",
    "frames around settings": """\
╭──────── Training Configuration ────────╮
│ loss: 0.5                              │
│ step: 100                              │

╰────────────────────────────────────────╯
╭────────────────────────────────────────╮
│ Trial train_1 config                   │
├────────────────────────────────────────┤
│ loss                             0.5   │
╰────────────────────────────────────────╯
""",
    "tree of a configuration": """\
CONFIG
├── model
│   └── optimizer:
│         lr: 0.001
│         weight_decay: 0.0
│       loss: 0.5
│       val_loss_weight: 0.25
└── seed: 12345
""",
    "hyperparameters": """\
Hyperparameters:
  lr               = 0.001
  val_loss_patience = 3
  epochs = 10
  loss = 0.5
Settings
--------
lr           0.001
dropout      0.1
loss         1.0
Config options:

  gamma                    	0.5
  loss_display             	2.0
  lr                       	0.001
Epochs: 10, lr: 0.001, batch: 32
""",
    "loss weights": """\
Loss weights:
  - λ_kl: 0.25
  - rec_loss: 1.0
=====
Class weights:
  loss_cat: 0.5
  loss_dog: 1.5
""",
    "sections": """\
[train]
lr = 0.001
epochs = 10
loss = 0.5
[eval]
accuracy = 0.9
threshold = 0.5
""",
    "JSON over several lines": """\
{
  "architectures": ["GPT2LMHeadModel"],
  "attn_pdrop": 0.1,
  "loss": 0.5,
  "num_train_epochs": 3.0,
  "max_steps": -1
}
""",
    "JSON": """\
{"args": {"lr": 0.001, "loss": 0.5}, "epoch": 0}
{"level":"info","ts":1700000001.5,"msg":"reconciled","duration":0.123,"epoch":3,"attempt":2}
""",
    "trials": """\
Trial 5: {'seq_len': 23, 'd_model': 256, 'nhead': 16, 'num_layers': 4, 'dropout': 0.18, 'lr': 0.001}
[trial 6] hidden_units=128 dropout=0.25
""",
    "pprint": """\
{'batch_size': 32,
 'dropout': 0.1,
 'learning_rate': 0.001,
 'loss': {'ce': 1.0, 'dice': 0.5, 'focal': 0.25},
 'lr': 0.001,
 'optimizer': {'betas': [0.9, 0.999], 'name': 'adamw', 'weight_decay': 0.01}}
""",
    "YAML": """\
TEST:
  BATCH_SIZE_PER_GPU: 32
  IMAGE_THRE: 0.1
  NMS_THRE: 0.6
  SCORE: 0.3
TRAIN:
  BEGIN_EPOCH: 0
  LR: 0.001
""",
    "files": """\
-rw-r--r-- 1 u u 440123456 Jan  2 03:04 epoch=3-val_loss=0.52.ckpt
./runs/lr=0.001,bs=32/loss=0.5/events.out
Checkpoint epoch=3 loss=0.5 saved to /tmp/x.pt
val_loss.tar.gz     100%[===================>] 162.60M  21.5MB/s    in 8.0s
""",
    "query plan": """\
 Seq Scan on loss  (cost=0.00..35.50 rows=2550 width=4) (actual time=0.012..0.345 rows=3 loops=1)
   Filter: (accuracy > 0.5)
""",
    "log of changes": """\
commit 4f2c1d8e9a7b3c6d5e4f3a2b1c0d9e8f7a6b5c4d
Author: A B <a@b.c>

    Epoch 3: loss 0.5, acc 0.9 with the new schedule

    Improve val loss from 0.52 to 0.48
""",
    "JSON of a configuration": """\
{
    "model": "bert",
    "train": {"lr": 1e-05, "epochs": 3, "loss": 0.5},
    "accuracy": 0.9,
    "step": 100
}
""",
    "TOML": """\
[model]
name = "gpt"
n_layer = 12
[train]
max_iters = 5000
eval_interval = 100
min_loss = 0.5
[test]
name = "x"
accuracy = 0.95
""",
    "nested YAML": """\
model:
  loss:
    type: focal
    loss_weight: 1.0
train:
  batch_size: 32
  lr: 0.001
val:
  interval: 1
  metric: accuracy
test:
  batch_size: 64
  accuracy: 0.9
data:
  split:
  - 55000
  - 5000
  loss: 0.5
""",
    "environment of a container": """\
Limits:
  cpu:             4
  nvidia.com/gpu:  1
Environment:
  LOSS:   0.5
  EPOCH:  3
""",
    "help": """\
usage: train.py [-h] [--lr LR] [--loss-weight 0.5]
  --epochs EPOCHS  number of epochs (default: 10)
  --loss LOSS      loss (default: 0.5)
Options
  acc: 0.95
""",
    "tests": """\
tests/test_loss.py::test_loss[0.5] PASSED                                [ 50%]
E       assert 0.5 == 0.4
E        +  where 0.5 = loss(0.1)
loss.py               12      1    92%
""",
    "profile": """\
batch 32: 123.4 img/s
|  aten::mse_loss     |   0.5%     | 12.3us   |    1.2%     |
aten::l1_loss         0.50%      12.000us
FLOPs: 4.12 GFLOPs, Params: 25.6 M
""",
    "tables of results": """\
| Model | Params | Top-1 acc | Loss |
|-------|--------|-----------|------|
| ResNet-50 | 25.6M | 76.1 | 0.96 |
| Method | Epochs | mAP |
| ours | 12 | 45.1 |
""",
    "build of an image": """\
#5 [2/6] RUN pip install torch
#5 12.34   Downloading torch-2.1.0.whl (670.2 MB)
#6 DONE 0.5s
[+] Building 12.3s (10/10) FINISHED
 => => transferring context: 2B 0.0s
""",
    "accounts of a cluster": """\
JobID           JobName  Partition    Account  AllocCPUS      State ExitCode
12345             train        gpu      proj1         16  COMPLETED      0:0
CPU Efficiency: 85.12% of 01:38:24 core-walltime
Memory Utilized: 12.34 GB
""",
    "plans": """\
Epochs: 100, Batch size: 32, LR: 0.001
Early stopping patience 5, min delta 0.001
Loading checkpoint at epoch 12 with loss 0.5
Model saved! (val loss 0.5123, epoch 3)
Config 1/8: lr=0.1, loss_weight=0.5
INFO:maxtext.configs.pyconfig:Config param reward_exact_answer: 5.0
==> Fold 1: train idx 0-800, val idx 800-1000
""",
    "tables without values": """\
| Epoch | Model | Loss fn |
|-------|-------|---------|
| 3 | resnet | ce |
Step   Description
1      Install torch 2.1
2      Run train.py
Iteration  Name   Score function
1          x      f
Epoch | LR schedule
0 | 0.1
30 | 0.01
epoch lr
0 0.1
30 0.01
""",
    "bars of files": """\
[#####-----] 50/100
[=====>    ] 10/20 files
Loading checkpoint shards: 100%|██████████| 2/2 [00:05<00:00,  2.5s/it]
[██████    ] 60/100 MB loss.zip
|████████████████████████████████| 670.2 MB 1.2 MB/s
Copying [#####-----] 5/10 acc.npy
 12/100 [==>...........................] - ETA: 5s
Processing: [===>    ] 3/10 (30%) score.csv
""",
    "German": """\
Epoche 1 von 10 wird gestartet
Die Genauigkeit sollte nach 10 Epochen bei 0.9 liegen.
Verlustfunktion: MSE
Lernrate: 0.001
Schritt 3: Daten laden
Fehler: Datei nicht gefunden (Code 2)
Fehler 404
Fehlerklasse: 2.5
""",
    "Chinese": """\
学习率: 0.001
批大小: 32
第3章 损失函数
第 3 步: 加载数据 0.5
训练集: 50000 测试集: 10000
总参数量: 25.6M
损失函数: CrossEntropyLoss
使用设备: cuda:0
测试集大小: 10000
训练集比例: 0.8
训练时间: 12.5
""",
    "sections about evaluation": """\
Validation:
  batch_size: 32
  num_workers: 4
  ratio: 0.1
Test:
  path: data/test
  fraction: 0.2
Training
  lr: 0.1
Evaluation
  every: 10 steps
  threshold: 0.5
""",
    "shares of data": """\
Train: 0.8
Val: 0.1
Test: 0.1
train 50000
val 5000
Train/Val/Test split: 0.8/0.1/0.1
train: 100 batches, val: 10 batches
mode=train lr=0.1
split: val, size: 5000
phase: test, fold: 0.5
""",
    "settings in capitals": """\
Initial Learning Rate 0.001
Label Smoothing 0.1
Total Training Steps 1000
Max Score Threshold 0.5
Random Seed 42
Class Loss Weight 0.5
Warmup Epochs 5.0
Gradient Clip Norm 1.0
Focal Loss Gamma 2.0
Target Accuracy 0.95
""",
    "settings of a matcher": """\
LightningModule hparams: {'lr': 0.001, 'loss_weight': 0.5}
"hidden_dropout_prob": 0.1,
"initializer_range": 0.02,
"layer_norm_eps": 1e-12,
"rope_theta": 10000.0,
"router_aux_loss_coef": 0.001,
"label_smoothing": 0.0,
loss_fn: CrossEntropy(eps=0.1)
criterion: {'name': 'DiceLoss', 'smooth': 1.0, 'loss_weight': 0.5}
cost_class: 1.0
cost_bbox: 5.0
cost_giou: 2.0
eos_coef: 0.1
bbox_loss_coef: 5
giou_loss_coef: 2
""",
    "looks back": """\
Epoch time: 12.3 s
Best epoch: 12
Best accuracy: 0.91
Best val loss 0.45 at epoch 12
Loaded best model (acc 0.91)
model saved with loss 0.45
Early stopping at epoch 12, best loss: 0.45
Restoring model weights from the end of the best epoch: 12.
""",
    "measurements": """\
Memory: 12.3 GB allocated, 14.0 GB reserved
Time per step: 0.5 s
Throughput: 123.4 samples/s
FLOPs 4.1G Params 25.6M
Latency: p50 12.3ms p99 45.6ms
elapsed time per run: 12.5
GPU Util 99% Temp 65C
Load average: 0.5 0.6 0.7
""",
    "numbers without names": """\
1 2 3
0.5 0.6 0.7
3,0.5,0.6
tensor([0.5000, 0.6000])
array([0.5, 0.6])
loss tensor shape: (3, 4)
accuracy list of len 3
step size 0.5
time step 0.01
learning step 0.1
""",
    "simulation": """\
Step size: 0.001
time step: 0.5 fs
Iteration limit: 1000, tolerance 1e-6
Energy = -123.456 eV at step 10
Error estimate 0.001
Simulation score 0.5
""",
    "built with": """\
PyTorch built with:
  - GCC 9.3
  - LAPACK is enabled
  - Build settings: BLAS_INFO=mkl, BUILD_TYPE=Release, CXX_FLAGS= -Wno-error=0.5, PERF_WITH_AVX=1, TORCH_VERSION=2.1.0, USE_CUDA=ON
TorchVision: 0.16.0
OpenCV: 4.8.0
MMEngine: 0.10.1
accuracy: 0.5.1
loss==0.5
evaluate==0.4.1
scores 1.2.3
""",
    "a job": """\
JobId=12345 JobName=train
   UserId=u(1000) GroupId=g(1000) MCS_label=N/A
   Priority=4294901 Nice=0 Account=a QOS=normal
   RunTime=00:10:00 TimeLimit=1-00:00:00 TimeMin=N/A
   NumNodes=1 NumCPUs=16 NumTasks=1 CPUs/Task=16
   TRES=cpu=16,mem=64G,node=1,billing=16,gres/gpu=1
slurmstepd: error: *** STEP 12345.0 ON node01 CANCELLED AT 2024-05-01T10:00:00 ***
CPUTime 0.5 MaxRSS 12.3G
""",
    "parameters of boosting": """\
[10:00:00] WARNING: ../src/learner.cc:627: Parameters: { "num_round", "loss" } might not be used.
{'objective': 'binary:logistic', 'eval_metric': 'auc', 'eta': 0.1, 'max_depth': 6}
[LightGBM] [Info] Number of positive: 500, number of negative: 500
[LightGBM] [Info] [binary:BoostFromScore]: pavg=0.500000 -> initscore=0.000000
[LightGBM] [Info] Start training from score 0.000000
""",
    "calibration": """\
Calibrating: 10/100
AWQ best error 0.5
layer 3 mse 0.001
model.layers.0.self_attn.q_proj error 0.12
""",
}


@pytest.mark.parametrize("text", DECOYS.values(), ids=DECOYS)
@pytest.mark.parametrize("above", ["", "Epoch 3/10\n"])
def test_what_no_training_reported_gives_no_point(text: str, above: str) -> None:
    assert placed(above + text) == []


FILES = sorted((Path(__file__).parent / "decoys").glob("*.txt"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_what_other_programs_print_gives_no_point(path: Path) -> None:
    assert placed(path.read_text()) == []


@pytest.mark.parametrize("path", [path for path in FILES if path.stem != "settings"], ids=lambda path: path.stem)  # these stand above one
@pytest.mark.parametrize("line", ["Epoch {n} loss: 0.{n}", "step {n}: loss=0.{n}"])
def test_what_other_programs_print_into_a_training_changes_nothing_in_it(path: Path, line: str) -> None:
    training = [line.format(n=n) + "\n" for n in range(1, 9)]
    assert placed("".join([*training[:4], path.read_text(), *training[4:]])) == placed("".join(training))


def test_a_list_of_packages_swallows_nothing_of_what_follows() -> None:
    listed = "Package            Version\n------------------ -----------\nabsl-py            2.1.0\nloss               0.2\n"
    assert placed(listed + "step 5: loss=0.5\nstep 6: loss=0.4\n") == [("loss", 5, None, 0.5), ("loss", 6, None, 0.4)]


def test_a_report_right_below_settings_is_known_by_its_return() -> None:
    text = "optimizer: adam\nlr: 0.1\nepochs: 3\n" + "".join(f"loss: {2.5 - i / 4}\nacc: {i / 4}\n" for i in range(3))
    assert [(p.metric, p.value) for p in points(text)] == [("loss", 2.25), ("acc", 0.25), ("loss", 2.0), ("acc", 0.5)]


SETTINGS = "optimizer: adam\nlr: 0.1\nseed: 1\nmomentum: 0.9\nworkers: 4\nepoch: 90\nbatch: 16\nval_loss: 0.5\n"


def test_settings_that_stand_in_a_log_again_are_settings_again() -> None:
    training = "".join(f"iter {i}: loss {i / 4}\n" for i in range(1, 4))
    assert placed(SETTINGS + training + "done\n" + SETTINGS + training) == 2 * [("loss", i, None, i / 4) for i in range(1, 4)]


def test_below_settings_a_training_is_told_by_its_first_epoch_or_its_second() -> None:
    for first, told in ((1, [1, 2]), (7, [8, 9])):
        text = "".join(f"epoch: {first + i}\nloss: {i / 4}\n" for i in range(told[-1] - first + 1))
        assert [p.epoch for p in points(SETTINGS.replace("epoch: 90\n", "") + text)] == told


def test_a_change_ends_where_its_lines_do() -> None:
    change = "@@ -1,2 +1 @@\n-step 1: loss 0.5\n step 2: loss 0.5\n"
    assert placed(change + " step 3: loss 0.25\n") == [("loss", 3, None, 0.25)]
    assert placed("@@ -1,9 +1,9 @@\nstep 3: loss 0.25\n") == [("loss", 3, None, 0.25)]
    log = ("step 1: loss 0.5\n" + change + "step 3: loss 0.25\n").encode()
    ends = [i + 1 for i, byte in enumerate(log) if byte == ord("\n")]
    assert read(log, cuts=ends, restarts=ends) == read(log)


def test_a_summary_of_a_wrapped_run_keeps_what_others_print_into_it() -> None:
    text = (Path(__file__).parent / "decoys" / "summaries_of_runs.txt").read_text()
    lines = text.splitlines(keepends=True)
    log = "".join(f"{line}step {number}: loss 0.{number}\n" for number, line in enumerate(lines)).encode()
    assert [p.step for p in points(log.decode())] == list(range(len(lines)))
    ends = [i + 1 for i, byte in enumerate(log) if byte == ord("\n")]
    assert read(log, cuts=ends, restarts=ends) == read(log)


def test_settings_that_are_repeated_within_a_training_hide_nothing() -> None:
    text = "".join(f"Epoch {i}\noptimizer: adam\nmode: train\nbackbone: r50\nloss: {i / 4}\n" for i in (1, 2))
    assert [p.epoch for p in points("epoch 0 loss 0.5\n" + text)] == [0, 1, 2]


def test_a_restart_within_a_listing_goes_on_in_it() -> None:
    log = "".join((DECOYS["hyperparameters"], "\nstep 1 loss 0.5\n", DECOYS["Python"], "step 2 loss 0.4\n")).encode()
    ends = [i + 1 for i, byte in enumerate(log) if byte == ord("\n")]
    whole = read(log)
    assert read(log, cuts=ends, restarts=ends) == whole
    assert read(log, cuts=range(0, len(log), 7), restarts=range(0, len(log), 7)) == whole
