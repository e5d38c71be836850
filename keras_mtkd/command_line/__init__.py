"""The command `keras-mtkd`: nothing here imports Keras before a command needs it."""
