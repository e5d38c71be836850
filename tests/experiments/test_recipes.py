from keras_mtkd.experiments import Settings, recipe


def test_published_settings_of_nyuv2():
    settings = recipe("nyuv2")
    assert (settings.epochs, settings.learning_rate, settings.decay) == (200, 1e-4, "half")
    assert (settings.adaptor_learning_rate, settings.adaptor_decay) == (1e-1, "constant")
    assert settings.weight == {"semantic": 1.0, "depth": 1.0, "normal": 2.0}
    assert settings.adaptor_weight_decay == 5e-4
    assert recipe("something else") == Settings()
