from __future__ import annotations

import math

import pytest
from parsing import parser, placed, points

from scraper.model import COUNT
from scraper.parse.numbers import shape

NAN, INF = math.nan, math.inf

# What loops of people's own print: the text, and (name, value) of each point with the step and the epoch they share.
READ = [
    ("Epoch: 3 | train loss 0.5 | train lr 0.125 | val loss 0.25", None, 3, [("train loss", 0.5), ("train lr", 0.125), ("val loss", 0.25)]),
    ("E03 train loss 0.5 train acc 0.75 // val loss 0.25", None, 3, [("train loss", 0.5), ("train acc", 0.75), ("val loss", 0.25)]),
    ('time=2026-11-23T18:00:01.123+01:00 level=INFO msg="validation" epoch=3 loss=0.5', None, 3, [("val/loss", 0.5)]),
    ('2026-11-23T18:00:01.123Z\tINFO\ttrainer/main.go:42\teval\t{"epoch": 3, "loss": 0.5}', None, 3, [("val/loss", 0.5)]),
    ("2026-11-23T18:00:01.123456Z  INFO run{id=7}: trainer: epoch=3 loss=0.5 run_id=12", None, 3, [("loss", 0.5)]),
    ("2026-11-23 18:00:01.1234|INFO|Project.Trainer|Epoch: 3 | Batch: 1/6 | loss 0.5", 13, 3, [("loss", 0.5)]),
    ("validation: {'epoch': 3, 'loss': 0.5}", None, 3, [("val/loss", 0.5)]),
    ("[eval] {'epoch': 3, 'loss': 0.5}", None, 3, [("val/loss", 0.5)]),
    ("   3  tr_loss=   0.5  va_loss=   0.25  va_auc=   0.75", 3, None, [("tr_loss", 0.5), ("va_loss", 0.25), ("va_auc", 0.75)]),
    ("Epoch 3/3 12s 45ms/step train_loss: 0.5, val_loss: 0.25", None, 3, [("train_loss", 0.5), ("val_loss", 0.25)]),
    ("eval/mnli: loss=0.5, auc=0.75", 0, None, [("val/mnli/loss", 0.5), ("val/mnli/auc", 0.75)]),
    ("Epoch 3 | val_qqp: acc=0.5", None, 3, [("val/qqp/acc", 0.5)]),
    ("[test/sst2] acc 0.5, f1 0.75", 0, None, [("test/sst2/acc", 0.5), ("test/sst2/f1", 0.75)]),
    ("Epoch 3 val on mnli: loss=0.5, auc=0.75", None, 3, [("val/loss", 0.5), ("val/auc", 0.75)]),
    ("val_metrics: {'acc': 0.5}", 0, None, [("val/acc", 0.5)]),
    ("namespace(epoch=3, step=7, loss=0.5)", 7, 3, [("loss", 0.5)]),
    ("Epoch 3/5 |████████| 10/10 [100%] in 0.2s (52.6/s) loss=0.5", 30, 3, [("loss", 0.5)]),
    ("Epoch 3/5 loss=0.5 grad_norm=0.25:  100%   [  <  , ]", None, 3, [("loss", 0.5)]),
    ("Эпизод 3 завершён за 37 шагов, награда: 0.50", 3, None, [("награда", 0.5)]),
    ("Дообучение, эпизод 100: успех на картах = 75.5%", 100, None, [("успех на картах", 75.5)]),
    ("Generación 7/50: fitness medio: 0.5, puntuación: 2.5", 7, None, [("fitness medio", 0.5), ("puntuación", 2.5)]),
    ("Episódio 10/500 - Recompensa: 25.5 - Epsilon: 0.5", 10, None, [("Recompensa", 25.5), ("Epsilon", 0.5)]),
    ("[Update 1/4] PolicyLoss=0.5 ValuePred(mean=0.75, std=0.25)KL=0.125 Adv(mean=0.5, std=1.0) GradNorm(P=1.5, V=2.5)", 1, None, [
        ("PolicyLoss", 0.5), ("ValuePred/mean", 0.75), ("ValuePred/std", 0.25), ("KL", 0.125), ("Adv/mean", 0.5), ("Adv/std", 1),
        ("GradNorm/P", 1.5), ("GradNorm/V", 2.5),
    ]),
    ("Epoch: 3, TR loss: {'main': tensor(0.5)} TR score: {'main': tensor(75.)}, VL loss: {'main': tensor(0.25)}", None, 3, [
        ("TR loss/main", 0.5), ("TR score/main", 75), ("VL loss/main", 0.25),
    ]),
    ("  [ 201] ep=2010  r=  22.5 steps=209.5 ploss=-0.25", None, 2010, [("r", 22.5), ("steps", 209.5), ("ploss", -0.25)]),
    ("[base_only] ep3 | loss 0.5 | acc 0.75", None, 3, [("loss", 0.5), ("acc", 0.75)]),
    ("\N{BAR CHART} Ep 3: Loss:0.5 | P:0.25", None, 3, [("Loss", 0.5), ("P", 0.25)]),
    ("Iter: [3][50/400]\tLoss 0.5 (0.75)\tPrec@1 0.25 (0.125)", 850, 3, [
        ("Loss", 0.5), ("Loss_avg", 0.75), ("Prec@1", 0.25), ("Prec@1_avg", 0.125),
    ]),
    ("Epoch 0003 [Test seq (given some points)] | Loss 5.5 | KL fp 4.25 | FP STD 0.125", None, 3, [
        ("Loss", 5.5), ("KL fp", 4.25), ("FP STD", 0.125),
    ]),
    ("  random_forest: F1=0.75, AUC=0.875", 0, None, [("random_forest/F1", 0.75), ("random_forest/AUC", 0.875)]),
    ("ALNS         | served= 67/100 | makespan=  12.5 | co2_kg= 2.25", 0, None, [("ALNS/makespan", 12.5), ("ALNS/co2_kg", 2.25)]),
    ("From scratch: {'accuracy': 0.5, 'f1': 0.75}", 0, None, [("From scratch/accuracy", 0.5), ("From scratch/f1", 0.75)]),
    ("Test results: accuracy=0.5, f1=0.75", 0, None, [("test/accuracy", 0.5), ("test/f1", 0.75)]),
    ("Trainer: loss=0.5, acc=0.75", 0, None, [("loss", 0.5), ("acc", 0.75)]),
    ("[INFO] engine: loss=0.5, acc=0.75", 0, None, [("loss", 0.5), ("acc", 0.75)]),
    ("[INFO] Random Forest: loss=0.5, acc=0.75", 0, None, [("Random Forest/loss", 0.5), ("Random Forest/acc", 0.75)]),
    ("SVM: epoch 3: loss=0.5, acc=0.75", None, 3, [("loss", 0.5), ("acc", 0.75)]),
    ("  Noise Level: 0.005 | BER: 0.25 | Accuracy: 0.75", 0, None, [("Noise Level 0.005/BER", 0.25), ("Noise Level 0.005/Accuracy", 0.75)]),
    ("VALID Epoch 03/8, Mean Negative ELBO    5.25, PPL: 125.5", None, 3, [("val/Mean Negative ELBO", 5.25), ("val/PPL", 125.5)]),
    ("ep=6 step=120/193 LR=0.125 mfm=0.5(w=1.00,mask=0.75) top=0.25(w=2.00,shuf=0.50) top_acc=0.75", 120, 6, [
        ("LR", 0.125), ("mfm", 0.5), ("mfm/w", 1), ("mask", 0.75), ("top", 0.25), ("top/w", 2), ("shuf", 0.5), ("top_acc", 0.75),
    ]),
    ("[Adam] ep=  460  total=0.25  PDE=0.5 [colloc=0.125, cfd=2.5e-03] (w=3.5)  IN=0.75 (w=1.5)", None, 460, [
        ("total", 0.25), ("PDE", 0.5), ("colloc", 0.125), ("cfd", 0.0025), ("PDE/w", 3.5), ("IN", 0.75), ("IN/w", 1.5),
    ]),
    ("Epoch 3 loss-1 0.5 loss-2 0.25 Timer 12.5(13.5)/a/b/data.py:42: UserWarning: an array of 3 lists is 1", None, 3, [
        ("loss-1", 0.5), ("loss-2", 0.25),
    ]),
    ("  [Ep 3 B 50] loss=0.5", 50, 3, [("loss", 0.5)]),
    ("  Task 3: 75.5% (loss: 0.5)", 0, None, [("Task 3", 75.5), ("Task 3/loss", 0.5)]),
    ("Epoch 3/9 lr 0.25 loss 0.5(0.75) GPU usage: [4600, 2686, 10720]", None, 3, [("lr", 0.25), ("loss", 0.5), ("loss_avg", 0.75)]),
    ("Eval Epoch num 8 | val loss 0.25 | dsc 0.5", None, 8, [("val loss", 0.25), ("val/dsc", 0.5)]),
    ("[Pretrain] Epoch 003 | Dataset 01 | ARI 0.25 | AUC 0.5", None, 3, [("Dataset 01/ARI", 0.25), ("Dataset 01/AUC", 0.5)]),
    ("step:0 - val-aux/AIME/acc/best@8/mean:np.float64(0.25) - val-core/AIME/acc/mean@8:0.5", 0, None, [
        ("val-aux/AIME/acc/best@8/mean", 0.25), ("val-core/AIME/acc/mean@8", 0.5),
    ]),
    ("train loss at epoch 3, step 50: 0.25", 50, 3, [("train loss", 0.25)]),
    ("Loss (epoch 3, step 50): 0.25", 50, 3, [("Loss", 0.25)]),
    ("train loss of epoch3-batch-50:0.25", 50, 3, [("train loss", 0.25)]),
    ("Reader, type: test, step: 20, em: 75.5, f1: 80.25", 20, None, [("test/em", 75.5), ("test/f1", 80.25)]),
    ("epoch 3 AP: 0.5 AP .5: 0.75, AP .75: 0.625 AP(M): 0.25", None, 3, [("AP", 0.5), ("AP .5", 0.75), ("AP .75", 0.625), ("AP(M)", 0.25)]),
    ("Epoch 28:g_loss=4.5,d_loss=-8.25: 100%|█| 2500/2500 [18:04<00:00, 2.3", None, 28, [("g_loss", 4.5), ("d_loss", -8.25)]),
    ("LABEL ACCURACY: source_accuracy: 100.00000, target_accuracy: 64.00000", 0, None, [("source_accuracy", 100), ("target_accuracy", 64)]),
    ("RUN 2: test loss: 0.5, test acc: 0.75", 0, None, [("test loss", 0.5), ("test acc", 0.75)]),
    ("iter [10/900] LR 0.125 Sup 1.5 Unsup 0.25 mIoU 62.5", 10, None, [("LR", 0.125), ("Sup", 1.5), ("Unsup", 0.25), ("mIoU", 62.5)]),
    ("[2026-01-02 03:04:05,678][       train.py][line:  83][    INFO]  * Epoch [4]\tTrain mIoU 62.5", None, 4, [("Train mIoU", 62.5)]),
    ("| Progress [####      ][ 40.25%] | LR 0.125 | Loss   2.5000 (  2.7500) |", 0, None, [
        ("LR", 0.125), ("Loss", 2.5), ("Loss_avg", 2.75),
    ]),
    ("Epoch 1: head: default, loss=  0.0625, RMSE_F=   112.5 meV / A", None, 1, [("default/loss", 0.0625), ("default/RMSE_F", 112.5)]),
    ("INFO - my.util.hooks - Epoch 1\tIter 100\ttrain loss 0.625", 100, 1, [("train loss", 0.625)]),
    ("Average window size: 50  distance_to_goal: 0.5  na: 71.5  spl: 0.25  softspl: 0.75  sna: 0.125", 0, None, [
        ("distance_to_goal", 0.5), ("na", 71.5), ("spl", 0.25), ("softspl", 0.75), ("sna", 0.125),
    ]),
    ("Epoch    3/90 | train: 125.5 (2.50 bpd) | val: 126.5 (2.75 bpd) | lr: 0.001", None, 3, [
        ("train", 125.5), ("train/bpd", 2.5), ("val", 126.5), ("val/bpd", 2.75), ("lr", 0.001),
    ]),
    ("Epoch 3 val loss: 0.5 (62.5% acc), lr 0.25", None, 3, [("val loss", 0.5), ("val/acc", 62.5), ("lr", 0.25)]),
    ("Epoch 3 loss: 0.5 (12.5 samples)", None, 3, [("loss", 0.5)]),
    ("[Best Model Metrics] Epoch 3 | MAE: 12.5 | RMSE: 25.5", None, 3, [("MAE", 12.5), ("RMSE", 25.5)]),
    ("after cycle=3 avg(utility)=12.5 avg(num_wins)=0.25", 3, None, [("avg(utility)", 12.5), ("avg(num_wins)", 0.25)]),
    ("Cycle 3: loss 0.5", 3, None, [("loss", 0.5)]),
    ("[2026-01-02 03:04:05,678::train::INFO] [Validation] Iter 200 | reward 0.625", 200, None, [("val/reward", 0.625)]),
    ("Average velocity error (hands and head) [cm/s]: 27.5", 0, None, [("Average velocity error (hands and head) [cm/s]", 27.5)]),
    ("    UN 1-shot: 37.50 +/- 0.25%", 0, None, [("UN 1-shot", 37.5)]),
    ("Training: 30,000 iterations, final loss = 1.25e-02", 0, None, [("final loss", 0.0125)]),
    ("Trial 3 completed with Validation Loss: 0.0625", 3, None, [("Validation Loss", 0.0625)]),
    ("==>Epoch 3, gpu = 2, lr = 0.25 ==>", None, 3, [("lr", 0.25)]),
    ("batch 3, train: 0.5", 3, None, [("train", 0.5)]),
    ("epoch 3 | train 1.5 (seg 0.5, thick 1.0) | val 2.5 (seg 0.75, thick 1.75) | lr 0.125", None, 3, [
        ("train", 1.5), ("train/seg", 0.5), ("train/thick", 1.0), ("val", 2.5), ("val/seg", 0.75), ("val/thick", 1.75), ("lr", 0.125),
    ]),
    ("Epoch 3 loss: 0.75 (cls 0.5 + box 0.25)", None, 3, [("loss", 0.75), ("cls", 0.5), ("box", 0.25)]),
    ("Epoch 3 acc 0.75 (best 0.875, epoch 2.0)", None, 3, [("acc", 0.75)]),
    ("[Train 40/90] {'grads_finite': 1.0, 'train_loss': 0.25}", 40, None, [("train/grads_finite", 1.0), ("train_loss", 0.25)]),
    ("evaluate_num:3 \t evaluate_reward:12.5 \t ", 3, None, [("evaluate_reward", 12.5)]),
    ("Episode 3 - Steps this episode 40 - Mean Loss 0.5 - Mean Q Value -2.5", 3, None, [("Mean Loss", 0.5), ("Mean Q Value", -2.5)]),
    ("  1-shot: 62.50+/-0.25  5-shot: 75.50+/-0.25", 0, None, [("1-shot", 62.5), ("5-shot", 75.5)]),
    ("Val 1-shot L2N: 37.50%", 0, None, [("Val 1-shot L2N", 37.5)]),
    ("EP:3 | TD Error [2.5, 1.5] | ALoss [3.5, 2.5] | ep_r -12", None, 3, [
        ("TD Error[0]", 2.5), ("TD Error[1]", 1.5), ("ALoss[0]", 3.5), ("ALoss[1]", 2.5), ("ep_r", -12),
    ]),
    ("Epoch 3 @ 10:45 PM : 0.5625 C.E. Loss, 62.50% Accuracy", None, 3, [("C.E. Loss", 0.5625), ("Accuracy", 62.5)]),
    ("[Epoch 3] 0.5 train loss | 0.25 val loss", None, 3, [("train loss", 0.5), ("val loss", 0.25)]),
    ("Epoch 3 at 1:45:30 am loss 0.5", None, 3, [("loss", 0.5)]),
    ("epoch 3/9  loss=0.5 (p=0.25 v=0.125)  val=0.625 (p=0.375 v=0.25)", None, 3, [
        ("loss", 0.5), ("p", 0.25), ("v", 0.125), ("val", 0.625), ("val/p", 0.375), ("val/v", 0.25),
    ]),
    ("New score: 62.5%  95% CI: [50.5%, 75.5%]", 0, None, [("New score", 62.5)]),
    ("Epoch 3 out of 9: loss 0.5", None, 3, [("loss", 0.5)]),
    ("Timestep 300, mean reward (100 episodes) -2.5, avg loss (5 last batches) 0.5", 300, None, [
        ("mean reward", -2.5), ("avg loss", 0.5),
    ]),
    ("step#: 12   learning rate: 0.5  average loss: 0.625     steps without apparent progress: 3", 12, None, [
        ("learning rate", 0.5), ("average loss", 0.625),
    ]),
    ("Epoch 3 | Head 1 loss: 0.5, Head 2 loss: 0.625", None, 3, [("Head 1 loss", 0.5), ("Head 2 loss", 0.625)]),
    ("[ Train | 003/080 ] loss = 1.25000, acc = 0.43750", None, 3, [("train/loss", 1.25), ("train/acc", 0.4375)]),
    ("[ Valid | 003/080 ] loss = 1.50000, acc = 0.37500 -> best", None, 3, [("val/loss", 1.5), ("val/acc", 0.375)]),
    ("Epoch:[ 1 | 9 ]    Batch:[ 30 | 400 ]    loss_box: 0.5    lr: 0.25", 30, 1, [("loss_box", 0.5), ("lr", 0.25)]),
    ("Epoka    3 | Krok   40/200 | Loss (ostatni): 0.5", 40, 3, [("Loss (ostatni)", 0.5)]),
    ("[Epoka 3] Średni loss: 0.25", None, 3, [("Średni loss", 0.25)]),
    ("Epoch 3 | Perdita: 0.5 | Doğruluk: 0.625", None, 3, [("Perdita", 0.5), ("Doğruluk", 0.625)]),
    ("Epoch 3 | Kay\N{LATIN SMALL LETTER DOTLESS I}p: 0.5", None, 3, [("Kay\N{LATIN SMALL LETTER DOTLESS I}p", 0.5)]),
    ("eval mIoU of Lamp         0.6250", 0, None, [("eval mIoU of Lamp", 0.625)]),
    ("2026-01-02 03:04:05,678 simple.py log_once [line:30] INFO test_accuracy      0.6250", 0, None, [("test_accuracy", 0.625)]),
    ("Evaluating.....epoch: 3, loss: 0.5", None, 3, [("val/loss", 0.5)]),
    ("600 Test Acc = 62.50% +- 0.85%", 0, None, [("Test Acc", 62.5)]),  # of 600 episodes
    ("Hit1 : 0.250000", 0, None, [("Hit1", 0.25)]),
    ("INFO:root:count: 50, loss:12.500000: ", 0, None, [("loss", 12.5)]),
    ("class wall           weight: 0.125, IoU: 0.625", 0, None, [("wall/weight", 0.125), ("wall/IoU", 0.625)]),
    ("class accuracy       mean: 0.5, IoU: 0.625", 0, None, [("mean", 0.5), ("IoU", 0.625)]),
    ("epoch id: 3, batch step: 40, g_loss: 12.625", 40, 3, [("g_loss", 12.625)]),
    ("Epoch 3 loss: Tensor(shape=[1], dtype=float32, place=Place(gpu:0), stop_gradient=False, [0.25])", None, 3, [("loss", 0.25)]),
    (
        "Epoch: 3/9, Mean loss: 0.25, Mean acc: Tensor(shape=[1], dtype=float32, place=CUDAPlace(0), stop_gradient=True,", None, 3,
        [("Mean loss", 0.25)],
    ),
    ("Epoch 3 - Precision / Recall / F1: 0.625 / 0.500 / 0.5625", None, 3, [("Precision", 0.625), ("Recall", 0.5), ("F1", 0.5625)]),
    ("Epoch 3 Val P/R/F1: 62.5 / 50.0 / 56.25", None, 3, [("Val P", 62.5), ("Val R", 50.0), ("Val F1", 56.25)]),
    ("Epoch 3 Loss D/G: 0.5/0.625", None, 3, [("Loss D", 0.5), ("Loss G", 0.625)]),
    ("Episode 3: avg/min/max return 2.0/1.0/5.5, std return 0.5", 3, None, [
        ("avg return", 2.0), ("min return", 1.0), ("max return", 5.5), ("std return", 0.5),
    ]),
    ("STEP 3 / STATE train / EPSILON 0.1 / REWARD 1.5", 3, None, [("EPSILON", 0.1), ("train/REWARD", 1.5)]),
    ("Valid | End of Epoch 3 | Valid Loss -3.250 | SI-SDRi 4.50 dB", None, 3, [("Valid Loss", -3.25), ("val/SI-SDRi", 4.5)]),
    ("Generation 10: best fitness = 0.625, avg fitness = 0.5", 10, None, [("best fitness", 0.625), ("avg fitness", 0.5)]),
    ("Epoch 2 in 12.5ms: q loss=0.25", None, 2, [("q loss", 0.25)]),
    ("Average rewards is 12.5, average episode length is 40.5.", 0, None, [("Average rewards", 12.5), ("average episode length", 40.5)]),
    ('[val] name "nq" | step 10 | epoch 2 | loss 0.5 | lr 1.00e-05 | num_label_tokens 300', 10, 2, [("val/loss", 0.5), ("val/lr", 1e-5)]),
    ("Train >> Env Steps: 2.50e+06 | Critic Loss: 0.125 | Entropy: 0.25", 2_500_000, None, [
        ("train/Critic Loss", 0.125), ("train/Entropy", 0.25),
    ]),
    ("Env Steps: 1,500 | Episode Return: 3.5", 1500, None, [("Episode Return", 3.5)]),
    ("Epoch 3: Train Loss - 0.500 | Val Acc - 62.5%", None, 3, [("Train Loss", 0.5), ("Val Acc", 62.5)]),
    ("valid: logloss - 0.500  AUC - 0.625", 0, None, [("val/logloss", 0.5), ("val/AUC", 0.625)]),
    ("Fold 3: accuracy 0.500", 0, None, [("accuracy", 0.5)]),
    ("Seed 42 | test acc 62.50%", 0, None, [("test acc", 62.5)]),
    ("[Fold 2/5] f1 0.500 auc 0.625", 0, None, [("f1", 0.5), ("auc", 0.625)]),
    ("[1,200] Accuracy: 62.50%", 1200, None, [("Accuracy", 62.5)]),
    ("Epoch 3 [1,280/60,000 (2%)] Loss: 0.5", 121_280, 3, [("Loss", 0.5)]),
    ("SVC(C=1.0, kernel='rbf'): accuracy 0.500", 0, None, [("accuracy", 0.5)]),
    ("Noise(var=0.25): Accuracy: 62.50%", 0, None, [("Accuracy", 62.5)]),
    ("D(x): 0.6250  D(G(z)): 0.2500", 0, None, [("D(x)", 0.625), ("D(G(z))", 0.25)]),
    ("top1ACC:0.5310 top5ACC:0.7310 mauc:0.6250", 0, None, [("top1ACC", 0.531), ("top5ACC", 0.731), ("mauc", 0.625)]),
    ("Test set: [  3] Average loss: 0.5000, Accuracy: 625/1000 (62.50%)", 3, None, [
        ("test/Average loss", 0.5), ("test/Accuracy", 62.5),
    ]),
    ("[Train] [3] loss 0.500 acc 0.625", 3, None, [("train/loss", 0.5), ("train/acc", 0.625)]),
    ("epoch: 3, dataset: Set-12, dice: 0.625", None, 3, [("Set-12/dice", 0.625)]),
    ("Epoch 3 | Class: car | AP 0.500 | AR 0.625", None, 3, [("car/AP", 0.5), ("car/AR", 0.625)]),
    ("Epoch 3, dataset: val, loss: 0.5", None, 3, [("val/loss", 0.5)]),
    ("INFO: IoU: 42.50  0.00   nan 81.25 ", 0, None, [("IoU[0]", 42.5), ("IoU[1]", 0), ("IoU[2]", NAN), ("IoU[3]", 81.25)]),
    ("Iters: 20/900 || Loss: 1.5 || conv<1e-02: 8.25% || acc: 0.5", 20, None, [("Loss", 1.5), ("acc", 0.5)]),
    ("Epoch 3 loss: 0.5 0.25", None, 3, [("loss", 0.5)]),
    ("Model: RandomForest, Accuracy: 0.875", 0, None, [("RandomForest/Accuracy", 0.875)]),
    ("Model: K-Nearest Neighbors - R2 Score: 0.875", 0, None, [("K-Nearest Neighbors/R2 Score", 0.875)]),
    ("runtime.step=50, loss.cls=1.5, loss.elem=[0.25, 0.5]", 50, None, [("loss.cls", 1.5), ("loss.elem[0]", 0.25), ("loss.elem[1]", 0.5)]),
    ("Dataset: Cora, Epoch: 3, Loss: 0.5", None, 3, [("Loss", 0.5)]),
    ("epoch: 1, iters: 8, time: 2.500G_GAN: 0.500G_L1: 0.625", 8, 1, [("time", 2.5), ("G_GAN", 0.5), ("G_L1", 0.625)]),
    ("└   test_acc = 91.25f0", 0, None, [("test_acc", 91.25)]),
    ("loss(x, y) = 1.25f-5", 0, None, [("loss(x, y)", 1.25e-5)]),
    ("Epoch:[  1/ 10], step:[   20/  100], loss:[0.500/0.625], time:12.5 ms, lr:0.25", 20, 1, [
        ("loss", 0.5), ("loss_avg", 0.625), ("time", 12.5), ("lr", 0.25),
    ]),
    ("Train: [2/20][10/300]\tloss 0.5000 (0.6250)\tgrad_norm 1.5000 (1.2500/0.0625)", 310, 2, [
        ("train/loss", 0.5), ("train/loss_avg", 0.625), ("train/grad_norm", 1.5), ("train/grad_norm_avg", 1.25),
    ]),
    ("[2026-01-02 03:04:05,678 INFO] 256 iteration, sup_loss: 0.5, lr: 0.25", 256, None, [("sup_loss", 0.5), ("lr", 0.25)]),
    ("Epoch: [3][20]\tTime 0.500 (0.250)\tLoss 0.5000 (0.6250)", 20, 3, [
        ("Time", 0.5), ("Time_avg", 0.25), ("Loss", 0.5), ("Loss_avg", 0.625),
    ]),
    ("2026-01-02 03:04:05,678 [icarl.py] => Task 1, Epoch 3/9 => Loss 0.500, Train_accy 62.50, Test_accy 50.00", None, 3, [
        ("Loss", 0.5), ("Train_accy", 62.5), ("Test_accy", 50.0),
    ]),
    ("Epoch 3 [Train] 12.5s L:0.500 A:62.50%", None, 3, [("L", 0.5), ("A", 62.5)]),
    ("Epoch 3 | train 12.5s | val 2.5 s | loss 0.500", None, 3, [("loss", 0.5)]),
    ("[Task: click][Metrics] AUC: 0.625000 - logloss: 0.500000", 0, None, [("click/AUC", 0.625), ("click/logloss", 0.5)]),
    ("[3,  2000] loss: 0.500 acc: 0.625", 2000, 3, [("loss", 0.5), ("acc", 0.625)]),
    ("[3 :   2000] loss G : 0.500 loss D : 0.625", 2000, 3, [("loss G", 0.5), ("loss D", 0.625)]),
    ("L_adv:0.5,L_con:0.25,L_total:0.75", 0, None, [("L_adv", 0.5), ("L_con", 0.25), ("L_total", 0.75)]),
    ("test_acc: {'even': 0.5, 'labels': 0.25}", 0, None, [("test_acc/even", 0.5), ("test_acc/labels", 0.25)]),
    ("当前Batch:20/100 | 当前epoch:2/9 | 当前损失值:2.5 | 当前准确率:48.43%", 120, 2, [("当前损失值", 2.5), ("当前准确率", 48.43)]),
    ("Epoch 3/10 | Time: 12s\n\tTrain Loss: 0.500 | Train PPL:   1.625", None, 3, [("Train Loss", 0.5), ("Train PPL", 1.625)]),
    ("Loss Value after    100 iterations: 0.62500000", 100, None, [("Loss Value", 0.625)]),
    ("Epoch 03 [020] | Train loss 0.500", 20, 3, [("Train loss", 0.5)]),
    ("Training Epoch 2: 300it [8.25it/s] lr_g0:0.00100 auc:0.37500", 300, 2, [("train/lr_g0", 0.001), ("train/auc", 0.375)]),
    ("Episode 3 with a total return of -20.5", 3, None, [("total return", -20.5)]),
    ("Epoch 4/9 12.5s loss: 0.25 acc: 0.75", None, 4, [("loss", 0.25), ("acc", 0.75)]),
    ("Loss: 0.25 after 300 batches", 300, None, [("Loss", 0.25)]),
    ("val acc 81.5% after 12 epochs.", None, 12, [("val acc", 81.5)]),
    ("iter 20: 3 s loss: 0.25, 2s score: 0.5", 20, None, [("loss", 0.25), ("score", 0.5)]),
    ("3, Train loss: 0.25, Val loss: 0.5", 3, None, [("Train loss", 0.25), ("Val loss", 0.5)]),
    ("Epoch 2, Itrs 30/900, Loss=0.25", 30, 2, [("Loss", 0.25)]),
    ("EVALUATOR - Episode return mean: 9.5 | Episode length mean: 11.25", 0, None, [
        ("val/Episode return mean", 9.5), ("val/Episode length mean", 11.25),
    ]),
    (" accuracy 71.125 %, best 72.250 %", 0, None, [("accuracy", 71.125)]),
    ("recall 0.5, auc 0.625, best auc 0.75, accuracy 62.5 %, best accuracy 65.5 %", 0, None, [
        ("recall", 0.5), ("auc", 0.625), ("accuracy", 62.5),
    ]),
    ("Evaluate best model on test data for horizon 3, Test MAE: 2.5, Test RMSE: 4.75", 0, None, [
        ("horizon 3/Test MAE", 2.5), ("horizon 3/Test RMSE", 4.75),
    ]),
    ("Pole: 2026-01-02 03:04:05,678 [INFO] [TEST] Iter=50, #tests=9, max=3.5, avg=2.5", 50, None, [("test/max", 3.5), ("test/avg", 2.5)]),
    ("Accuracy: 45/60 = 75.00%", 0, None, [("Accuracy", 75.0)]),
    ("fold 1, train log rmse 0.250000, valid log rmse 0.375000", 0, None, [("train log rmse", 0.25), ("valid log rmse", 0.375)]),
    ("Epsilon: 0.25\tTest Accuracy = 45 / 60 = 0.75", 0, None, [("Epsilon", 0.25), ("Test Accuracy", 0.75)]),
    ("val accuracy: 45/60 (0.75), val loss: 0.5", 0, None, [("val accuracy", 0.75), ("val loss", 0.5)]),
    ("Test accuracy: 45 / 60 (75.00%)", 0, None, [("Test accuracy", 75.0)]),
    ("{'accuracy': '0.750', 'loss': '0.512', 'epoch': 3, 'train': 'eval'}", None, 3, [("val/accuracy", 0.75), ("val/loss", 0.512)]),
    ("{'accuracy': '0.875', 'loss': '0.256', 'epoch': 3, 'train': True}", None, 3, [("train/accuracy", 0.875), ("train/loss", 0.256)]),
    ("{'loss': 0.5, 'epoch': 3, 'train': 'data/train.txt'}", None, 3, [("loss", 0.5)]),
    ("Features: 2/4 -- score: 0.75[Parallel(n_jobs=1)]: Done   6 out of   6 | elapsed:    0.3s finished", 0, None, [("score", 0.75)]),
    ("train final score: 45/60 = 75.00% correct", 0, None, [("train final score", 75.0)]),
    ("[2026-01-02T03:04:05] T = 50 / 400 | Avg. reward: 20.5 | Avg. Q: 1.25", 50, None, [("Avg. reward", 20.5), ("Avg. Q", 1.25)]),
    ("[INFO:4321 loop:12 2026-01-02 03:04:05,678] Loss 66.5. Return per episode: 4.5.", 0, None, [
        ("Loss", 66.5), ("Return per episode", 4.5),
    ]),
    ("metrics/test.mAR: 62.5", 0, None, [("metrics/test.mAR", 62.5)]),
    ("mse:0.25, mae:0.375, dtw:Not calculated", 0, None, [("mse", 0.25), ("mae", 0.375)]),
    ("Class_3-door Result: iou/accuracy 0.25/0.5", 0, None, [("Class_3-door/iou", 0.25), ("Class_3-door/accuracy", 0.5)]),
    ("[2026-01-02 03:04:05,678 INFO run.py line 9 4321] Epoch: [2/5][30/60] MainLoss 0.5 AuxLoss 0.25 Accuracy 0.75.", 90, 2, [
        ("MainLoss", 0.5), ("AuxLoss", 0.25), ("Accuracy", 0.75),
    ]),
    ("           INFO     Validation loss: 0.625                       run.py:12", 0, None, [("Validation loss", 0.625)]),
    ("step:10 - val-core/sums/acc:0.5 - critic/score/mean:0.25", 10, None, [("val-core/sums/acc", 0.5), ("critic/score/mean", 0.25)]),
    ("step:10 - actor/loss:0.5 - val-core/sums/acc:0.75 - critic/score/mean:0.25", 10, None, [
        ("actor/loss", 0.5), ("val-core/sums/acc", 0.75), ("critic/score/mean", 0.25),
    ]),
    ("val/loss: 0.5 acc: 0.25", 0, None, [("val/loss", 0.5), ("val/acc", 0.25)]),
    ("[env_step=    40] eval_reward=+1.5 kl=1.25", 40, None, [("eval_reward", 1.5), ("val/kl", 1.25)]),
    ("server test. round_idx = 4, test_loss = 0.875", 4, None, [("test_loss", 0.875)]),
    ("top-1: 45.25%   top-5: 71.50%", 0, None, [("top-1", 45.25), ("top-5", 71.5)]),
    ("UTMOS: 3.9125", 0, None, [("UTMOS", 3.9125)]),
    ("train --- Current batch:200/1600  loss:[ 0.625]", 200, None, [("train/loss", 0.625)]),
    ("TPR@FAR=0.00010: 0.0125", 0, None, [("TPR@FAR=0.00010", 0.0125)]),
    ("PinballLoss[0.25] 14.5", 0, None, [("PinballLoss[0.25]", 14.5)]),  # a metric for each quantile, and no value itself
    ("{'PinballLoss[0.9]': 7.25, 'Hits[0.9]': 0.75}", 0, None, [("PinballLoss[0.9]", 7.25), ("Hits[0.9]", 0.75)]),
    ("loss[0.5] acc[0.75]", 0, None, [("loss", 0.5), ("acc", 0.75)]),
    ("Epoch 3 accuracy for K=0.01: 0.625, Recall@k=10: 0.5", None, 3, [("accuracy for K=0.01", 0.625), ("Recall@k=10", 0.5)]),
    ("epoch 3 | D^2=+0.125 | FID=211.5 IS=1.75", None, 3, [("D^2", 0.125), ("FID", 211.5), ("IS", 1.75)]),
    ("class 01: #TP=2330, #FP=126, IoU=0.75", 0, None, [("class 01/IoU", 0.75)]),
    ("INFO:root:[1,   100/ 2562] - [Decoder Loss: 0.5]", 100, 1, [("Decoder Loss", 0.5)]),
    ("Yes ratio: 0.4375", 0, None, [("Yes ratio", 0.4375)]),
    ("nae: 0.1875", 0, None, [("nae", 0.1875)]),
    ("[Avg. Loss, Loss]: [10.5, 7.25], epoch 3", None, 3, [("Loss[0]", 10.5), ("Loss[1]", 7.25)]),
    ("epoch 3 [D loss] 0.5 [G loss] 0.25", None, 3, [("D loss", 0.5), ("G loss", 0.25)]),
    ("pretrain ep  1/25  loss=3.5", None, 1, [("loss", 3.5)]),
    ("  [Fold 2 Ep 004] tr_loss=0.25 | val_auc=0.75", None, 4, [("tr_loss", 0.25), ("val_auc", 0.75)]),
    ("  VALIDATION RMSE:    0.625       over          400  points", 0, None, [("VALIDATION RMSE", 0.625)]),
    ("higher corrcoef: 0.625 in batch: 20, save model", 20, None, [("higher corrcoef", 0.625)]),
    ("Accuracy - Test: 0.75", 0, None, [("Accuracy - Test", 0.75)]),
    ("Average acc - all seeds: 87.25 %", 0, None, [("Average acc - all seeds", 87.25)]),
    ("Validation - loss: 0.5 - ppl: 3.5", 0, None, [("val/loss", 0.5), ("val/ppl", 3.5)]),
    ("Kappa Coefficient: 0.875", 0, None, [("Kappa Coefficient", 0.875)]),
    ("Area Under Curve: 0.875", 0, None, [("Area Under Curve", 0.875)]),
    ("CRPS: 0.25, PICP: 0.875", 0, None, [("CRPS", 0.25), ("PICP", 0.875)]),
    ("pLDDT: 81.5", 0, None, [("pLDDT", 81.5)]),
    ("Test loss: 0.25, acc: 0.5, std_dev: 0.125", 0, None, [("Test loss", 0.25), ("test/acc", 0.5), ("test/std_dev", 0.125)]),
    ("epoch_out: 2, epoch_in: 4, loss: 0.5", 4, 2, [("loss", 0.5)]),
    ("E12 | loss 0.25 | acc 0.5", None, 12, [("loss", 0.25), ("acc", 0.5)]),
    ("e3/10, loss: 0.25", None, 3, [("loss", 0.25)]),
    ("Mean loss over epoch 3: 0.25", None, 3, [("Mean loss", 0.25)]),
    ("The average loss of epoch 3 is 0.25", None, 3, [("The average loss", 0.25)]),
    ("Outer epoch 2, inner epoch 4, loss 0.5", 4, 2, [("loss", 0.5)]),
    ("('Train Loss: ', 0.25)", 0, None, [("Train Loss", 0.25)]),
    ("('epoch', 3, 'loss', 0.25, 'acc', 0.5)", None, 3, [("loss", 0.25), ("acc", 0.5)]),
    ("('Epoch 3', 'train loss:', 0.25, 'val loss:', 0.5)", None, 3, [("train loss", 0.25), ("val loss", 0.5)]),
    ("('step = ', 10L, 'loss = ', array(0.25, dtype=float32))", 10, None, [("loss", 0.25)]),
    ("('Epoch:', '0003', 'cost=', '0.250000000')", None, 3, [("cost", 0.25)]),
    ("('Accuracy of the network on the test images: ', 54, '%')", 0, None, [("Accuracy of the network on the test images", 54.0)]),
    ("(u'test', {u'loss': 0.25, u'acc': 0.5})", 0, None, [("test/loss", 0.25), ("test/acc", 0.5)]),
    ("---Epoch.3 Train Loss per event: 4.5", None, 3, [("Train Loss per event", 4.5)]),
    ("Steps 90, data 0.5%. Loss 2.5e+01 lr 1.0e-04", 90, None, [("data", 0.5), ("Loss", 25.0), ("lr", 1e-4)]),
    ("Config: {'width': 'wide', 'lr': 0.25}, Epoch 2/30, Train Loss: 1.5, Acc: 62.5%", None, 2, [("Train Loss", 1.5), ("Acc", 62.5)]),
    ("Trial 3 params: {'C': 1.0, 'kernel': 'rbf'} -> accuracy: 0.75", 3, None, [("accuracy", 0.75)]),
    ("[Valid] Epoch 3 NDCG: 0.25-0.5-.75", None, 3, [("val/NDCG[0]", 0.25), ("val/NDCG[1]", 0.5), ("val/NDCG[2]", 0.75)]),
    ("Epoch 3 Subject: 1   seed 1   time: 1.5 m   valid_acc: 0.75", None, 3, [("time", 1.5), ("valid_acc", 0.75)]),
    ("step 10, time 94s, loss 58.5, rec 55.5, d0 1.25", 10, None, [("time", 94), ("loss", 58.5), ("rec", 55.5), ("d0", 1.25)]),
    ("| epoch   1 |    10/  213 batches | rec 853.5, |lvar| 56.5, loss 859.5,", 10, 1, [("rec", 853.5), ("loss", 859.5)]),
    ("[{3667621017.py:45} INFO - Epoch    1, trlast = 0.25, val = 0.5", None, 1, [("trlast", 0.25), ("val", 0.5)]),
    ("Round 3 Client 1 Loss: 2.5, Agent 2 reward: 0.5", 3, None, [("Client 1 Loss", 2.5), ("Agent 2 reward", 0.5)]),
    (
        "{'accuracy': 0.75, 'recall': 0.5, 'F1': 0.25, 'MCC': 0.125, 'matrix': [[19, 11], [5, 34]], 'model': 'svm'}", 0, None,
        [("accuracy", 0.75), ("recall", 0.5), ("F1", 0.25), ("MCC", 0.125)],
    ),
    ("Test set: Average loss: 4.5, Accuracy: 5/1080 F1 (0.5%)", 0, None, [("test/Average loss", 4.5), ("test/Accuracy", 0.5)]),
    ("12: TRAIN [0][10/3416]\tTime 3.5 (0.25)\tLoss/tok 10.5 (9.5)", 10, 0, [
        ("train/Time", 3.5), ("train/Time_avg", 0.25), ("train/Loss/tok", 10.5), ("train/Loss/tok_avg", 9.5),
    ]),
    ("Epoch 3 scored with loss: 0.5, dice: 0.25. The running time is 713.5.", None, 3, [("scored with loss", 0.5), ("dice", 0.25)]),
    ("Trial 3 - Mean RMSE: 0.25, Mean R2: 0.5, Params: {'lr': 0.1, 'depth': 4}", 3, None, [("Mean RMSE", 0.25), ("Mean R2", 0.5)]),
    ("Epoch [5/60] Validation Step [1/196]  acc1 0.25 (0.5)  loss 5.5 (4.5)", 1, 5, [
        ("val/acc1", 0.25), ("val/acc1_avg", 0.5), ("val/loss", 5.5), ("val/loss_avg", 4.5),
    ]),
    ("epoch: 1, eval loss: 1.5, correct: 4576, total: 10000, acc = 0.25", None, 1, [("eval loss", 1.5), ("val/acc", 0.25)]),
    ("Iteration   50, KL divergence 0.75, 50 iterations in 0.0506 sec", 50, None, [("KL divergence", 0.75)]),
    ("Train Epoch: 1 [ 80/256 (31%)] Data (t): 0.5 Batch (t): 0.25, 537.5/s, 537.5/s/gpu LR: 0.125 Loss: 2.5 (3.5)", 80, 1, [
        ("train/LR", 0.125), ("train/Loss", 2.5), ("train/Loss_avg", 3.5),
    ]),
    ("[0] Epoch 3 loss=0.5", None, 3, [("loss", 0.5)]),
    ("INFO:3-epoch (10/50): total loss 0.5,  group-sup.: 0.25, lr: 5.0000e-04", 110, 3, [
        ("total loss", 0.5), ("group-sup.", 0.25), ("lr", 5e-4),
    ]),
    ("INFO:3-epoch: loss: 0.5, group-sup.: 0.25, wd: 0.040000", None, 3, [("loss", 0.5), ("group-sup.", 0.25), ("wd", 0.04)]),
    ("Epoch 3 v_num: 1.000 val_loss: 0.5", None, 3, [("val_loss", 0.5)]),
    ("Epoch 3 client 2 test_acc 0.5", None, 3, [("test_acc", 0.5)]),
    ("Swin-UNETR v2 TEST:  MAE=0.25  Pearson r=0.5  (n_test=38)", 0, None, [("test/MAE", 0.25), ("test/r", 0.5)]),
    ("[Eval] Epoch: 10, CMC curve, Rank-1  :70.1%", None, 10, [("val/Rank-1", 70.1)]),
    ("[NanoDet][01-01 10:10:00]INFO: Val|Epoch1/9|Iter10(10/20)| lr:1.00e-04| loss:0.5|", 10, 1, [("val/lr", 1e-4), ("val/loss", 0.5)]),
    ("Epoch: 1/9 D_loss: 0.5 batch_cost: 0.25 sec ips: 3.2 images/s", None, 1, [("D_loss", 0.5), ("batch_cost", 0.25), ("ips", 3.2)]),
    ("step: 10, rank_id: 0, loss: 1.5, total: 500, progress_or_epoch: 0.25", 10, 0.25, [("loss", 1.5)]),
    ("Epoch 2 | Duration Loss 0.25 | size_loss 1.5", None, 2, [("Duration Loss", 0.25), ("size_loss", 1.5)]),
    ("Epoch 1 test: HR@10=0.5123 NDCG@10=0.3123", None, 1, [("test/HR@10", 0.5123), ("test/NDCG@10", 0.3123)]),
    ("[Eval] step 10, success_rate: 0.75", 10, None, [("val/success_rate", 0.75)]),
    ("Epoch 3 | Train Loss: 0.5 | Val Loss: 0.6 | Val Acc: 91.20%", None, 3, [("Train Loss", 0.5), ("Val Loss", 0.6), ("Val Acc", 91.2)]),
    ("Epoch [3/10], Step [100/600], Loss: 0.1234", 100, 3, [("Loss", 0.1234)]),
    ("[2026-01-02 03:04:05,678]-[train.py line:90]:  === Epoch:[ 3/9],step:[ 10/50],loss:0.5", 10, 3, [("loss", 0.5)]),
    ("[2026-01-02 03:04:05,678]-[train.py line:91]:cat --> mAP : 0.75", 0, None, [("cat/mAP", 0.75)]),
    ("Validation Accuracy: 0.7512 (75.12%)", 0, None, [("Validation Accuracy", 0.7512)]),
    ("Val --> acc: 0.5", 0, None, [("val/acc", 0.5)]),
    ("Loss after 3 epochs: 0.5", None, 3, [("Loss", 0.5)]),
    ("Average loss after 300 training steps = 0.25", 300, None, [("Average loss", 0.25)]),
    ("\tholdout_test.xyz:1.2303", 0, None, [("holdout_test.xyz", 1.2303)]),
    ("loss: 0.5123, stopping counter: 2 out of 10", 0, None, [("loss", 0.5123)]),
    ("Test Accuracy: 45 out of 50 (90.0%)", 0, None, [("Test Accuracy", 90.0)]),
    ("Epoch 1 Batch 5 Loss 0.5. Accuracy 0.9.", 5, 1, [("Loss", 0.5), ("Accuracy", 0.9)]),
    ("Step 10/100 - loss: 0.5000 - acc: 91.5%", 10, None, [("loss", 0.5), ("acc", 91.5)]),
    ("step=1,000 loss=1,234.5 tokens=1,234,567", 1000, None, [("loss", 1234.5), ("tokens", 1234567)]),
    ("step 10: loss 0.5 (0.6)", 10, None, [("loss", 0.5), ("loss_avg", 0.6)]),
    ("Epoch 003 | Loss 0.5000 | Acc 91.2% (912/1000)", None, 3, [("Loss", 0.5), ("Acc", 91.2)]),
    ("Step 10 - Loss: 5e-1, PPL: 12.3, Speed: 12.3K tokens/s", 10, None, [("Loss", 0.5), ("PPL", 12.3), ("Speed", 12300)]),
    ("step 10 | loss  2.345 | dt 123.45ms | tok/sec 12345.67", 10, None, [("loss", 2.345), ("tok/sec", 12345.67)]),
    ("step 10 loss tensor(0.1743, device='cuda:0', grad_fn=<Nll>) acc tensor(0.5)", 10, None, [("loss", 0.1743), ("acc", 0.5)]),
    ("{'step': 10, 'loss': np.float64(0.1), 'acc': np.float32(0.5)}", 10, None, [("loss", 0.1), ("acc", 0.5)]),
    ("step: 10, loss: nan, grad_norm: inf, val_loss: -inf", 10, None, [("loss", NAN), ("grad_norm", INF), ("val_loss", -INF)]),
    ("step: 10, loss: -nan", 10, None, [("loss", NAN)]),
    ("step: 10, loss: nan.0, reg_loss: inf.0", 10, None, [("loss", NAN), ("reg_loss", INF)]),
    ("epoch 3: 2d_loss=0.5, 3d_loss=0.25", None, 3, [("2d_loss", 0.5), ("3d_loss", 0.25)]),
    ("step 20 | loss 1.5 | 1NN: 0.75, 5HT=0.5, 2nd_loss 0.25", 20, None, [("loss", 1.5), ("1NN", 0.75), ("5HT", 0.5), ("2nd_loss", 0.25)]),
    ("epoch 3: {'loss': 0.5, '5nn_acc': 0.75}", None, 3, [("loss", 0.5), ("5nn_acc", 0.75)]),
    ("Train: 3 [  10/ 100 ( 10%)]  CE: 0.5 (0.6)  lr: 1.0e-3", 210, 3, [("CE", 0.5), ("CE_avg", 0.6), ("lr", 1e-3)]),
    ("training: 3 batch 40 rec_loss: 0.5 cl_loss 0.25", 40, 3, [("rec_loss", 0.5), ("cl_loss", 0.25)]),
    ("Run_1: epoch=3 step=20 epoch=3 metrics={'loss': 0.5} step=20", 20, 3, [("loss", 0.5)]),
    ("epoch=3/global_step=10, loss=0.5", 10, 3, [("loss", 0.5)]),
    ("3: [0s / 2s], acc: 0.5, nll: 0.6", None, 3, [("acc", 0.5), ("nll", 0.6)]),
    ("[10]\ttrain-auc:0.87297+0.00750\ttest-auc:0.79898+0.00759", 10, None, [("train-auc", 0.87297), ("test-auc", 0.79898)]),
    ("epoch 3 loss=tensor([0.5]) val_loss=tensor(0.7000, device='mps:0')", None, 3, [("loss", 0.5), ("val_loss", 0.7)]),
    ("epoch 3 losses=tensor([0.5, 0.25]) acc: mx.array(0.9)", None, 3, [("losses[0]", 0.5), ("losses[1]", 0.25), ("acc", 0.9)]),
    ("epoch 3, loss: jnp.float32(0.5), acc: tf.Tensor(0.9, shape=(), dtype=float32)", None, 3, [("loss", 0.5), ("acc", 0.9)]),
    ("epoch 3, loss: <tf.Tensor: shape=(), dtype=float32, numpy=0.5>, acc: array([0.9])", None, 3, [("loss", 0.5), ("acc", 0.9)]),
    ("epoch 3 OrderedDict([('loss', 0.5), ('top1', 0.25)])", None, 3, [("loss", 0.5), ("top1", 0.25)]),
    ("epoch 3 test result: [('recall@5', 0.15), ('ndcg@5', 0.5)]", None, 3, [("test/recall@5", 0.15), ("test/ndcg@5", 0.5)]),
    (
        "{'epoch': 3, 'train': {'loss': 0.5, 'acc': 0.9}, 'val': {'loss': 0.6}}",
        None,
        3,
        [("train/loss", 0.5), ("train/acc", 0.9), ("val/loss", 0.6)],
    ),
    ("Epoch 3: train={'loss': 0.5} val_metrics={'loss': 0.6}", None, 3, [("train/loss", 0.5), ("val/loss", 0.6)]),
    ("Epoch 3 loss: {'train': 0.5, 'valid': 0.6}", None, 3, [("train/loss", 0.5), ("val/loss", 0.6)]),
    ("epoch 3 acc: (train=0.7, test=0.6) nll: (train=-0.5)", None, 3, [("train/acc", 0.7), ("test/acc", 0.6), ("train/nll", -0.5)]),
    ("step=1,loss=11.5,grad_norm={'0_default': 63.67, '1_fp32': 0.5},lr=0.1", 1, None,
        [("loss", 11.5), ("grad_norm/0_default", 63.67), ("grad_norm/1_fp32", 0.5), ("lr", 0.1)]),
    ("epoch 3: {'loss': {'train': 0.5, 'val': 0.6}}", None, 3, [("train/loss", 0.5), ("val/loss", 0.6)]),
    ("epoch 3 metrics: {'loss': 0.5}", None, 3, [("loss", 0.5)]),
    ("epoch 3 mAP (IoU=0.5): 0.7, mAP (IoU=0.50:0.95): 0.6", None, 3, [("mAP (IoU=0.5)", 0.7), ("mAP (IoU=0.50:0.95)", 0.6)]),
    ("epoch 3 AP at IoU=0.75: 0.7, F1 at threshold 0.5: 0.8", None, 3, [("AP at IoU=0.75", 0.7), ("F1 at threshold 0.5", 0.8)]),
    ("epoch 3 Accuracy (threshold=0.5) = 0.7", None, 3, [("Accuracy (threshold=0.5)", 0.7)]),
    ("---Epoch.3 Train Log-Loss per event: 0.25.", None, 3, [("Train Log-Loss per event", 0.25)]),
    ("Class 3: Acc 0.5, IoU 0.25", 0, None, [("Class 3/Acc", 0.5), ("Class 3/IoU", 0.25)]),
    ("client 3 loss 0.5", 0, None, [("loss", 0.5)]),
    ("beam=4 score=0.5", 0, None, [("score", 0.5)]),
    ("epoch:1 step:10 loss:.5 acc:1.", 10, 1, [("loss", 0.5), ("acc", 1.0)]),
    ("epoch 1, iter 10, loss: 0.5{'acc': 0.9}", 10, 1, [("loss", 0.5), ("acc", 0.9)]),
    ('Epoch 1, step 10: {"loss": 0.5, "acc": 0.9}', 10, 1, [("loss", 0.5), ("acc", 0.9)]),
    ("[Iter 10] [D loss: 0.500000] [G loss: 1.200000]", 10, None, [("D loss", 0.5), ("G loss", 1.2)]),
    ("global_step: 10 | loss/policy: -0.01 | loss/value: 0.5", 10, None, [("loss/policy", -0.01), ("loss/value", 0.5)]),
    ("epoch=3 train/loss=0.5 val/acc@1=0.9", None, 3, [("train/loss", 0.5), ("val/acc@1", 0.9)]),
    ("epoch: 3 top-1: 75.1 top-5: 92.3", None, 3, [("top-1", 75.1), ("top-5", 92.3)]),
    ("epoch 3: R@1 45.2 R@5 67.8", None, 3, [("R@1", 45.2), ("R@5", 67.8)]),
    ("epoch 3 mAP@0.5:0.95 0.45", None, 3, [("mAP@0.5:0.95", 0.45)]),
    ("epoch 3 mAP@0.5: 0.45", None, 3, [("mAP@0.5", 0.45)]),
    ("Epoch 3 - BLEU: 27.5, ROUGE-L: 0.45", None, 3, [("BLEU", 27.5), ("ROUGE-L", 0.45)]),
    ("step 10: loss 0.5, grad norm 1.2, tokens/s 12,345", 10, None, [("loss", 0.5), ("grad norm", 1.2), ("tokens/s", 12345)]),
    ("Step 10, Train Loss = 0.5, Learning Rate = 0.001", 10, None, [("Train Loss", 0.5), ("Learning Rate", 0.001)]),
    ("step 10, train log-loss = 0.5", 10, None, [("train log-loss", 0.5)]),
    ("loss at step 10: 0.5", 10, None, [("loss", 0.5)]),
    ("Train Epoch: 1 [640/60000 (1%)]\tLoss: 2.300000", 640, 1, [("train/Loss", 2.3)]),
    ("Eval epoch 3: loss 0.4, acc 0.9", None, 3, [("val/loss", 0.4), ("val/acc", 0.9)]),
    ("[0/25][100/1583] Loss_D: 1.6 Loss_G: 5.1", 100, 0, [("Loss_D", 1.6), ("Loss_G", 5.1)]),
    ("Train: [0/300][10/1251]\teta 0:40:09 \tloss 6.9 (6.8)", 10, 0, [("train/loss", 6.9), ("train/loss_avg", 6.8)]),
    ("epoch 1 | 200/ 2983 batches | lr 20.00 | loss 7.63", 200, 1, [("lr", 20), ("loss", 7.63)]),
    ("step 10: 10915.1/s, 109.1/s/gpu LR: 0.1 Loss: 7.8 (7.9)", 10, None, [("LR", 0.1), ("Loss", 7.8), ("Loss_avg", 7.9)]),
    ("step 10 x torch.Size([64, 3]) loss 0.5", 10, None, [("loss", 0.5)]),
    ("[eval] iter 10: train 1.25 val 1.5 lr 7.5e-07", 10, None, [("train", 1.25), ("val", 1.5), ("lr", 7.5e-07)]),
    ("epoch 1, step 10, ips: 6.48 images/s mem: 12 MB acc: 0.9", 10, 1, [("ips", 6.48), ("mem", 12), ("acc", 0.9)]),
    ("val Loss: 0.2312 Acc: 0.9212 lr: 0.1", 0, None, [("val Loss", 0.2312), ("val/Acc", 0.9212), ("lr", 0.1)]),
    ("Train Loss: 0.5 Val Loss: 0.4 Acc: 0.9", 0, None, [("Train Loss", 0.5), ("Val Loss", 0.4), ("Acc", 0.9)]),
    ("{'loss': [0.5], 'val_loss': [0.75]}", 0, None, [("loss", 0.5), ("val_loss", 0.75)]),
    ("Epoch 2 average dice:  [ 0.75  0.5    0.25 ] dicemean: 0.5", None, 2, [
        ("average dice[0]", 0.75), ("average dice[1]", 0.5), ("average dice[2]", 0.25), ("dicemean", 0.5),
    ]),
    ("\tBE loss: 0.25 [repeated 9x across cluster]", 0, None, [("BE loss", 0.25)]),
    ("2026-01-02 03:04:05: MSE\t0.25", 0, None, [("MSE", 0.25)]),
    ("| Generate test with beam=4: bleu_score=21.5", 0, None, [("bleu_score", 21.5)]),
    ("[E 0 | it 400] loss {total 2.500E+00, last 1.250E+00, confidence 5.000E-01}", 400, 0, [
        ("total", 2.5), ("last", 1.25), ("confidence", 0.5),
    ]),
    ("[*] [ep3]  (name)  Lm: 0.25, Lt: 0.5", None, 3, [("Lm", 0.25), ("Lt", 0.5)]),
    ("[7] Ep 3: Loss=0.25 P=0.5", None, 3, [("Loss", 0.25), ("P", 0.5)]),
    ("run | Ep 3 | steps=85 | reward_mean=2.25", None, 3, [("reward_mean", 2.25)]),
    ("V7, EP003, Loss:0.25, AUC:0.5", None, 3, [("Loss", 0.25), ("AUC", 0.5)]),
    ("Epochs: 2/9 || Iters: 5/100 || Lr: 0.1 || Loss: 0.5", 5, 2, [("Lr", 0.1), ("Loss", 0.5)]),
    ("epoch: 1 / 9, steps: 5 / 100, loss: 0.5, speed: 1.5 step/s", 5, 1, [("loss", 0.5), ("speed", 1.5)]),
    ("batch_iter=5 train_loss=0.5", 5, None, [("train_loss", 0.5)]),
    ("loss 0.5 in it 3, acc 0.75", 0, None, [("loss", 0.5), ("acc", 0.75)]),
    ("Loss epoch 3 | train 0.25 | test 0.375", None, 3, [("train/Loss", 0.25), ("test/Loss", 0.375)]),
    ("step 3, k=20: test_map = 0.25, test_recall = 0.5", 3, None, [("test_map", 0.25), ("test_recall", 0.5)]),
    ("Dice: [0.71, np.float32(0.83)]", 0, None, [("Dice[0]", 0.71), ("Dice[1]", 0.83)]),
    ("Run: 02, Epoch: 01, Loss: 2.44, size: 640", None, 1, [("Loss", 2.44)]),
    ("\tepoch 3, StreamForgetting/eval_phase/test_stream = 0.25", None, 3, [("StreamForgetting/eval_phase/test_stream", 0.25)]),
    ("epoch 3, AP @ IoU=0.50:0.95 = 0.25, mAP@IoU=0.5: 0.5", None, 3, [("AP @ IoU=0.50:0.95", 0.25), ("mAP@IoU=0.5", 0.5)]),
    ("Epoch 3 Train, reg:0.25, mae:9.5, Cost: 675.8 sec", None, 3, [("train/reg", 0.25), ("train/mae", 9.5)]),
    ("epoch 3, loss 0.5, cost 12.5s", None, 3, [("loss", 0.5)]),
    ("epoch 3, cost: 0.25", None, 3, [("cost", 0.25)]),
    ('{"itr": 200, "FID": 173.5, "_stamp": 1551403232.25}', 200, None, [("FID", 173.5)]),
    ('{"epoch": "3/196", "iter": "10/1000", "loss": 0.5, "time": 0.4}', 10, 3, [("loss", 0.5), ("time", 0.4)]),
    ("epoch: 1 step: 1875, loss is 0.0512", 1875, 1, [("loss", 0.0512)]),
    ("Epoch 1: Val acc is 86.5%", None, 1, [("Val acc", 86.5)]),
    ("Episode 10 | Average reward over the last 50 games: 3.5", 10, None, [("Average reward", 3.5)]),
    ("Epoche 3/10 - Verlust: 0,5123 - Genauigkeit: 91,25 %", None, 3, [("Verlust", 0.5123), ("Genauigkeit", 91.25)]),
    ("Epoch 3 | Loss: 2,3026 | Val Loss: 0,512 | LR: 0,001", None, 3, [("Loss", 2.3026), ("Val Loss", 0.512), ("LR", 0.001)]),
    ("Época 3, Pérdida: -0,75, Precisión: 0,5", None, 3, [("Pérdida", -0.75), ("Precisión", 0.5)]),
    ("Epoch 3: loss = 12,345 acc = 1,234.5", None, 3, [("loss", 12345), ("acc", 1234.5)]),
    ("episode: 10; reward (best):  -9 ( -2); score (best): 0.5 (0.75)", 10, None, [("reward", -9), ("score", 0.5)]),
    ("Epoch 3 (train) loss=0.5, (test) loss=0.6", None, 3, [("train/loss", 0.5), ("test/loss", 0.6)]),
    ('Epoch 3: {"train": {"loss": 0.5}, "val": {"loss": 0.6}}', None, 3, [("train/loss", 0.5), ("val/loss", 0.6)]),
    ("Epoch 3: train loss -> 0.5, val loss -> 0.6", None, 3, [("train loss", 0.5), ("val loss", 0.6)]),
    ("step 3 | a: loss=0.5, acc=28%; b: loss=0.6, acc=29%", 3, None, [("a/loss", 0.5), ("a/acc", 28), ("b/loss", 0.6), ("b/acc", 29)]),
    ("Epoch 3 Loss: 0.5 Loss: 0.6", None, 3, [("Loss", 0.5), ("Loss", 0.6)]),
    ("After 3 epochs, training loss is 0.5 and test accuracy is 60.0%", None, 3, [("training loss", 0.5), ("test accuracy", 60)]),
    ("Episode 10 Mean Score last 25 episodes = 12.5", 10, None, [("Mean Score", 12.5)]),
    ("   3 train loss:  0.25000 test acc: 68.50%", 3, None, [("train loss", 0.25), ("test acc", 68.5)]),
    ("7\tloss=0.5\tval_acc=0.25", 7, None, [("loss", 0.5), ("val_acc", 0.25)]),
    ("batch i:3, episode_len:46", 3, None, [("episode_len", 46)]),
    ("Epoch 2 Update 500 Cost 174.5 PD 0.03 UD 3.5", 500, 2, [("Cost", 174.5), ("PD", 0.03), ("UD", 3.5)]),
    ("step 10, eval_success_once_mean=0.5", 10, None, [("eval_success_once_mean", 0.5)]),
    ("class loss is 0.5, the angle loss is 0.25.", 0, None, [("class loss", 0.5), ("angle loss", 0.25)]),
    ("result: {'top_1_accuracy': 0.75, 'loss': 0.5} ckpt= ./a-1_25.ckpt", 0, None, [("top_1_accuracy", 0.75), ("loss", 0.5)]),
    ("Score for fold 2: loss of 0.5; accuracy of 62.5%", 0, None, [("loss", 0.5), ("accuracy", 62.5)]),
    ("Validation: accuracy of 0.75 and loss of 0.5", 0, None, [("val/accuracy", 0.75), ("val/loss", 0.5)]),
    ("Epoch is [2/60], mini-batch is [3/90], time consumption is 0.9, b_loss is 1.5", 93, 2, [("b_loss", 1.5)]),
    ("Epoch 1, Step 25, avg loss so far is 0.5", 25, 1, [("avg loss", 0.5)]),
    ("Starting epoch 1 current lr is 0.001", None, 1, [("current lr", 0.001)]),
    ("Train loss for this epoch: 0.5", 0, None, [("Train loss", 0.5)]),
    ("Mean test loss of 796 batches: 1.5.", 0, None, [("Mean test loss", 1.5)]),
    ("epoch: {1/300}, step: {2/4}, loss : {0.5}, lr : {0.001}", 2, 1, [("loss", 0.5), ("lr", 0.001)]),
    ("<epoch: 10, iter:   5,000, Average PSNR : 28.83dB", 5000, 10, [("Average PSNR", 28.83)]),
    ("Testing performance in val model: m_dice : 0.5 hd95_err : 31", 0, None, [("test/m_dice", 0.5), ("test/hd95_err", 31)]),
    ("CMC curve, Rank-1  :94.1%", 0, None, [("Rank-1", 94.1)]),
    ("Epoch 3 done. Time per batch: 0.25[s] Speed: 64.5[samples/s]", None, 3, [("Time per batch", 0.25), ("Speed", 64.5)]),
    ("epoch 3 loss_a, loss_b: 0.5 0.25", None, 3, [("loss_a", 0.5), ("loss_b", 0.25)]),
    ("loss_a,weight_b 0.5 2", 0, None, [("loss_a", 0.5), ("weight_b", 2)]),
    ("CP: 0.917, CR: 0.614, CF1 :0.736", 0, None, [("CP", 0.917), ("CR", 0.614), ("CF1", 0.736)]),
    ("OP: 0.918, OR: 0.729, OF1 0.813", 0, None, [("OP", 0.918), ("OR", 0.729), ("OF1", 0.813)]),
    ("MPJPE: 45.25 | PA-MPJPE: 32.5", 0, None, [("MPJPE", 45.25), ("PA-MPJPE", 32.5)]),
    ("mean_dice: 0.5, hd95: 8.5", 0, None, [("mean_dice", 0.5), ("hd95", 8.5)]),
    ("abs_rel: 0.115, sq_rel: 0.903, a1: 0.877", 0, None, [("abs_rel", 0.115), ("sq_rel", 0.903), ("a1", 0.877)]),
    ("MeanIU: 0.5, FWIoU: 0.25", 0, None, [("MeanIU", 0.5), ("FWIoU", 0.25)]),
    ("epoch 3 EPE: 0.5, 1px: 5.5, 3D AP: 0.25", None, 3, [("EPE", 0.5), ("1px", 5.5), ("3D AP", 0.25)]),
    ("epoch 3 loss: 0.5 iter time: 1.5 s max mem: 18 MB", None, 3, [("loss", 0.5), ("iter time", 1.5), ("max mem", 18)]),
    ("val_loss 0.5 val/abs_diff 0.25 val/a1 0.75", 0, None, [("val_loss", 0.5), ("val/abs_diff", 0.25), ("val/a1", 0.75)]),
    ("Sample: 8, Validation pixAcc: 0.25, mIoU: 0.125", 0, None, [("Validation pixAcc", 0.25), ("val/mIoU", 0.125)]),
    ("i: 4, train_loss: 1.25, size_loss: 0.5", 4, None, [("train_loss", 1.25), ("size_loss", 0.5)]),
    ("Train Loss: 0.5 Acc: 80% Val Loss: 1 Acc: 7%", 0, None, [("Train Loss", 0.5), ("train/Acc", 80), ("Val Loss", 1), ("val/Acc", 7)]),
    ("[001/080] 12.34 sec(s) Train Acc: 0.51 Val Acc: 0.41", 1, None, [("Train Acc", 0.51), ("Val Acc", 0.41)]),
    ("ep 10 | reward 21.5", None, 10, [("reward", 21.5)]),
    ("10/100 loss 0.5 acc 0.9", 10, None, [("loss", 0.5), ("acc", 0.9)]),
    ("Loss: 0.5", 0, None, [("Loss", 0.5)]),
    ("step 10 loss 0.5 loss_weight 0.1", 10, None, [("loss", 0.5), ("loss_weight", 0.1)]),  # a setting beside a metric
    ("INFO: Epoch 1, Step 10, loss = 0.5 (1.234 sec/step)", 10, 1, [("loss", 0.5)]),
    ("TIMESTEP 7 / STATE explore / ACTION 1.0 / EPSILON 0.1 / REWARD -1", 7, None, [("ACTION", 1), ("EPSILON", 0.1), ("REWARD", -1)]),
    ("step 10 | loss_D 1.2 | D(real) +0.05 | D(G(z)) -0.2", 10, None, [("loss_D", 1.2), ("D(real)", 0.05), ("D(G(z))", -0.2)]),
    ("t=0050 | eps=0.199 | r=0.475 | H=0.5", 50, None, [("eps", 0.199), ("r", 0.475), ("H", 0.5)]),
    ("Episode 3/10 | Loss: 2.5 | ε: 0.95", 3, None, [("Loss", 2.5), ("ε", 0.95)]),
    (">>> test acc on best model = 0.76", 0, None, [("test acc", 0.76)]),
    ("Test completed. s_bleu: 0.25. meteor: 0.5. ", 0, None, [("test/s_bleu", 0.25), ("test/meteor", 0.5)]),
    ("VALIDATION CLASSIFICATION RATE:0.9687", 0, None, [("VALIDATION CLASSIFICATION RATE", 0.9687)]),
    ("epoch 3 loss = 0.5 best val acc = 0.75", None, 3, [("loss", 0.5)]),
    ("Evaluating...  Score: -5.5, Market Return: 18.5%", 0, None, [("val/Score", -5.5), ("val/Market Return", 18.5)]),
    ("epoch 1, minibatch 120/120, test error of best model 8.5 %", 120, 1, [("test error", 8.5)]),
    ("Pre-training layer 0, epoch 3, cost  0.25", None, 3, [("cost", 0.25)]),
    ("[NEW BEST] Epoch #3: train_loss=0.5, val_loss=0.6, time=0.9s", None, 3, [("train_loss", 0.5), ("val_loss", 0.6), ("time", 0.9)]),
    ("Generation 3: best 0.9, mean fitness: 0.5", 3, None, [("mean fitness", 0.5)]),
    ("Success Rate: 97.5%", 0, None, [("Success Rate", 97.5)]),
    ("epoch 0: train loss :: 1.5, train acc :: 0.4, dev acc :: 0.3", None, 0, [("train loss", 1.5), ("train acc", 0.4), ("dev acc", 0.3)]),
    ("Epoch 5, model_name='20% pruned' Val acc = 0.9", None, 5, [("Val acc", 0.9)]),
    ("Initial: head: Default, loss=1.5, RMSE_E=512.5 meV", 0, None, [("loss", 1.5), ("RMSE_E", 512.5)]),
    ("step 10 hit ratio 0.5", 10, None, [("hit ratio", 0.5)]),
    ("INFO:tensorflow:[100000] | gnorm 15.5 lr  0.00025 | loss  5.5", 100000, None, [("gnorm", 15.5), ("lr", 0.00025), ("loss", 5.5)]),
    ("fpr: 0.0016", 0, None, [("fpr", 0.0016)]),
    ("Ridge_NMAE: 0.154", 0, None, [("Ridge_NMAE", 0.154)]),
    ("episodic returns: 29", 0, None, [("episodic returns", 29)]),
    ("dice_coef: 0.84", 0, None, [("dice_coef", 0.84)]),
    ("step:10/9536 loss 7.1 train_time:1.23s step_avg:123.21ms", 10, None, [("loss", 7.1), ("train_time", 1.23), ("step_avg", 123.21)]),
    ("iter_num 100, loss 1.2345, time 12.3ms", 100, None, [("loss", 1.2345), ("time", 12.3)]),
    ("    boolq (length-normalized accuracy)=0.2512", 0, None, [("boolq (length-normalized accuracy)", 0.2512)]),
    ("{'train/loss': 0.7, 'train/epoch': 0.27, 'train/global_step': 27}", 27, 0.27, [("train/loss", 0.7)]),
    ("{'loss': 0.7, 'global_step/max_steps': '27/100', 'percentage': '27.00%'}", 27, None, [("loss", 0.7)]),
    ("completed step: 10, TFLOP/s/device: 123.4, loss: 8.1", 10, None, [("TFLOP/s/device", 123.4), ("loss", 8.1)]),
    ("validate step: 100  loss:  5.1  memory:  9.00GiB(11.3%)", 100, None, [("val/loss", 5.1), ("val/memory", 9.0)]),
    ("step 3 | loss: 0.5 | global_batch_size: 8", 3, None, [("loss", 0.5)]),
    ("[12:30:05] Epoch 3 Loss 0.5", None, 3, [("Loss", 0.5)]),
    ("step 10 \x1b[1mloss\x1b[0m: \x1b[32m0.5\x1b[0m", 10, None, [("loss", 0.5)]),
    ("step 10 loss: 0.5\r", 10, None, [("loss", 0.5)]),
    ('{"type": "eval", "global_step": 20, "metrics": {"loss": 0.5}}', 20, None, [("val/metrics.loss", 0.5)]),
    ('{"event": "validation finished", "step": 20, "val_loss": 0.5}', 20, None, [("val_loss", 0.5)]),
    ('{"event": "train_step", "step": 20, "loss": 0.5}', 20, None, [("loss", 0.5)]),
    ("Iter: 2000 Time(1000 iters): 2.5s Loss: 0.25", 2000, None, [("Time", 2.5), ("Loss", 0.25)]),
    ('{"mode": "val", "epoch": 2, "iter": 500, "bbox_mAP": 0.374}', None, 2, [("val/bbox_mAP", 0.374)]),
    ('2026-01-02 03:04:05 | INFO | valid | {"epoch": 1, "valid_loss": "4.5", "valid_num_updates": "100"}', 100, 1, [("valid_loss", 4.5)]),
    ('{"loss": 0.5, "epoch": 0.1, "global_step/max_steps": "93/936"}', 93, 0.1, [("loss", 0.5)]),
    ("Epoche 3/10 - Verlust: 0.5 - Genauigkeit: 0.9", None, 3, [("Verlust", 0.5), ("Genauigkeit", 0.9)]),
    ("Schritt 10: Trainingsverlust 0.5, Validierungsverlust 0.6", 10, None, [("Trainingsverlust", 0.5), ("Validierungsverlust", 0.6)]),
    ("第3轮 训练损失: 0.5 验证准确率: 90.1%", None, 3, [("训练损失", 0.5), ("验证准确率", 90.1)]),
    ("第 15 回合 | 总奖励 13.5 | 胜率 0.5", 15, None, [("总奖励", 13.5), ("胜率", 0.5)]),
    ("回合: 16, 得分: 14.5, 探索率: 0.12", 16, None, [("得分", 14.5), ("探索率", 0.12)]),
    ("Época 6/10 - pérdida: 0.21 - exactitud: 0.92", None, 6, [("pérdida", 0.21), ("exactitud", 0.92)]),
    (
        "Época 3: perda de treinamento = 0.5, perda de validação = 0.6",
        None,
        3,
        [("perda de treinamento", 0.5), ("perda de validação", 0.6)],
    ),
    ("Époque 5/10 - perte: 0.25 - précision: 0.91", None, 5, [("perte", 0.25), ("précision", 0.91)]),
    ("[Эпоха 3] Ошибка обучения: 0.5 | Точность: 0.6", None, 3, [("Ошибка обучения", 0.5), ("Точность", 0.6)]),
    ("에폭 9/10 손실: 0.16 정확도: 0.95", None, 9, [("손실", 0.16), ("정확도", 0.95)]),
    ("第 10/100 步, 损失=0.5, 学习率=0.1", 10, None, [("损失", 0.5), ("学习率", 0.1)]),
    ("Epoch 3, 训练集loss: 0.5, 测试集acc: 0.9", None, 3, [("训练集loss", 0.5), ("测试集acc", 0.9)]),
    ("エポック 3/10 損失: 0.5 精度: 0.9", None, 3, [("損失", 0.5), ("精度", 0.9)]),
    ("Phase: val | epoch: 3 | loss: 0.5", None, 3, [("val/loss", 0.5)]),
    ("mode=train epoch=3 loss=0.5", None, 3, [("train/loss", 0.5)]),
    ("test epoch: 3 loss: 0.5", None, 3, [("test/loss", 0.5)]),
    ("Epoch 3 [train] loss: 0.5 [val] loss: 0.6", None, 3, [("train/loss", 0.5), ("val/loss", 0.6)]),
    ("Meta Train Error 0.5", 0, None, [("Meta Train Error", 0.5)]),
    ("Validation accuracy: 0", 0, None, [("Validation accuracy", 0.0)]),
    ("Test accuracy: 98", 0, None, [("Test accuracy", 98.0)]),
    ("Progress: 20% | loss: 0.5", 0, None, [("loss", 0.5)]),
    ("step 10: alpha_loss 0.5 loss_alpha 0.25", 10, None, [("alpha_loss", 0.5), ("loss_alpha", 0.25)]),
    ("Steps:   0%|    | 0/99 [00:00<?, ?it/s]Steps:  10%|#   | 10/99 [00:05<08:15, 2.00it/s, loss=0.5]", 10, None, [("loss", 0.5)]),
    ("Epoch 1/5 [#####-----] 50/100 loss=0.5 acc=0.9", 50, 1, [("loss", 0.5), ("acc", 0.9)]),
    ("[=====>....] 10/100 | loss 0.5", 10, None, [("loss", 0.5)]),
    ("{'current_steps': 10, 'loss': 0.5}", 10, None, [("loss", 0.5)]),
    ("step 10 | elapsed time per iteration (ms): 20.5 | loss: 0.5", 10, None, [("elapsed time per iteration (ms)", 20.5), ("loss", 0.5)]),
    ("Epoch 3, train: {'loss': 0.5}, val: {'loss': 0.6}", None, 3, [("train/loss", 0.5), ("val/loss", 0.6)]),
    ("Epoch-3: loss 0.5", None, 3, [("loss", 0.5)]),
    ("Epoch_3 loss 0.5", None, 3, [("loss", 0.5)]),
    ("Training loss (epoch 3) = 0.5", None, 3, [("Training loss", 0.5)]),
    ("Training Loss Epoch: 0.5", 0, None, [("Training Loss Epoch", 0.5)]),
    ('time="2026-01-02T03:04:05Z" level=info msg="trained" epoch=3 loss=0.5', None, 3, [("loss", 0.5)]),
    ("2026-01-02 03:04:05 [info     ] epoch done                     acc=0.9 epoch=3 loss=0.5", None, 3, [("acc", 0.9), ("loss", 0.5)]),
    ("Loss after mini-batch   500: 0.5", 500, None, [("Loss", 0.5)]),
    ("epoch 3 Validierung: Verlust = 0.5", None, 3, [("val/Verlust", 0.5)]),
    ("[3] loss: 0.5", 3, None, [("loss", 0.5)]),
    ("#3: loss 0.5, acc 0.9", 3, None, [("loss", 0.5), ("acc", 0.9)]),
    ("Epochs: 3 | Loss: 0.5", None, 3, [("Loss", 0.5)]),
    ("Epochs 3/8. Running Loss:    0.5250", None, 3, [("Running Loss", 0.525)]),
    ("epoch 3, val, loss=0.5, acc=0.9", None, 3, [("val/loss", 0.5), ("val/acc", 0.9)]),
    ("epoch 3: loss (train/val): 0.5 / 0.6", None, 3, [("train/loss", 0.5), ("val/loss", 0.6)]),
    ("[step 3] loss=0.5 rewards(c/r)=-0.25/0.75", 3, None, [("loss", 0.5), ("rewards(c)", -0.25), ("rewards(r)", 0.75)]),
    ("[step 3] box IoU (ground/3D): 0.5 / 0.25", 3, None, [("box IoU(ground)", 0.5), ("box IoU(3D)", 0.25)]),
    ("epoch 3 - Average PSNR/SSIM(RGB): 32.5 dB; 0.75", None, 3, [("Average PSNR", 32.5), ("SSIM(RGB)", 0.75)]),
    ("epoch 3, PSNR/SSIM: 32.5, 0.75, lr: 0.1", None, 3, [("PSNR", 32.5), ("SSIM", 0.75), ("lr", 0.1)]),
    ("epoch 3 train/loss: 0.5, 0.9", None, 3, [("train/loss", 0.5)]),
    ("iter 3, loss: 0.5, m(mean/min/max): 0.5/0.25/0.75", 3, None, [("loss", 0.5), ("m(mean)", 0.5), ("m(min)", 0.25), ("m(max)", 0.75)]),
    ("Task: 2 Iter: 3 Train Loss: 0.5 Val Accuracy: 0.25", 3, None, [("Train Loss", 0.5), ("Val Accuracy", 0.25)]),
    ("epoch 3, server: 0, acc: 0.5", None, 3, [("acc", 0.5)]),
    ("epoch 3: bs=32, loss=0.5", None, 3, [("loss", 0.5)]),
    ("step 3 val_loss:0.5 stride:64", 3, None, [("val_loss", 0.5)]),
    ("epoch 3 | task: 0.5 | kd: 0.25 | loss: 0.75", None, 3, [("task", 0.5), ("kd", 0.25), ("loss", 0.75)]),
    (
        *("Epoch 3 Train/Val/Test/Best val/Final test acc: 0.5/0.6/0.7/0.8/0.9", None, 3),
        [("train/acc", 0.5), ("val/acc", 0.6), ("test/acc", 0.7), ("Final/test/acc", 0.9)],
    ),
    ("Epoch 3 | Train Micro f1 0.5 | Train Macro f1 0.25", None, 3, [("Train Micro f1", 0.5), ("Train Macro f1", 0.25)]),
    ("current epoch: 3 current mean dice: 0.5 best mean dice: 0.75 at epoch: 1", None, 3, [("current mean dice", 0.5)]),
    ("Ep_i \t3, the ep_r is \t0.5, the step is \t200", 3, None, [("ep_r", 0.5)]),
    ("Loss step 10:  0.5", 10, None, [("Loss", 0.5)]),
    ("test acc on test set = 0.5", 0, None, [("test acc on test set", 0.5)]),
    ("Total T:100 Episode: \t1 Total Reward: \t0.5", 1, None, [("Total Reward", 0.5)]),
    ("{'IC': 0.5, 'ICIR': 0.25, 'Rank IC': 0.75}", 0, None, [("IC", 0.5), ("ICIR", 0.25), ("Rank IC", 0.75)]),
    ("Epoch3: train 0.5, valid 0.6", None, 3, [("train", 0.5), ("valid", 0.6)]),
    ("train -0.512345, valid 0.612345", 0, None, [("train", -0.512345), ("valid", 0.612345)]),
    ("epoch 3 loss 0.5 (val 0.6)", None, 3, [("loss", 0.5), ("val", 0.6)]),
    ("it 10 | obj 0.5 | zeta nan | 12.5 ms", 10, None, [("obj", 0.5), ("zeta", NAN)]),
    ("epoch 3 it 10 loss 0.5", 10, 3, [("loss", 0.5)]),
    ("[Epoch 3, it 10] loss: 0.5", 10, 3, [("loss", 0.5)]),
    ("i: 10, loss: 0.5", 10, None, [("loss", 0.5)]),
    ("epoch=3 i=10 loss=0.5", 10, 3, [("loss", 0.5)]),
    ("n_iter=10 loss=0.5", 10, None, [("loss", 0.5)]),
    ("idx: 10, loss: 0.5", 10, None, [("loss", 0.5)]),
    ("epoch: 2/5, batch: 10/20, time: 0h 5min 39s 456ms, loss: 1.25", 30, 2, [("loss", 1.25)]),
    ("train ==> loss: 0.5 | valid ==> loss: 0.6", 0, None, [("train/loss", 0.5), ("val/loss", 0.6)]),
    ("Train >> loss: 0.5; Test >> loss: 0.6", 0, None, [("train/loss", 0.5), ("test/loss", 0.6)]),
    ("TRAIN\tloss: 0.5\tacc: 0.7 | eval\tloss: 0.6\tacc: 0.8", 0, None,
     [("train/loss", 0.5), ("train/acc", 0.7), ("val/loss", 0.6), ("val/acc", 0.8)]),
    ("(train) acc: 0.7, loss: 0.5   (eval) acc: 0.8, loss: 0.6", 0, None,
     [("train/acc", 0.7), ("train/loss", 0.5), ("val/acc", 0.8), ("val/loss", 0.6)]),
    ("Dev Epoch: 3 loss: 0.5", None, 3, [("val/loss", 0.5)]),
    ("Ep. 10 | Reward: 12.5", None, 10, [("Reward", 12.5)]),
    ("Frame: 1,000/10,000 | Reward: 12.5", 1000, None, [("Reward", 12.5)]),
    ("Game 10 - score 12.5", 10, None, [("score", 12.5)]),
    ("Gen 10: best fitness 12.5, mean fitness 3.5", 10, None, [("best fitness", 12.5), ("mean fitness", 3.5)]),
    ("Rollout 10: reward 12.5 +/- 3.5", 10, None, [("reward", 12.5)]),
    ("Rank0 Rollout 2 Step 3: policy_loss=0.5", 3, 2, [("policy_loss", 0.5)]),
    ("steps=1000 episodes=10 return=12.5", 1000, None, [("return", 12.5)]),
    ("t=1000 r=12.5 loss=0.5", 1000, None, [("r", 12.5), ("loss", 0.5)]),
    ("Average reward after 10 episodes: 12.5", 10, None, [("Average reward", 12.5)]),
    ("gen: 0.5 disc: 0.25 epoch 3", None, 3, [("gen", 0.5), ("disc", 0.25)]),
    ("Processed 640/2560 samples, loss 0.5", 640, None, [("loss", 0.5)]),
    ("10 | loss: 0.5 | acc: 0.25", 10, None, [("loss", 0.5), ("acc", 0.25)]),
    ("epoch 3\uff0closs\uff1a0.5\uff0cacc\uff1a0.9\u3002", None, 3, [("loss", 0.5), ("acc", 0.9)]),
    ("epoch 3\u3010train\u3011loss\uff1a0.5", None, 3, [("train/loss", 0.5)]),
    ("batch_id: 10 loss: 0.5", 10, None, [("loss", 0.5)]),
    ("[train] epoch:3 10/270 loss:0.5", 10, 3, [("train/loss", 0.5)]),
    ("Train | Epoch 3 | 10/200 | 1.23 it/sec | ce 6.1 | ppl 456.7", 10, 3, [("train/ce", 6.1), ("train/ppl", 456.7)]),
    ("(Steps: 10) train/generator_loss = 1.4567.", 10, None, [("train/generator_loss", 1.4567)]),
    ("[Train](10/100) average pos_loss: 0.5", 10, None, [("train/average pos_loss", 0.5)]),
    ("Task [ 0] updates[   10] train loss[0.5] remaining[0:01:23]", 10, None, [("train loss", 0.5)]),
    ("epoch:        3 | nupdates:         10 | train-WER: 56.70", 10, 3, [("train-WER", 56.7)]),
    ("10/21150 (epoch 0.002), train_loss = 4.1, time/batch = 0.95s", 10, 0.002, [("train_loss", 4.1), ("time/batch", 0.95)]),
    ("Validation: EM 65.43 F1 75.12 at step 10", 10, None, [("val/EM", 65.43), ("val/F1", 75.12)]),
    ("Epoch 3 - Validation BLEU: BLEU-1 65.43, BLEU-2 45.12", None, 3, [("val/BLEU-1", 65.43), ("val/BLEU-2", 45.12)]),
    ("F1Score: 0.8125", 0, None, [("F1Score", 0.8125)]),
    ("Pass 3, Batch 10, Cost 0.5, {'error_evaluator': 0.25}", 10, 3, [("Cost", 0.5), ("error_evaluator", 0.25)]),
    ("Test with Pass 3, Cost 0.5, {'error_evaluator': 0.25}", None, 3, [("test/Cost", 0.5), ("error_evaluator", 0.25)]),
    ("Epoch 3 - Train loss: 0.5, BLEU-1 65.43", None, 3, [("Train loss", 0.5), ("BLEU-1", 65.43)]),
    ("2026-01-02 03:04:05,678 [test] main.py[line:12] INFO: Epoch 0003 | Ave Loss: 5.5", None, 3, [("Ave Loss", 5.5)]),
    ("2026-01-02 03:04:05,678 [test] INFO: Epoch 0003 | Ave Loss: 5.5", None, 3, [("test/Ave Loss", 5.5)]),
    ("3 epoch, LR 0.001, LOSS 9.5, EER 3.1%, bestEER 2.9%", None, 3, [("LR", 0.001), ("LOSS", 9.5), ("EER", 3.1)]),
    ("epoch 1 batch 5/1,245 processed 16,416 batch-loss 22.2 epoch-elapsed 0h05m46s", 5, 1, [("batch-loss", 22.2)]),
    ("loss: 0.5, Performance is better... saving the model", 0, None, [("loss", 0.5)]),
    ("Epoch 3, TLOSS 5.6, MinDCF 0.12", None, 3, [("TLOSS", 5.6), ("MinDCF", 0.12)]),
    ("step  10 | loss_G 4.3 | sep 4.2 | phase_l 0.08 | rss 1501MB | 0.25s", 10, None, [("loss_G", 4.3), ("sep", 4.2), ("phase_l", 0.08)]),
    ("Epoch 3: v_rec 4.5e-01  rec 0.4  v_t2m/R01 1.32%", None, 3, [("v_rec", 0.45), ("rec", 0.4), ("v_t2m/R01", 1.32)]),
    ("Average Critic Gradient Magnitude: 0.00057", 0, None, [("Average Critic Gradient Magnitude", 0.00057)]),
    ("{'tokens_shape': (8, 338), 'policy_loss': 0.5}", 0, None, [("policy_loss", 0.5)]),
    ("{'cut': [False, True, False, False, False, False], 'policy_loss': 0.5}", 0, None, [("policy_loss", 0.5)]),
    ('{"epoch": 1, "update": 0.123, "loss": "4.5", "num_updates": "100", "lr": "1e-05"}', 100, 1, [("loss", 4.5), ("lr", 1e-05)]),
]

# What must give nothing, by what it is.
NOTHING = {
    "a row of a frame": ["8   cross_entropy  0.050       inf  0.250", "9   cross_entropy  0.050  0.125  nan", "train 0.5  nan  inf  0.25"],
    "a nested configuration": ["            interlevel_loss_mult=1.0,", "            loss_multiplier=0.5,"],
    "a count of tests": ["Pass 12, Fail 3, accuracy of the checker unknown"],
    "parts by number": ["Head 1 of 3 pruned at 0.5", "step#: 3 of the installation done", "style::epoch::3", "mean reward (100 episodes)"],
    "arguments": [
        "sampling with top-50: 0.75",
        "namespace(batch_size=64, epochs=14, loss=0.5, lr=1.0)",
        "Namespace(epoch=3, loss=0.5, lr=1.0)",
        "Namespace(batch_size=64, epochs=14, lr=1.0, gamma=0.7, seed=1, log_interval=10)",
        "args: batch_size=64 lr=0.01 loss_weight=0.5",
        "Best params: {'C': 1.0, 'kernel': 'rbf'} score: 0.93",
        "Params: {'C': 1.0, 'loss': 0.5}",
        "loss - alpha: 0.25",
        "the loss is in 0.1 - 0.5",
        "Run 3 of 5 took 12.5 s at a speed of 0.5",
        "Seed 1 is used, lr 0.1",
        "Fold 1 has 100 samples, accuracy threshold 0.5",
        "[ 3/56] C101  (n_items=100, BKS=28.5)",
        "Checkpoint: epoch=3  val_loss=0.25",
        "fin: mejor loss: 0.25",
        "Step 3: range - 0.5",
        "L_in: 5.5, L_out: 3.5",
        "L_rate: 0.25",
        "Alpha (forget/retain): 0.5  |  GA loss cap: 20.0",
        "loss_cfg: {'even': 0.5, 'odd': 0.25}",
        "loss_cfg: {'even': 2, 'odd': 3}",
        "loss_weight: {'even': 0.5, 'odd': 0.25}",
        "[12 : 30] of G : 0.5",
        "('lr', 0.25)",
        "('loss_weight', 0.5)",
        "('loss', 45)",
        "('Saved model to', 'runs/loss_0.25.pth')",
        "('conv1', torch.Size([64, 3, 7, 7]), 'loss', (8, 2))",
        "Best accuracy: 0.5, params: {'C': 1.0, 'loss': 0.5}",
        "Training done. Best acc 0.305 (epoch 3)",
        "Finished! Best val loss: 0.305, acc: 0.75",
        "Trying config: {'lr': 0.1}, epochs: 3, dropout: 0.5",
        "Epochs 10, lr 0.1, batch 32",
        "--lr 0.001 --batch-size 32 --loss mse --epochs 10",
        "+ python train.py --lr 0.1 --epochs 3 --loss-weight 0.5",
        "TrainingArguments(output_dir='out', learning_rate=5e-05, num_train_epochs=3.0, label_smoothing_factor=0.0)",
    ],
    "the beginning of an array": [
        "episode: 3 | rewards: [ -74.62    9.47  -67.4   -12.47",
        "Step 3 position: [ 0.25 0.5]",
        "Step 3 position: [0.25, 0.5]",
        "average dice: [0.75  0.5  0.25",
    ],
    "configuration": [
        "learning_rate: 0.001",
        "  loss_weight: 1.0",
        "最佳模型\N{FULLWIDTH COLON}Epoch 0043  Dice = 0.7401",
        "lr cycle 3: 0.5",
        "mini_batch = 4, batch = 64, time_steps = 1, train = 1 ",
        "Starting trial 3: alpha=0.0125, gamma=0.5",
        "batch 1 training: 11902MiB",
        "5-shot classification: 1-shot of 3.5",
        "meta: {'iteration': 3, 'train_loss': 0.5, 'value_loss': 0.25}",
        "iou_thres: 0.5, conf_thres: 0.25",
        "loss: mse",
        "eval_interval = 100",
        "cost_bbox: 5.0",
        "Verlustfunktion: 0.5",
        "{'learning_rate': 0.001, 'num_epochs': 10, 'loss_alpha': 0.5}",
        "损失权重: 0.5",
        "目标准确率 = 0.9",
        "  dropout: 0.1",
        "batch_size: 32",
        "max_grad_norm: 1.0",
        "accuracy_threshold: 0.9",
        "target_accuracy = 0.95",
        "score_thr: 0.05",
        "threshold 0.5: done",
        "loss threshold (thr=0.5): 0.25",
        "Class_weights: 0.5",
        "dtw:Not calculated",
        "T = 300 / 400 kelvin",
        "clamp(x, low, high) = 0.5",
        "weights: 12.5f4a, loss file: 3.5f0b",
        "The training needs a score of 0.5",
        "mAP @ IoU=0.50:0.95 of all",
        "kl_coef: 0.2",
        "entropy_coef = 0.01",
        "reward_scale: 1.0",
        "sin_error_factor: 1.0",
        "Model: resnet50, learning rate: 0.1, dropout: 0.5",
        "config: {'lr': 0.001, 'batch_size': 32, 'dropout': 0.1}",
        "{'lr': 0.001, 'batch_size': 32, 'dropout': 0.1, 'loss': 'mse'}",
        "nms: {'type': 'nms', 'iou_threshold': 0.5}",
        "Warmup steps: 500",
        "precision: 16",
        "mixed_precision: fp16",
        "train: 0.8, val: 0.1, test: 0.1",
        "Split sizes: train=40000 val=5000 test=5000",
        "Class weights: 0: 0.5, 1: 1.5",
        '{"name": "train", "version": "3.1", "port": 8080}',
    ],
    "profiles": [
        "step 3: 0.5 loss improvement",
        "Epoch 3: 0.5 min",
        "                          train_step loss         1.85%       5.167ms       100.00%     279.627ms      93.209ms             3",
        "client 3 has loss 0.5 items",
    ],
    "models": [
        "  (conv1): Conv2d(3, 64, kernel_size=(7, 7), stride=(2, 2), padding=(3, 3), bias=False)",
        "  (bn1): BatchNorm2d(64, eps=1e-05, momentum=0.1, affine=True, track_running_stats=True)",
        "  (loss): CrossEntropyLoss(label_smoothing=0.1)",
        "    betas: (0.9, 0.999)",
        "Total params: 25,557,032",
        "1 | loss      | CrossEntropyLoss | 0",
        "11.2 M    Trainable params",
    ],
    "environment": [
        "Python: 3.11.4 (main, Jul  5 2023, 13:45:01) [GCC 11.2.0]",
        "PyTorch: 2.0.1",
        "GPU 0: NVIDIA A100-SXM4-80GB",
        "| NVIDIA-SMI 525.105.17   Driver Version: 525.105.17   CUDA Version: 12.0     |",
        "| N/A   34C    P0    52W / 400W |      0MiB / 81920MiB |      0%      Default |",
        "GPU memory: 1.23 GB / 15.78 GB",
        "Successfully installed numpy-1.24.3 torch-2.0.1 loss-0.1",
        "Requirement already satisfied: numpy>=1.17 in ./venv/lib (1.24.3)",
    ],
    "addresses and times": [
        "Serving at 127.0.0.1:8080",
        "master_addr: 10.0.0.1 master_port: 29500",
        "rank: 0, local_rank: 0, world_size: 8",
        "Date: 2023-05-01",
        "time: 12:30:05",
        "real	0m3.456s",
    ],
    "files": [
        "-rw-r--r-- 1 user user 1234567 Jan  1 12:00 loss_0.123.png",
        "checkpoints/epoch=3-val_loss=0.25.ckpt",
        "12K\tlogs/loss=0.5",
        "Saving model to checkpoints/epoch=3-step=1000-val_loss=0.2512.ckpt",
        "Loaded checkpoint 'best.pt' (epoch 12, loss 0.123)",
        "Resuming from epoch 12, loss: 0.123",
        "Epoch 00003: val_loss improved from 0.50000 to 0.40000, saving model to best.h5",
    ],
    "downloads": [
        "  Downloading torch-2.0.1-cp311-cp311-manylinux1_x86_64.whl (619.9 MB)",
        "     ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━ 619.9/619.9 MB 2.1 MB/s eta 0:00:00",
        "Downloading model.safetensors: 100%|██████████| 548M/548M [00:05<00:00, 105MB/s]",
        "           Class      Images     Targets           P           R      mAP@.5  mAP@.5:.95: 100% 350/350 [04:06<00:00,  1.42it/s]",
        "validation accuracy: 40% 4/10 [00:06<00:10,  1.42it/s]",
        "Map: 100%|██████████| 25000/25000 [00:12<00:00, 2012.34 examples/s]",
        "Generating train split: 25000 examples [00:01, 14523.52 examples/s]",
    ],
    "failures": [
        '  File "train.py", line 120, in <module>',
        "    loss = criterion(output, target) * 0.5",
        "ValueError: Expected input batch_size (32) to match target batch_size (16).",
        "RuntimeError: CUDA out of memory. Tried to allocate 2.00 GiB (GPU 0; 15.78 GiB total capacity)",
        "│ │ loss       = tensor(0.6931, device='cuda:0')                             │ │",
        "│ │ step       = 120                                                         │ │",
        "│ ❱ 12     for epoch in range(3, 10):                                        │",
        "slurmstepd: error: *** JOB 12345 ON node01 CANCELLED AT 2023-05-01T12:00:00 DUE TO TIME LIMIT ***",
    ],
    "subscripts": ['df["val_loss"] = 0.5', "metrics['epoch 3']['loss'] = 0.25"],
    "sentences": [
        "Requires: a loss of 0.5 or less",
        "loading {'num_classes': 10} ckpt= ./a-1_25.ckpt",
        "Warning: accuracy of 0.5, which is chance",
        "Training on agent 3 reward scale 0.5",
        "An accuracy 0.5-0.7-0.9 is fine",
        "Precision: 0.5-0.75",
        "In the Swin-B test set: size = 224, depth = 4.5",
        "We expect a loss of about 2.3 at the start, and an accuracy of 0.1.",
        "The loss was 0.5 yesterday and 0.4 today",
        "Training will take 3 epochs of 100 steps",
        "Found 50000 images belonging to 10 classes",
        "* 4f2c1d8 Improve accuracy to 0.95 (#12)",
        "commit 4f2c1d8e9a7b3c6d5e4f3a2b1c0d9e8f7a6b5c4d",
        "Validation loss decreased (0.5 --> 0.4).  Saving model ...",
        "EarlyStopping counter: 3 out of 10",
    ],
    "heads of tables": [
        "Class            Images      Labels     P@.5iou     R@.5iou      mAP@.5  mAP@.5:.95",
        "    Class   Images  Labels      P        R   mAP@.5  mAP@.5:.95:   0%| | 0/9 [00:00<?, ?i",
    ],
    "numbers of which none is the value": [
        "Train loss 100 0.5", "loss_a,loss_b 0.5 0.25 0.125", "loss over the epoch 0.5 1.5", "Epoch 3: loss 0,5,0.25",
    ],
    "a tensor's text that ends before its value": ["loss: Tensor(shape=[1], dtype=float32, place=CUDAPlace(0), stop_gradient=True,"],
    "settings that tell how far a training may go": ["learning rate=0.004, batch size=98304, beta1=0.75, max epoch=20, eps=1.5e-07"],
    "repetitions": [
        "Best is trial 5 with value: 0.123.",
        "New best model: epoch 5, val_loss: 0.25",
        "Step 3, beam divergence 0.5 allowed",
        "Merging at a divergence of 0.25 between branches",
        "Best loss on the best model so far: 0.25",
        "Analyzing anchors... anchors/target = 4.25, Best Possible Recall (BPR) = 0.9975",
        "  保存最佳模型 (val_loss=3.2508)",
        "已加载模型权重 (epoch 3, loss: 0.5)",
        "wandb:      loss █▆▅▄▃▂▁",
        "wandb:      loss 0.123",
        "{'accuracy': [0.5, 0.75, 0.8], 'loss': [1.5, 1.25, 1.0], 'val_loss': [1.75, 1.5, 1.25]}",
        "wandb: Run data is saved locally in wandb/run-20230501_120000-abc123",
    ],
}  # fmt: skip


def _same(found: float, expected: float) -> bool:
    return math.isclose(found, expected) or (math.isnan(found) and math.isnan(expected))


@pytest.mark.parametrize(("line", "step", "epoch", "expected"), READ, ids=[row[0][:50] for row in READ])
def test_a_line_that_reports_progress_is_read(
    line: str, step: float | None, epoch: float | None, expected: list[tuple[str, float]]
) -> None:
    found = points(line + "\n")
    assert [p.metric for p in found] == [name for name, _ in expected]
    assert all(_same(p.value, value) for p, (_, value) in zip(found, expected, strict=True))
    assert {(p.step, p.epoch) for p in found} == {(step, epoch)}


@pytest.mark.parametrize(("kind", "line"), [(kind, line) for kind, lines in NOTHING.items() for line in lines])
def test_a_line_that_reports_none_gives_nothing(kind: str, line: str) -> None:
    assert points(line + "\n") == [], kind


def test_a_learning_rate_by_itself_is_one_once_the_training_has_begun() -> None:
    said = ["learning rate = 0.25", "current lr is 0.125", "Learning Rate for this epoch: 0.5", "->>lr:0.0625"]
    begun = points("\n".join([*said, "Epoch 3 loss 0.5", *said, ""]))
    assert [(p.metric, p.epoch, p.value) for p in begun] == [
        ("loss", 3, 0.5), ("learning rate", 3, 0.25), ("current lr", 3, 0.125), ("Learning Rate", 3, 0.5), ("lr", 3, 0.0625),
    ]  # fmt: skip
    assert points("Epoch 3 loss 0.5\nlr: 0.1\n\t * lr: 0.1\nlearning_rate: 0.1\n")[1:] == []  # as settings are written


def test_values_below_the_heading_of_a_split_are_of_its_data() -> None:
    found = points("Epoch [0]:\n\nTrain:\nobjective: 0.5\nacc_avg: 0.75\n\nValidation (OOD):\nobjective: 0.625\nacc_avg: 0.5\n")
    assert [(p.metric, p.value) for p in found] == [("objective", 0.5), ("acc_avg", 0.75), ("val/objective", 0.625), ("val/acc_avg", 0.5)]


def test_a_place_within_what_a_heading_says_ends_it_not() -> None:
    assert placed("train:\n  epoch: 3\n  loss: 0.5\n\nvalidation:\n  epoch: 3\n  loss: 0.25\n\ntrain:\n  epoch: 4\n  loss: 0.125\n") == [
        ("loss", None, 3.0, 0.5),
        ("val/loss", None, 3.0, 0.25),
        ("loss", None, 4.0, 0.125),
    ]


def test_several_evaluations_of_an_epoch_are_told_apart() -> None:
    assert placed("Epoch 3: train_loss=0.5\neval/mnli: loss=0.25\neval/qqp: loss=0.75\n") == [
        ("train_loss", None, 3.0, 0.5),
        ("val/mnli/loss", None, 3.0, 0.25),
        ("val/qqp/loss", None, 3.0, 0.75),
    ]


def test_exponents_of_single_precision_are_each_lines_own() -> None:
    exponents = ("f0", "f-1", "f-2", "f-3", "f-12", "f-3", "f2", "")
    found = points("".join(f"epoch {n} loss = 1.25{e}\n" for n, e in enumerate(exponents)))
    assert [p.value for p in found] == pytest.approx([1.25, 0.125, 0.0125, 0.00125, 1.25e-12, 0.00125, 125.0, 1.25])


def test_a_training_has_begun_with_the_first_value_below_a_header() -> None:
    text = "lr: 0.1\nepochs: 5\nEnd of epoch 0 / 5 \t Time Taken: 16.5 sec\nGenerator Loss: 38.5\nlearning rate = 0.0002\n"
    assert [(p.metric, p.epoch, p.value) for p in points(text)] == [("Generator Loss", 0, 38.5), ("learning rate", 0, 0.0002)]


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("Updating learning rate to 0.025", "learning rate"),
        ("Reduce learning rate on plateau: 0.025000", "learning rate"),
        ("decayed learning rate by a factor 0.5 to 0.025", "learning rate"),
        ("Changed learning rate. Current lr = 0.025", "Current lr"),
        ("[Epoch 3] Set learning rate to 0.025", "learning rate"),
        ("Current learning rate: [0.025]", "Current learning rate"),
        ("Adjusting learning rate of group 0 to 2.5000e-02.", "learning rate of group 0"),
        ("Epoch 00003: reducing learning rate of group 1 to 2.5000e-02.", "learning rate of group 1"),
        ("Epoch     3: reducing learning rate of group 0 to 2.5000e-02.", "learning rate of group 0"),
    ],
)
def test_what_a_scheduler_says_is_the_learning_rate_once_the_training_has_begun(line: str, name: str) -> None:
    assert [(p.metric, p.epoch, p.value) for p in points(f"Epoch 3 loss 0.5\n{line}\n")][1:] == [(name, 3, 0.025)]


def test_the_mean_over_clients_stands_at_its_round_without_their_percentiles() -> None:
    text = "--- Round 2 of 20: Training 10 Clients ---\ntrain_accuracy: 0.5, 10th percentile: 0.25, 50th percentile 0.5\n"
    assert [(p.metric, p.step, p.value) for p in points(text)] == [("train_accuracy", 2, 0.5)]


def test_values_below_what_a_ranker_is_evaluated_on_are_of_that_data() -> None:
    text = "step 10: loss 0.5\n>>>>> Ranker: Evaluating on test\nData : 40\nHit1 : 0.250000\nMRR  : 0.375000\n"
    assert [(p.metric, p.step) for p in points(text)] == [("loss", 10), ("test/Hit1", 10), ("test/MRR", 10)]
    assert [p.metric for p in points("step 10: loss 0.5\nNote: test whether it holds\nMRR  : 0.375000\n")] == ["loss", "MRR"]


def test_hostile_lines_around_a_training_change_nothing_in_it() -> None:
    training = [f"step {n}: loss {1 / n:.4f}, acc {n}.5%" for n in range(1, 40)]
    noise = [line for lines in NOTHING.values() for line in lines if not line.startswith(("Run 3", "Fold 1"))]  # which begin another
    mixed = [line for pair in zip(training, noise, strict=False) for line in pair]
    plain = [(p.metric, p.step, p.epoch, p.attempt, p.value) for p in points("\n".join(training) + "\n")]
    assert [(p.metric, p.step, p.epoch, p.attempt, p.value) for p in points("\n".join(mixed) + "\n")] == plain


@pytest.mark.parametrize(
    "stage",
    [
        "Step 6: Evaluating Model", "STEP 3: MODEL EVALUATION", "[Step 4] Model Training", "=== Step 2: Train the model ===",
        "Step 3/5 - Testing final model", "Step 5. Evaluate model on test set",
    ],
)  # fmt: skip
def test_a_stage_of_a_program_is_no_step_of_its_training(stage: str) -> None:
    assert [(p.step_kind, p.epoch, p.value) for p in points(f"{stage}\nRMSE: 0.25\n")] == [(COUNT, None, 0.25)]


@pytest.mark.parametrize("header", ["Step 6: validation", "Step 600: Running Validation", "Step 6", "[Step 6/10]", "Step 6: Results"])
def test_a_step_that_heads_values_is_theirs(header: str) -> None:
    step = 600 if "600" in header else 6
    assert [(p.step, p.value) for p in points(f"{header}\nRMSE: 0.25\n")] == [(step, 0.25)]


@pytest.mark.parametrize(
    "line",
    ["[test loss, test acc]: [0.5, 0.75]", "test loss, test acc: 0.5, 0.75", "test loss, test acc 0.5 0.75"],
)
def test_values_behind_as_many_names_are_theirs_in_turn(line: str) -> None:
    found = points(line + "\n")
    assert [(p.metric, p.value) for p in found] == [("test loss", 0.5), ("test acc", 0.75)]
    assert not points("loss weight, loss scale: 0.5, 0.75\n")


@pytest.mark.parametrize("best", ["New best accuracy: 0.75 at epoch 0", "New best acc: 75.0% (epoch 0)", "New best loss: 0.5 at epoch 0"])
def test_where_the_best_was_just_reached_says_nothing_of_the_values_below(best: str) -> None:
    found = points(f"Evaluation metrics: {{'f1': 0.5}}\n{best}\nEvaluation metrics: {{'f1': 0.25}}\n")
    assert [(p.metric, p.epoch, p.value) for p in found] == [("val/f1", None, 0.5), ("val/f1", None, 0.25)]
    assert [p.epoch for p in points("Epoch 3/10 (best: 0.5)\nval_loss: 0.25\n")] == [3]
    assert [p.epoch for p in points("Best validation accuracy: 0.75 (epoch 9)\nTest accuracy: 0.5\n")] == [9]  # of the model kept


def test_an_epoch_that_tells_its_time_by_the_clock_is_that_of_the_values_below() -> None:
    found = points("Runing Epoch 007  costs 00: 06: 24\n[Valid]: Recall: 0.5-0.25-0.125\ndev loss 24.5, rec 19.5, adv 4.5\n")
    assert [(p.metric, p.epoch) for p in found][2:] == [("val/Recall[2]", 7), ("dev loss", 7), ("val/rec", 7), ("val/adv", 7)]


def test_records_that_share_a_line_keep_their_own_places() -> None:
    found = points("step 10: loss 0.5, acc 0.1 step 20: loss 0.4, acc 0.2 step 30: loss 0.3, acc 0.3\n")
    assert [(p.step, p.metric, p.value) for p in found] == [
        (10, "loss", 0.5), (10, "acc", 0.1), (20, "loss", 0.4), (20, "acc", 0.2), (30, "loss", 0.3), (30, "acc", 0.3),
    ]  # fmt: skip
    assert len({(p.at, p.metric) for p in found}) == len(found)


def test_iterations_below_a_header_that_begin_anew_with_each_epoch_are_no_restart() -> None:
    text = "".join(f"epoch:{epoch}\n" + "".join(f"iter {n}, loss:[{epoch}.5{n}]\n" for n in (0, 200, 400)) for epoch in range(3))
    read = points(text)
    assert [(p.step, p.epoch) for p in read] == [(200 * n, n // 3) for n in range(9)]
    assert {p.attempt for p in read} == {0}


def test_iterations_below_headers_are_counted_alike_however_the_text_is_cut() -> None:
    for again in (0, 1):  # through all epochs, or anew in each
        counts = [(epoch, n) for epoch in range(3) for n in range(0, 3000, 10)]
        lines = [f"iter {n + 3000 * e * (1 - again)}, loss: 0.{n + 1}\n" if n else f"epoch:{e}\n" for e, n in counts]
        whole = points("".join(lines))
        one = parser()
        cut = [p for line in lines for p in one.feed(line.encode(), None).points] + list(one.flush(None).points)
        assert [(p.at, p.step, p.epoch) for p in cut] == [(p.at, p.step, p.epoch) for p in whole]
        assert [p.step for p in whole] == sorted({p.step for p in whole})


def test_a_header_may_tell_how_long_its_epoch_took() -> None:
    text = "".join(f"Epoch: 0{n} | Epoch Time: {n}m 12s\n\tTrain Loss: 0.{n} | Train Acc: 2{n}.5%\n" for n in (1, 2)) * 2
    assert placed(text) == [(name, None, n, value) for n in (1, 2) for name, value in (("Train Loss", n / 10), ("Train Acc", 20.5 + n))] * 2


def test_an_evaluation_that_counts_for_itself_is_no_restart() -> None:
    training = [f"step={n}, return={n / 10}" for n in range(100, 400, 100)]
    evaluation = [f"eval_episode={n}, return={n}.5" for n in range(3)]
    found = points("\n".join([*training, *evaluation, ""]))
    assert {p.attempt for p in found} == {0}
    assert [(p.metric, p.step) for p in found[3:]] == [("val/return", n) for n in range(3)]


def test_lines_of_one_shape_need_not_have_one_timestamp() -> None:
    rest = "10:00:00,123 - INFO - x - Epoch   1, Step:      {step}, Batch Loss:     {loss}, Lr: 0.000300\n"
    days = ["99992021-01-01", *["2021-01-01"] * 3]  # the first is no day, and its numbers stand for themselves
    text = "".join(f"{day} {rest.format(step=step, loss=step / 8)}" for step, day in enumerate(days, 100))
    found = [(p.step, p.value) for p in points(text) if p.metric == "Batch Loss"]
    assert found == [(step, step / 8) for step in range(100, 104)]


@pytest.mark.parametrize("clock", ["0h{:02d}m{:02d}s", "1d{:02d}h{:02d}m", "{}min{:02d}s", "0h{:02d}m{:02d}.5s", "{}m{}s"])
def test_lines_that_differ_in_their_clocks_have_one_shape(clock: str) -> None:
    lines = [f"step {i}: loss 0.{i} eta {clock.format(i, 10 + i)}" for i in range(10, 40)]
    assert len(set(map(shape, lines))) == 1
    assert [(p.metric, p.step) for p in points("\n".join(lines) + "\n")] == [("loss", i) for i in range(10, 40)]
    assert shape("conv2d3 loss") != shape("conv2d4 loss")


def test_a_line_may_hold_nothing_though_others_of_its_shape_do() -> None:
    line = (
        "2024-01-01T10:00:00 - 0 - tqdm_loggable.tqdm_logging - tqdm_logging.py:145 - INFO :: Progress on:train 1.07kit/10.0kit"
        " rate:1.2it/s remaining:2:03:45 elapsed:15:08 postfix:loss=5.12\n"
    )
    assert [point.value for point in parser().feed(f"{line}0{line}".encode(), None).points] == [5.12]


def test_a_line_that_counts_without_a_word_may_hold_a_flag_among_its_values() -> None:
    found = points("1/20000 train_loss: 9.0125 train_time: 0.5m tok/s: 8307551 looping:False\n")
    assert [(p.metric, p.value) for p in found if p.metric == "train_loss"] == [("train_loss", 9.0125)]


def test_an_arrow_may_join_a_name_to_its_value_and_no_value_to_its_new_one() -> None:
    found = points("[train] Step 100 out of 65536 | Loss --> 5.125 | Grad_l2 --> 1.25 |\nEpoch 3 train_loss -> 0.5\n")
    assert [(p.metric, p.step, p.value) for p in found[:2]] == [("train/Loss", 100, 5.125), ("train/Grad_l2", 100, 1.25)]
    assert [(p.metric, p.epoch, p.value) for p in found[2:]] == [("train_loss", 3, 0.5)]
    assert points("Accuracy: 0.91 -> 0.92\nRecall: 0.5 → 0.75 (+0.25)\n") == []


def test_a_program_that_a_log_begins_with_returns_no_metric() -> None:
    assert points("def get_lr(it):\n    if it < 5:\n        return 1.0\n    return 0.5\n") == []
    assert [p.value for p in points("episode 3\nreturn 12.5\n")] == [12.5]


def test_a_variable_in_a_traceback_is_no_header_of_a_frame() -> None:
    framed = "│ epoch = 7                    │"
    assert [p.epoch for p in points(f"Epoch 3\nloss: 0.5\n{framed}\nloss: 0.25\n")] == [3, 3]
    assert [p.epoch for p in points("Epoch 3\nloss: 0.5\n│ Epoch 7 │\nloss: 0.25\n")] == [3, 7]


@pytest.mark.parametrize(
    "below",
    [
        *("alpha: 0.25", "  alpha = 0.25", "  alpha: 25", "\n  alpha: 0.25", "  alpha: 0.25 s", "  best alpha: 0.25", "  dropout: 0.25"),
        *("  elapsed: 0.25", "  average forward time: 0.25"),
    ],
)
def test_what_stands_below_a_metric_and_is_written_otherwise_may_be_a_setting(below: str) -> None:
    assert [(p.metric, p.value) for p in points(f"Epoch 3\n  loss: 0.5\n{below}\n  acc: 0.75\n")] == [("loss", 0.5), ("acc", 0.75)]


def test_settings_are_none_before_a_training_has_begun() -> None:
    assert points("  loss: 0.5\n  alpha: 0.25\n  lr: 0.001\n") == points("  loss: 0.5\n")


@pytest.mark.parametrize(("line", "epoch"), [("training: 3 batch 40 loss: 0.5", 3), ("training: 3 batch sizes, loss: 0.5", None)])
def test_a_number_behind_training_is_the_epoch_where_a_batch_follows(line: str, epoch: float | None) -> None:
    assert {p.epoch for p in points(line + "\n")} == {epoch}


def test_a_topic_models_coherence_is_a_metric() -> None:
    assert placed("Num Topics = 4, Coherence = -0.0192\n")[-1] == ("Coherence", 0, None, -0.0192)
