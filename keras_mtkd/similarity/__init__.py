"""Task-by-task similarity, NumPy in and out, and its measurement on models."""

from keras_mtkd.similarity.cka import linear_cka, rbf_cka
from keras_mtkd.similarity.dds import dds
from keras_mtkd.similarity.gradients import gradient_cosine, gradient_similarity
from keras_mtkd.similarity.rsa import rsa
from keras_mtkd.similarity.task_similarity import task_similarity
from keras_mtkd.similarity.transference import transference

__all__ = [
    "dds",
    "gradient_cosine",
    "gradient_similarity",
    "linear_cka",
    "rbf_cka",
    "rsa",
    "task_similarity",
    "transference",
]
