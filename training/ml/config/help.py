"""For each hyperparameter: what it does, and which symptom calls for another value."""

HELP: dict[str, str] = {
    "initializer": "How the weights start. He suits the ReLU family, Glorot suits tanh and sigmoid, LeCun "
    "and orthogonal deep networks; with zeros all neurons of a hidden layer stay alike.",
    "optimizer": "How a step follows from the gradient. Adam works almost everywhere; SGD is the bare idea; Adadelta "
    "wants a learning rate of about 1.",
    "learning_rate": "The size of a step. The loss jumps or becomes NaN → ten times lower; it falls too "
    "slowly → three times higher. SGD wants about 0.1, Adam about 0.001.",
    "momentum": "How much of the last step carries on into this one. The loss zigzags → 0.9; it overshoots "
    "→ lower.",
    "rho": "How long the optimiser remembers the size of past gradients: 0.9 is about the last 10 steps.",
    "beta_1": "How long Adam remembers the direction of past gradients: 0.9 is about the last 10 steps.",
    "beta_2": "How long Adam remembers the size of past gradients: 0.999 is about the last 1,000 steps.",
    "epsilon": "A small number that keeps the optimiser from dividing by zero. The first steps are wild → "
    "larger.",
    "weight_decay": "AdamW draws each weight towards zero by this share of the learning rate in each step. The "
    "validation loss rises while the training loss falls → 0.05.",
    "schedule": "How the learning rate changes over the training. The loss still jumps at the end → let it fall: "
    "cosine, or one cycle.",
    "decay_rate": "What the learning rate is multiplied by, each time so many epochs have passed.",
    "decay_epochs": "After how many epochs the factor applies once.",
    "power": "1 lets the learning rate fall in a straight line, 2 steeper at first.",
    "final_share": "Where the learning rate ends, as a share of where it starts.",
    "warmup_epochs": "Over so many epochs the learning rate rises from zero. The loss explodes at the start → 1.",
    "batch_size": "Images in a step. An epoch takes too long → more; the network gets stuck → fewer.",
    "epochs": "How often the training goes through all its images. The validation loss still falls → more.",
    "l1": "Pulls every weight towards zero by the same amount, so that many become zero. You want few strong "
    "weights → try 0.00001.",
    "l2": "Pulls the weights towards zero: l2 × weight is added to each gradient. The validation loss rises "
    "while the training loss falls → try 0.0001.",
    "loss": "What the training makes small. Cross-entropy learns fast from bad mistakes; quadratic is the "
    "squared distance from the right answer; hinge only asks that the right digit leads by 1. Learning starts "
    "slowly → cross-entropy.",
    "clip_norm": "The longest a step's gradient may be; 0 doesn't limit it. The loss jumps up at times, as with "
    "recurrent layers → 1.",
    "label_smoothing": "Takes this share of certainty from the right answer and spreads it over all ten. The "
    "network is too sure of its mistakes → 0.1.",
    "augment_shift": "Moves each image by up to so many pixels, anew in each epoch. Your own digits are read worse "
    "than the test's → 2.",
    "augment_rotate": "Turns each image by up to so many degrees. 10 to 15 are about how people differ.",
    "augment_scale": "Makes each image larger or smaller by up to this share: 0.1 is a tenth.",
    "augment_shear": "Slants each image by up to so many degrees, as handwriting does.",
    "augment_stroke": "Makes strokes thicker or thinner by up to so many pixels, as other pens do.",
    "augment_elastic": "Bends each image as a trembling hand would, by up to about so many pixels.",
    "augment_noise": "Adds grain: the spread of random brightness, as a share of white.",
    "class_balance": "How often each digit comes. Rare digits are read worse than the others → the same number.",
    "label_noise": "The share of training labels replaced by wrong ones, to see a network learn mistakes by heart.",
    "validation_split": "The share of the images kept aside to see how the network does on new ones. The "
    "validation curve is jagged → more.",
    "training_images": "How many images to use, validation included; empty means all. The training accuracy "
    "is far above the validation accuracy → more.",
    "seed": "The number behind all chance. The same seed repeats the same training; another one shows how "
    "much was luck.",
    "max_seconds": "Stops after so many seconds of training; empty for no limit.",
    "target_accuracy": "Stops as soon as the validation accuracy is at least this: 0.98 is 98 %; empty for none.",
    "patience": "Stops when so many epochs have brought nothing better; empty for never. The validation loss rises "
    "→ 3.",
    "monitor": "What better means: for patience, and for which weights are kept as the best.",
}
