"""Loss weightings as published, in double precision, and derivatives without a formula."""

import numpy as np

STEP = 1e-30


def derivative(function, at):
    """The gradient of a function of complex arrays, exact to rounding."""
    at = np.asarray(at, "complex128")
    steps = 1j * STEP * np.eye(len(at))
    return np.array([function(at + each).imag / STEP for each in steps])


def softmax(values):
    powers = np.exp(values)
    return powers / powers.sum()


def geometric_mean(losses):
    return np.prod(losses) ** (1 / len(losses))


def smooth_tchebycheff(losses, nadir, mu):
    return len(losses) * mu * np.log(np.sum(np.exp(np.log(losses / nadir) / mu)))


def dynamic_average(means, temperature):
    """Weights of the epoch that follows these epochs' mean losses."""
    if len(means) < 2:
        return np.ones(means[0].shape if means else ())
    return len(means[0]) * softmax(means[-1] / means[-2] / temperature)


def online(mean, reference, temperature, clip=np.inf):
    return len(mean) * softmax(np.minimum(mean / reference, clip) / temperature)


def prioritised(indicators, gamma, alpha):
    """Weights after the epochs with these indicators."""
    average = indicators[0]
    for now in indicators[1:]:
        average = alpha * now + (1 - alpha) * average
    return -((1 - average) ** gamma) * np.log(average)


class Adam:
    """As PyTorch writes it: decay goes into the gradient."""

    def __init__(self, start, rate, decay=0.0):
        self.value, self.rate, self.decay = np.array(start, "float64"), rate, decay
        self.first, self.second, self.count = 0.0, 0.0, 0

    def descend(self, gradient):
        gradient = gradient + self.decay * self.value
        self.count += 1
        self.first = 0.9 * self.first + 0.1 * gradient
        self.second = 0.999 * self.second + 0.001 * gradient**2
        mean = self.first / (1 - 0.9**self.count)
        square = self.second / (1 - 0.999**self.count)
        self.value = self.value - self.rate * mean / (np.sqrt(square) + 1e-8)


def adaptive_objective(shares, losses):
    """With the constant that makes its weights sum to 1."""
    constant = np.sum(shares / (losses + 1e-8))
    return lambda at: np.sum(np.log(at + 1e-8) * shares / constant)


def fast_adaptive(steps, rate, decay):
    """Weights of every step, where losses of a step are those after the step before."""
    logits, weights = Adam(np.zeros(len(steps[0])), rate, decay), []
    for number, losses in enumerate(steps):
        if number:
            fall = np.log(steps[number - 1] + 1e-8) - np.log(losses + 1e-8)
            shares = softmax(logits.value)
            jacobian = np.diag(shares) - np.outer(shares, shares)
            logits.descend(jacobian.T @ fall)
        weights.append(derivative(adaptive_objective(softmax(logits.value), losses), losses))
    return weights


def gradient_normalised(steps, alpha, rate):
    """Weights of every step of `(gradients, losses)`."""
    learned, weights = Adam(np.ones(len(steps[0][1])), rate), []
    for gradients, losses in steps:
        weights.append(learned.value)
        lengths = np.linalg.norm(gradients, axis=1)
        progress = losses / steps[0][1]
        wanted = np.mean(learned.value * lengths) * (progress / progress.mean()) ** alpha

        def apart(values, lengths=lengths, wanted=wanted):
            return np.sum(np.abs(values * lengths - wanted))

        slopes = [
            (apart(learned.value + step) - apart(learned.value - step)) / 2e-6
            for step in 1e-6 * np.eye(len(losses))
        ]
        learned.descend(np.array(slopes))
        learned.value = learned.value * len(losses) / learned.value.sum()
    return weights
