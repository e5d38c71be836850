"""What methods of balancing are for, in a line each, as `keras-mtkd methods` shows them."""

# `{registered name: purpose}`. A method without a line has its family's.
PURPOSES = {
    # Weights of losses.
    "dwa": "More for tasks whose loss has stopped falling.",
    "dynamic_task_prioritization": "More for tasks that are still far from solved.",
    "famo": "Lets all losses fall at the same relative rate.",
    "gls": "Every loss counts by its relative change.",
    "imtl_l": "Learns to bring all losses to one scale.",
    "otw": "More for tasks that lag behind their teachers.",
    "rlw": "Random weights: a baseline for all the others.",
    "stch": "Most for the task that lags the most.",
    "uncertainty": "Learns to weigh tasks with noisy labels less.",
    # Weights of gradients.
    "aligned_mtl": "Evens out conflicts and lengths of gradients at once.",
    "cagrad": "Near the mean gradient, best for the task that gains least.",
    "cdtt": "EDM with a pull of limited strength to every task.",
    "conicgrad": "CAGrad's aim in a cone around the mean (a reconstruction).",
    "edm": "MGDA of directions: how long a gradient is does not matter.",
    "fairgrad": "A compromise between the largest sum of gains and equal gains.",
    "gdod": "Keeps directions on which all tasks agree (a reconstruction).",
    "gradnorm": "Learns weights by which tasks train at similar rates.",
    "gradvac": "Turns gradients until they agree as they usually do.",
    "imgrad": "CAGrad, mixed by how far one task dominates.",
    "imtl_g": "The same progress along every task's direction.",
    "mgda": "Harms no task: the shortest mixture of the gradients.",
    "multibalance": "Gradients of one length on average (a reconstruction).",
    "nash_mtl": "A bargain: the product of the tasks' gains is largest.",
    "pcgrad": "Takes out of each gradient what conflicts with another.",
    "upgrad": "Projects every gradient to where it harms no task.",
    # Gradients at more than one point.
    "cograd": "Seeks steps that help other tasks (a reconstruction).",
    "fs_mtl": "CAGrad that seeks flat minima, for unseen data.",
    "single_gradient_step": "Looks one step of each task ahead (a reconstruction).",
}
