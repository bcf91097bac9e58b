"""How people's own scripts print their training: the reader without a pack on forms that occur, and on lines that report none."""

from __future__ import annotations

import re

import pytest
from parsing import parse

from scraper.config import resolve
from scraper.packfiles import builtin_packs
from scraper.parse.packs import PackSet
from scraper.parse.parser import Parser

PACKS = PackSet(builtin_packs())
SETTINGS = resolve(environ={})

# Printed text -> what it says: name=value, at a step or in an epoch.
REPORTS = {
    # names and marks
    "Epoch: 3 train_loss[0.5120] valid_loss[0.6120]": "train_loss=0.512 valid_loss=0.612 | epoch 3",
    "[Epoch] 3/10    [Phase] train    [Train Loss] 0.512    [Val Loss] 0.612": "Train_Loss=0.512 Val_Loss=0.612 | epoch 3",
    "Epoch 3: Train Loss=0.5, Valid Acc=0.9": "Train_Loss=0.5 Valid_Acc=0.9 | epoch 3",
    "Epoch 4 Iteration 20 Generator loss 0.5 Discriminator loss 0.7": "Generator_loss=0.5 Discriminator_loss=0.7 | step 20 epoch 4",
    "Epoch 4 loss 0.5 -> val 0.6": "loss=0.5 val=0.6 | epoch 4",
    "Epoch: 2 Average Loss: 0.5\tAverage Loss Per Feature 0.05": "Average_Loss=0.5 Average_Loss_Per_Feature=0.05 | epoch 2",
    "Epoch: 2 Loss1(class): 0.5\tLossTot (1+2+3): 0.9": "Loss1(class)=0.5 LossTot_(1+2+3)=0.9 | epoch 2",
    "Epoch 2 Accuracy 3: 0.75": "Accuracy_3=0.75 | epoch 2",
    "Epoch 3: Perda de treino: 0.5, Acuracia de validacao: 0.75": "Perda_de_treino=0.5 Acuracia_de_validacao=0.75 | epoch 3",
    "epoch: 2 | 1_dev.lst-loss: 0.5 | 2_dev.lst-loss: 0.6": "1_dev.lst-loss=0.5 2_dev.lst-loss=0.6 | epoch 2",
    "batch 10, epoch 2 average objf: 1.5 over 327058.0 frames (100.0% kept), current batch average objf: 1.25 over 29450 frames": (
        "average_objf=1.5 current_batch_average_objf=1.25 | step 10 epoch 2"
    ),
    "epoch 3 Train loss 0.5 accuracy 0.9\nepoch 3 Val   loss 0.6 accuracy 0.8": (
        "Train_loss=0.5 accuracy=0.9 Val_loss=0.6 val/accuracy=0.8 | epoch 3"
    ),
    "Epoch [3/6] done. Epoch Loss 0.512. Checkpoint saved to ./checkpoints/model_epoch_3.pth": "Epoch_Loss=0.512 | epoch 3",
    "Epoch 1 Step 9 loss tensor(2.31, device='cuda:0', grad_fn=<NllLossBackward0>)": "loss=2.31 | step 9 epoch 1",
    "step 2 tensor(2.5, grad_fn=<NllLossBackward0>) acc: tensor(0.75)": "acc=0.75 | step 2",
    "ep  2 → train 0.5125 | val 0.7125 ↓": "train=0.5125 val=0.7125 | epoch 2",
    "Epoch 2: train 0.5125 ... val 0.7125 ... done (3.2s)": "train=0.5125 val=0.7125 | epoch 2",
    "## Epoch 2\n\n- **train loss**: 0.5\n- **Val Acc:** 75.5%": "train_loss=0.5 Val_Acc=75.5 | epoch 2",
    "│ Epoch 2/9      │\n│ Train Loss: 0.5 │\n│ LR:   5.0e-04  │": "Train_Loss=0.5 LR=0.0005 | epoch 2",
    "Epoch 2\nTrain      Loss: 0.5  Acc: 0.75": "train/Loss=0.5 train/Acc=0.75 | epoch 2",
    "Iter 2 | value_loss: 0.5 | Elo: 1212 (+12)": "value_loss=0.5 Elo=1212.0 | step 2",
    "[Round 2] [Client 3] Loss: 0.5 | Acc: 75.5%": "Client_3/Loss=0.5 Client_3/Acc=75.5 | step 2",
    "Round 2\nClient 3: local loss 0.5, acc 0.75\nGlobal model: loss 0.25, acc 0.5": (
        "Client_3/loss=0.5 Client_3/acc=0.75 loss=0.25 acc=0.5 | step 2"
    ),
    "Epoch 2\nloss: 0.5\nlr_G: 0.25, lr_D: 0.125": "loss=0.5 lr_G=0.25 lr_D=0.125 | epoch 2",
    "Epoch 2\nloss: 0.5\nvalue lr: [0.25], policy lr: [0.125]": "loss=0.5 value_lr=0.25 policy_lr=0.125 | epoch 2",
    "Epoch 2\nloss: 0.5\nbase_lr: 0.25, min_lr: 0.125": "loss=0.5 | epoch 2",
    "lr_G: 0.25, lr_D: 0.125\nEpoch 2\nloss: 0.5": "loss=0.5 | epoch 2",
    "Epoch 2: qwk 0.75": "qwk=0.75 | epoch 2",
    # places
    "[Train] it 50:\tavg loss: 0.5": "train/avg_loss=0.5 | step 50",
    "[train.py:88] it 50:\ttotal loss: 0.5": "total_loss=0.5 | step 50",
    "[Train] ep 3: loss=0.5, val_loss=0.25": "train/loss=0.5 val_loss=0.25 | epoch 3",
    "loss: 0.5, acc: 0.75, it 7": "loss=0.5 acc=0.75 | step 7",
    "loss: 0.5\tacc: 0.75\tit 7": "loss=0.5 acc=0.75 | step 7",
    "Epoch 1 - 10/50 => {'loss': 0.5, 'lr': 0.25}": "loss=0.5 lr=0.25 | step 10 epoch 1",
    "Epoch 1 - 10/50 Train Loss: 0.5\tF1-score: 0.75": "Train_Loss=0.5 F1-score=0.75 | step 10 epoch 1",
    "Training epoch 1: 10/50 - {'nll': 0.5}": "train/nll=0.5 | step 10 epoch 1",
    "Epoch-1: 10/50, kl=0.5": "kl=0.5 | step 10 epoch 1",
    "Ep 1 | 10/50\tLoss/train: 0.5": "Loss/train=0.5 | step 10 epoch 1",
    "10:00:07 | Ep1 | Step     10 => ppl : 0.5": "ppl=0.5 | step 10 epoch 1",
    "2026-01-02 10:00:07,123 INFO E001 - step 10, ppl: 0.5": "ppl=0.5 | step 10 epoch 1",
    "2026-01-02 10:00:07,123 - train - INFO - Epoch-3 - val_loss: 0.5": "val_loss=0.5 | epoch 3",
    "10:00:07 | epoch_1 | Step: 10, bce=0.5": "bce=0.5 | step 10 epoch 1",
    "E003 kl: 0.5; validation loss: 0.25": "kl=0.5 validation_loss=0.25 | epoch 3",
    ">>> E1 B10/50:\tmean_loss: 0.5,grad_norm: 0.25": "mean_loss=0.5 grad_norm=0.25 | step 10 epoch 1",
    "E1 B10/50 bce = 0.5 || lr = 0.25": "bce=0.5 lr=0.25 | step 10 epoch 1",
    "Gen 4 >> ppl: 0.5, acc: 0.25": "ppl=0.5 acc=0.25 | step 4",
    "t=4 => Loss=0.5": "Loss=0.5 | step 4",
    "Epoch 2\n[Train] 10/50 - running loss 0.5": "train/running_loss=0.5 | step 10 epoch 2",
    "- 50/600 => CE : 0.5 | lr : 0.25": "CE=0.5 lr=0.25 | step 50",
    "==> E003 ppl: np.float64(0.5) / lr: 0.25": "ppl=0.5 lr=0.25 | epoch 3",
    "Ep 0 | 4/20 {'mse': 0.5, 'recall': 75.5%}": "mse=0.5 recall=75.5 | step 4 epoch 0",
    "[2/8]: loss: 0.5 (best: 0.75 @ epoch 1)": "loss=0.5 | step 2",
    "E001 => Training [CE=0.5 accuracy=0.75]": "train/CE=0.5 train/accuracy=0.75 | epoch 1",
    # phases in brackets
    "Epoch 1: Train [loss=0.5 acc=0.75] - Val [loss=0.25 acc=0.125]": (
        "train/loss=0.5 train/acc=0.75 val/loss=0.25 val/acc=0.125 | epoch 1"
    ),
    "Epoch 1 (train): loss: 0.5 acc: 0.75 (val): loss: 0.25 acc: 0.125": (
        "train/loss=0.5 train/acc=0.75 val/loss=0.25 val/acc=0.125 | epoch 1"
    ),
    "Epoch 1 (train) [loss: 0.5, acc: 0.75] | (val) [loss: 0.25, acc: 0.125]": (
        "train/loss=0.5 train/acc=0.75 val/loss=0.25 val/acc=0.125 | epoch 1"
    ),
    "Epoch1, [Train] | loss=0.5, Acc=75.5% [Val] | loss=0.25, Acc=20.5%": (
        "train/loss=0.5 train/Acc=75.5 val/loss=0.25 val/Acc=20.5 | epoch 1"
    ),
    "Epoch 1\tTrain set [loss=0.5], Test set [loss=0.25]": "train/loss=0.5 test/loss=0.25 | epoch 1",
    # several values of a name
    "Epoch 1 loss: 0.5/0.25 | acc: 0.75/0.125": "loss=0.5 acc=0.75 | epoch 1",
    # headings
    "[train.py:88] EPOCH 1 started\n[train.py:88] batch 10/50 - loss: 0.5": "loss=0.5 | step 10 epoch 1",
    "* Fold 1\n* epoch: 2/4:\tloss: 0.5\teval_loss: 0.25": "loss=0.5 eval_loss=0.25 | epoch 2",
    "Ep;loss;val_loss\n1;0.5;0.25": "loss=0.5 val_loss=0.25 | epoch 1",
    "Epoch-1\nloss: 0.5": "loss=0.5 | epoch 1",
    "=== E001 ===\nloss: 0.5": "loss=0.5 | epoch 1",
    "E001 started\nBatch: 10/50 kl: 0.5": "kl=0.5 | step 10 epoch 1",
    "Epoch 2\nValidation Loss=0.5": "Validation_Loss=0.5 | epoch 2",
    "Epoch 2\nValidation Accuracy:0.5": "Validation_Accuracy=0.5 | epoch 2",
    "Epoch 2\nppl=tensor(0.5)\nVal Loss=np.float64(0.25)": "ppl=0.5 Val_Loss=0.25 | epoch 2",
    "[Train] Epoch #2:\n[Train] acc=0.5\n[Train] beta=0.25": "train/acc=0.5 beta=0.25 | epoch 2",
    "Step 10 | Eval return: 12.5 +/- 0.5 | Q loss: 0.25": "Eval_return=12.5 Q_loss=0.25 | step 10",
    "[ 10/1000] log_post: -0.5 accept: 0.75 step_size: 0.25 loss: 0.5": "log_post=-0.5 accept=0.75 step_size=0.25 loss=0.5 | step 10",
    "Epoch 2\nAverage accuracy after task 3: 61.25%": "Average_accuracy=61.25 | epoch 2",
    "Epoch 2\n  Loss     - train: 0.5, val: 0.75": "train/Loss=0.5 val/Loss=0.75 | epoch 2",
    "Epoch 2: Acc | Train: 75.5% | Val: 70.5% | Loss | Train: 0.5 | Val: 0.75": (
        "train/Acc=75.5 val/Acc=70.5 train/Loss=0.5 val/Loss=0.75 | epoch 2"
    ),
    "Epoch 2: loss: train=0.5, val=0.75; acc: train=0.875, val=0.25": "train/loss=0.5 val/loss=0.75 train/acc=0.875 val/acc=0.25 | epoch 2",
    "Epoch 2 Loss train 0.5 val 0.75": "Loss_train=0.5 val/Loss=0.75 | epoch 2",
    "Epoch 2 Loss: 0.5, Train: 0.75, Val: 0.25": "Loss=0.5 Train=0.75 Val=0.25 | epoch 2",
    "step 10 loss 2.5 val 2.75": "loss=2.5 val=2.75 | step 10",
    "Epoch 2: val_loss 0.5 (-0.0123), val_acc 75.5% (+1.25)": "val_loss=0.5 val_acc=75.5 | epoch 2",
    "Epoch 2\nHellaSwag : 35.5%\nGSM8K     : 2.5%": "HellaSwag=35.5 GSM8K=2.5 | epoch 2",
    # below one another, written alike
    "Episode 2\n  Return:  12.5\n  Alpha:   0.25\n  LR:  5e-04\n  Steps:   200": "Return=12.5 Alpha=0.25 LR=0.0005 | step 2",
    "Epoch 2:\n├── val loss: 0.5\n└── sparsity: 0.75": "val_loss=0.5 sparsity=0.75 | epoch 2",
    "Epoch 2\n== Validation ==\n  bpb       0.75\n  arc_easy  0.5": "val/bpb=0.75 val/arc_easy=0.5 | epoch 2",
    "Epoch 1: loss=np.float64(0.5), acc=np.float32(0.9)": "loss=0.5 acc=0.9 | epoch 1",
    "iter 100: cur loss 2.25 (avg 2.5) | 123.4 ms/step": "cur_loss=2.25 cur_loss_avg=2.5 | step 100",
    "R^2: 0.54\nR²: 0.55\nAdj. R-squared: 0.53\nExplained Variance: 0.5": (
        "R^2=0.54 R²=0.55 Adj._R-squared=0.53 Explained_Variance=0.5 | step 0"
    ),
    "Homogeneity: 0.8\nV-measure: 0.75\nAdjusted Rand Index: 0.5\nAIC: 2512.5": (
        "Homogeneity=0.8 V-measure=0.75 Adjusted_Rand_Index=0.5 AIC=2512.5 | step 0"
    ),
    "Epoch 2 content loss 0.5 style loss 0.25": "content_loss=0.5 style_loss=0.25 | epoch 2",
    "Epoch: 001/100 | Batch 000/469 | Gen/Dis Loss: 0.5320/0.7922": "Gen_Loss=0.532 Dis_Loss=0.7922 | step 0 epoch 1",
    "[10] | gnorm 3.5 lr 4.75 | loss 3.52 | pplx    4.01, bpc  3.01": "gnorm=3.5 lr=4.75 loss=3.52 pplx=4.01 bpc=3.01 | step 10",
    "rpn_cls: 2.69, rpn_box: 2.28, rcnn_cls: 1.48, rcnn_box 3.7076": "rpn_cls=2.69 rpn_box=2.28 rcnn_cls=1.48 rcnn_box=3.7076 | step 0",
    "Fine-Tuned Model   - Loss: 1.4230, Perplexity: 4.1494\nTest ROCAUC: 0.93": "Loss=1.423 Perplexity=4.1494 Test_ROCAUC=0.93 | step 0",
    "accuracy=93.21 % on the evaluation dataset": "accuracy=93.21 | step 0",
    "mel loss 2.348": "mel_loss=2.348 | step 0",
    "INFO:root:epoch:2 accuracy:0.75": "accuracy=0.75 | epoch 2",
    "e: 2 loss: 0.5 test_top1: 0.75": "loss=0.5 test_top1=0.75 | epoch 2",
    "E  5/100 | Train: 3.9801": "Train=3.9801 | epoch 5",
    "[xla:1](100) Loss=2.4 Rate=9.5 GlobalRate=9.25": "Loss=2.4 Rate=9.5 GlobalRate=9.25 | step 100",
    "INFO:root:iteration:2 step:100/1044, NER loss: 1.477822": "NER_loss=1.477822 | step 1144 epoch 2",
    "CLIP score: 0.31\nAverage loss for K=12: 1.5\nAcceptance rate: 55.5%": (
        "CLIP_score=0.31 Average_loss_for_K=12=1.5 Acceptance_rate=55.5 | step 0"
    ),
    "Epoch: 2, train_loss: 0.69\nclass 0: acc 0.51, correct 24/47\nclass 1 clustering acc 0.9: correct 9/10": (
        "train_loss=0.69 class_0/acc=0.51 class_1_clustering_acc=0.9 | epoch 2"
    ),
    "Epoch 2/9\nTraining Results:\n  Worker 0: Train Loss: 0.5\n  Worker 1: Train Loss: 0.75": "Train_Loss=0.5 Train_Loss=0.75 | epoch 2",
    "Epoch: 2 Sample 70/720 Loss: 8101.5": "Loss=8101.5 | step 790 epoch 2",
    "--- epoch 2 ---\ntrain/ctc      : 3.2903\neval/s2s       : 4.9885": "train/ctc=3.2903 eval/s2s=4.9885 | epoch 2",
    "Epoch 2\nval auc: 0.97, new node val auc: 0.96": "val_auc=0.97 new_node_val_auc=0.96 | epoch 2",
    '{"training_epochs": 148, "training_start_epoch": 0, "epoch": 2, "training_loss": 0.5}': "training_loss=0.5 | epoch 2",
    # reinforcement learning
    "episode_idx=1 Successful, episode_return=1.25": "episode_return=1.25 | step 1",
    "Iteration 3: win rate vs random: 75.5%, win rate vs best: 51.5%": "win_rate_vs_random=75.5 win_rate_vs_best=51.5 | step 3",
    "Iter 3: SR 98.5%, Q 34.5, Pi -8.5, Buffer 11622": "SR=98.5 Q=34.5 Pi=-8.5 Buffer=11622.0 | step 3",
    "episode:  3 score: 20.00 average score 15.30 epsilon 0.98": "score=20.0 average_score=15.3 epsilon=0.98 | step 3",
    "n_episode :20, score : 10.5, n_buffer : 500, eps : 8.0%": "score=10.5 n_buffer=500.0 eps=8.0 | step 20",
    "w00 Ep: 3 | Ep_r: 20.5": "Ep_r=20.5 | epoch 3",
    "Episodes: 3, Total_steps: 1500, Train_reward: 12.5 ": "Train_reward=12.5 | step 3",
    "Episode 3: reward=20, steps=33, speed=9.5 f/s": "reward=20.0 steps=33.0 speed=9.5 | step 3",
    "evaluation/target_3600_length_mean: 812.5": "evaluation/target_3600_length_mean=812.5 | step 0",
    "Iteration 1:  20%|██        | 10/50 [00:00<00:00, 99.5it/s, episode=60, return=9.300]": "return=9.3 | step 60",
    "speed: 91.2 sps, reward avg: 12.5, reward max: 20.0:  10%|█         | 5/50 [00:05<00:45,  1.0it/s]": (
        "speed=91.2 reward_avg=12.5 reward_max=20.0 | step 5"
    ),
    "eval cumulative reward:  86.9, eval step-count: 117, average reward= 8.4, step count (max): 87:  10%|█    | 2/20 [00:00<00:01]": (
        "eval_cumulative_reward=86.9 eval_step-count=117.0 average_reward=8.4 step_count_(max)=87.0 | step 2"
    ),
    "The average loss for epoch 2 is    0.37 and mean absolute error is    0.47.": (
        "The_average_loss=0.37 mean_absolute_error=0.47 | epoch 2"
    ),
    "Epoch 3\n[validation] accuracy/loss: 0.5625/1.25": "val/accuracy=0.5625 val/loss=1.25 | epoch 3",
    "Epoch 3 train loss/acc: 0.5/92.1%, val loss/acc: 0.6 / 90.0%": (
        "train_loss=0.5 train_acc=92.1 val_loss=0.6 val_acc=90.0 | epoch 3"
    ),
    "epoch 2 val Loss [1.125] Accuray 0.5 ": "val_Loss=1.125 val/Accuray=0.5 | epoch 2",
    "Epoch: 2/5 Train steps: 3125 Val steps: 125 9m11.91s loss: 0.125 val_loss: 0.25": "loss=0.125 val_loss=0.25 | epoch 2",
    "Evaluation Results - Test Set\nRMSE: 12.5": "test/RMSE=12.5 | step 0",
    "Evaluating Model\nEvaluation Results - Train Set\nRMSE: 12.5": "RMSE=12.5 | step 0",
    "auroc: 0.84 (target: 0.94)": "auroc=0.84 | step 0",
    "RMSE: 12.5\nnum_layers    0.906171\nlr_of_day     0.038578\nkind          0.0125\ndtype: float32\nRMSE: 12.25": (
        "RMSE=12.5 RMSE=12.25 | step 1"
    ),
    # counts
    "batch i:50, episode_len:18, loss :[3.25], entropy:2.75": "episode_len=18.0 loss=3.25 entropy=2.75 | step 50",
    "| epoch   1 |   200/ 2983 batches | lr 20.00 | ms/batch 15.31 | loss  7.63 | ppl  2065.27": (
        "lr=20.0 ms/batch=15.31 loss=7.63 ppl=2065.27 | step 200 epoch 1"
    ),
    "[0/5][50/100] Loss_D: 0.5 Loss_G: 1.5 D(x): 0.75 D(G(z)): 0.25 / 0.2": (
        "Loss_D=0.5 Loss_G=1.5 D(x)=0.75 D(G(z))_1=0.25 D(G(z))_2=0.2 | step 50 epoch 0"
    ),
    "# [Train Epoch: 1/5] [640/6400 images] loss=0.5": "train/loss=0.5 | step 640 epoch 1",
    "3: loss 0.5 | val 0.6": "loss=0.5 val=0.6 | step 3",
    "7 [D loss: 0.75, acc.: 51.56%] [G loss: 0.9]": "D_loss=0.75 acc.=51.56 G_loss=0.9 | step 7",
    "it 30 loss 0.5 rew 12.5": "loss=0.5 rew=12.5 | step 30",
    "Epoch: [0][2/100] Elapsed 0m 1s (remain 2m 3s) Loss: 0.5(0.6) Grad: 1.25  LR: 0.01": (
        "train/loss=0.5 train/loss_avg=0.6 train/Grad=1.25 train/LR=0.01 | step 2 epoch 0"
    ),
    "[2024-03-01 10:11:12][train.py][line:88][INFO] epoch=1 step=5 loss=0.5": "loss=0.5 | step 5 epoch 1",
    "iteration: 2 of max_iter: 10, perplexity: 1234.5": "perplexity=1234.5 | step 2",
    "Epoch 3: {'a': {'f1': 0.5, 'n': 12}, 'b c': {'f1': 0.25}, 'all': 0.75}": "a/f1=0.5 a/n=12.0 b_c/f1=0.25 all=0.75 | epoch 3",
    "Epoch 3: {'train': {'loss': 0.5}, 'val': {'loss': 0.25}}": "train/loss=0.5 val/loss=0.25 | epoch 3",
    "0 {'eval/reward': Array(12.5, dtype=float32)}": "eval/reward=12.5 | step 0",
    "Iteration 3, inertia 987.654.": "inertia=987.654 | step 3",
    # which data
    "[Step 1000] Train / Test accuracy: 0.951 / 0.941.": "train/accuracy=0.951 test/accuracy=0.941 | step 1000",
    "Epoch 3 Train/Valid Acc: 95.1% / 94.1%": "train/Acc=95.1 val/Acc=94.1 | epoch 3",
    "Epoch 3\nval Loss: 0.6 Acc: 0.8": "val_Loss=0.6 val/Acc=0.8 | epoch 3",
    "Epoch 3 train: loss 0.5 acc 0.9; val: loss 0.6 acc 0.8": "train/loss=0.5 train/acc=0.9 val/loss=0.6 val/acc=0.8 | epoch 3",
    "Epoch 3: train (loss=0.5, acc=0.9), valid (loss=0.6, acc=0.8)": "train/loss=0.5 train/acc=0.9 val/loss=0.6 val/acc=0.8 | epoch 3",
    "Epoch 3 | Train: loss=0.5 acc=0.9 | Val: loss=0.6 acc=0.8": "train/loss=0.5 train/acc=0.9 val/loss=0.6 val/acc=0.8 | epoch 3",
    "Epoch: 003 / 010 \nTraining: LOSS: 0.5 | Validation: LOSS: 0.6 | time/epoch: 12 seconds": (
        "train/LOSS=0.5 val/LOSS=0.6 time/epoch=12.0 | epoch 3"
    ),
    "Epoch: 3\n\tLoss:\t 0.5000(train)\t|\tAcc:\t 90.1 %\n\tLoss:\t 0.6000(valid)\t|\tAcc:\t 80.2 %": (
        "train/Loss=0.5 train/Acc=90.1 val/Loss=0.6 val/Acc=80.2 | epoch 3"
    ),
}  # fmt: skip

# Lines of other programs and texts: they give nothing.
SILENT = {
    "what is tried next": ("[1/6] Training with lr=0.1, batch_size=16", "[2/6] lr: 0.01 | optimizer: adam"),
    "usage": (
        "usage: train.py [-h] [--lr LR] [--loss {mse,l1}]",
        "  --eval-step 100       evaluate every 100 steps, loss 0.5",
        "  --lr LR  (default: 0.01)",
    ),
    "settings": (
        "lr: 0.001",
        "batch_size: 64",
        "dropout: 0.1",
        "epochs: 100",
        "loss_scale: 128",
        "test_size: 0.2",
        "label_smoothing: 0.1",
    ),
    "options": (
        "----------------- Options ---------------",
        "                    beta1: 0.5",
        "                 lambda_A: 10.0",
        "                       lr: 0.0002",
    ),
    "git": (
        "* 1a2b3c4 Fix loss 0.5 scaling in step 3",
        "* 9f8e7d6 Bump accuracy 0.9 test for epoch 2",
        "    step 3: fix loss 0.5",
        "    Set train loss weight to 0.5 in step 2",
    ),
    "prose": (
        "At step 100 the loss was 0.53 and the accuracy 0.7.",
        "In epoch 3 we saw loss 0.5, which is odd.",
        "Step 2. Tune the accuracy 0.9 threshold",
    ),
    "readme": (
        "The model gets 0.85 accuracy after epoch 3. At step 1000 loss should be about 0.5.",
        "1. Step 1: download the data (12.3 GB)",
    ),
    "chat": (
        "User: my loss is 0.5 at epoch 3, is that good?",
        "Assistant: A loss of 0.5 at epoch 3 is fine. Try lr=0.01.",
    ),
    "pytest": (
        "E       AssertionError: assert 0.5 == 0.25",
        "tests/test_loss.py:12: AssertionError: loss = 0.5",
        "0.52s call     tests/test_loss.py::test_epoch_loss[0.5]",
    ),
    "unittest": (
        "AssertionError: 0.85 != 0.9 within 7 places",
        "Ran 12 tests in 0.345s",
    ),
    "compiler": (
        "[1/5] Building CXX object CMakeFiles/loss.dir/loss.cpp.o",
        'loss.cu(12): warning #177-D: variable "step" was declared',
    ),
    "make": (
        "make: *** [Makefile:12: step3] Error 1",
        "cc -O3 -DSTEP=3 -DLOSS=0.5 -c loss.c",
    ),
    "program": (
        "def train(lr=0.01, epochs=10, loss=0.5):",
        "    loss = 0.5 * (a - b) ** 2",
        '    assert loss < 0.5, f"epoch {epoch}"',
    ),
    "pip": (
        "  Downloading torch-2.1.0-cp310-cp310-manylinux1_x86_64.whl (670.2 MB)",
        "     |████████████████████████████████| 12.3 MB 5.1 MB/s eta 0:00:01",
    ),
    "nvidia-smi": (
        "| NVIDIA-SMI 525.85.12    Driver Version: 525.85.12    CUDA Version: 12.0     |",
        "| N/A   34C    P8    10W /  70W |      0MiB / 15360MiB |      0%      Default |",
    ),
    "environment": (
        "PyTorch: 1.11.0",
        "OpenCV: 4.6.0",
        "GPU 0,1: NVIDIA A100-SXM4-80GB",
        "Epochs: 100",
        "Total steps: 1000",
    ),
    "model": (
        "Total params: 34,826",
        "Params size (MB): 0.13",
        "  (bn1): BatchNorm2d(32, eps=1e-05, momentum=0.1, affine=True)",
        "  (loss_fn): FocalLoss(alpha=0.25, gamma=2.0)",
    ),
    "files": (
        "./checkpoints/model-epoch=03-val_loss=0.25.ckpt",
        "checkpoint_epoch_10_loss_0.345.pth",
        "-rw-r--r-- 1 user user 12345678 Mar  5 10:11 epoch_10_acc_0.93.pt",
    ),
    "callbacks": (
        "Epoch 00005: val_loss did not improve from 0.25000",
        "Epoch 00006: val_loss improved from 0.25000 to 0.24000, saving model to weights.06-0.24.hdf5",
    ),
    "scheduler": (
        "Adjusting learning rate of group 0 to 1.0000e-03.",
        "Epoch 00010: reducing learning rate of group 0 to 1.0000e-04.",
        "EarlyStopping counter: 3 out of 7",
    ),
    "data": (
        "Number of training samples: 50000",
        "Train: 50000, Val: 5000, Test: 10000",
        "Loaded 1234 samples in 0.53 s",
        "mean: 0.1307, std: 0.3081",
        "Steps per epoch: 391",
    ),
    "docker": (
        "Step 1/12 : FROM nvidia/cuda:11.8.0-devel-ubuntu22.04",
        "Step 2/12 : RUN pip install torch==2.1.0",
        "#13 DONE 0.5s",
    ),
    "network": (
        "64 bytes from 10.0.0.1: icmp_seq=1 ttl=64 time=0.045 ms",
        '10.0.0.1 - - [05/Mar/2024:10:11:12 +0000] "GET /api/loss?step=3 HTTP/1.1" 200 532 0.123',
    ),
    "json": (
        "{",
        '  "learning_rate": 0.001,',
        '  "loss": "mse",',
        '  "loss_weight": 0.5,',
        '  "layer_norm_eps": 1e-12,',
        '  "temperature": 0.7',
        "}",
    ),
    "sql": (
        "INSERT INTO runs (step, loss) VALUES (3, 0.5);",
        "SELECT loss FROM t WHERE step = 3 AND acc > 0.5 LIMIT 10;",
    ),
}


def _said(text: str) -> str:
    parser = Parser(PACKS, SETTINGS)
    data = text.encode() + b"\n"
    points = sorted([*parser.feed(data, None).points, *parser.flush(None).points], key=lambda p: p.at)
    values = " ".join(f"{p.metric.replace(' ', '_')}={p.value!r}" for p in points)
    last = points[-1] if points else None
    places = (
        [] if last is None else [f"{name} {value:g}" for name, value in (("step", last.step), ("epoch", last.epoch)) if value is not None]
    )
    return f"{values} | {' '.join(places)}"


def _last(*lines: str) -> list[tuple[str, float]]:
    """Return the values of the last of several lines."""
    parser = Parser(PACKS, SETTINGS)
    *before, last = (f"{line}\n".encode() for line in lines)
    at = sum(map(len, before))
    points = [*parser.feed(b"".join(before) + last, None).points, *parser.flush(None).points]
    return sorted((p.metric, p.value) for p in points if p.at >= at)


@pytest.mark.parametrize(("text", "said"), REPORTS.items(), ids=lambda text: text[:40])
def test_a_report_is_read(text: str, said: str) -> None:
    assert _said(text) == said


_BARE = ("train 0.6123, valid 0.5987", "val/ctc: 0.9713")  # whose round numbers might be settings
_ROUND = {text: re.sub(r"(?<=\d)\.\d+(?![\d.])", ".0000", text) for text in (*REPORTS, *_BARE) if "\n" not in text}


@pytest.mark.parametrize(("text", "like"), [pair for pair in _ROUND.items() if pair[0] != pair[1]], ids=lambda text: text[:40])
def test_a_report_is_read_behind_its_like_that_may_be_none(text: str, like: str) -> None:
    """What a line of the same shape with round numbers is, such as `train 1.0, val 1.0`, decides nothing for those that come after it."""
    fractions = {value for _, value in _last(text) if value % 1}
    assert [fractions - {value for _, value in _last(*before, text)} for before in ([like], [like] * 3)] == [set(), set()]


@pytest.mark.parametrize("text", SILENT.values(), ids=SILENT)
def test_what_reports_nothing_gives_nothing(text: tuple[str, ...]) -> None:
    assert _said("\n".join(text)) == " | "


@pytest.mark.parametrize("text", SILENT.values(), ids=SILENT)
def test_nor_does_it_below_a_header(text: tuple[str, ...]) -> None:
    assert _said("\n".join(("Epoch 3/10", *text))) == " | "


def test_a_row_may_stand_below_a_blank_line_for_each_drawing_of_its_bar() -> None:
    header = "     Epoch   gpu_mem       box       obj       cls    labels  img_size\n"
    row = "     0/9     2.5G    0.1250    0.0625   0.03125        55      640: 100%|█|\n"
    assert [(p.metric, p.value) for p in parse((header + "\n" * 500 + row).encode()).points] == [
        ("train/box", 0.125),
        ("train/obj", 0.0625),
        ("train/cls", 0.03125),
    ]


@pytest.mark.parametrize(
    "bar",
    ["640: 10%|#| {}/9 [00:01<00:09,  4.5it/s] 7.9it/s]", "96: 16% ━━────────── {}/9 3.5it/s 0.3s<2.9s", "96: 0% ──────────── {}/9  0.1s"],
)
def test_a_row_whose_bar_is_not_at_its_end_is_drawn_again_on_a_line_of_its_own(bar: str) -> None:
    header = "      Epoch    GPU_mem   box_loss   cls_loss   dfl_loss  Instances       Size\n"
    rows = [(1, 1.5, 1), (1, 1.25, 4), (1, 1.125, 9), (2, 1.0, 2), (2, 0.875, 9)]
    bars = "".join(f"        {e}/2      2.5G      {v}        0.5       0.25         12        {bar.format(n)}\n" for e, v, n in rows)
    points = parse((header + bars).encode()).points
    assert [(p.epoch, p.value) for p in points if p.metric == "train/box_loss"] == [(1, 1.125), (2, 0.875)]


def test_a_header_written_over_a_bar_of_the_epoch_before_places_nothing_of_it() -> None:
    text = "Epoch 3/9[==========>...............] - ETA: 11s - loss: 0.5 - accuracy: 0.8.75 - val_loss: 0.25\n"
    assert parse(text.encode()).points == []


def test_a_row_without_a_total_is_none_of_a_table_whose_rows_have_one() -> None:
    head = "      Epoch    GPU_mem   box_loss  pose_loss  kobj_loss   cls_loss   dfl_loss  Instances       Size"
    rows = [f"        {n}/3         0G      2.{n}5      3.{n}5          0       1.{n}5      1.25         12         64" for n in (1, 2, 3)]
    layer = "  0                  -1  1       464  my.modules.Conv             [3, 16, 3, 2]                 "
    found = parse("\n".join([head, *rows, layer, ""])).points
    names = [f"train/{name}_loss" for name in ("box", "pose", "kobj", "cls", "dfl")]
    assert [(p.metric, p.epoch) for p in found] == [(name, n) for n in (1, 2, 3) for name in names]
