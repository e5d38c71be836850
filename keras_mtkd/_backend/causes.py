"""What is shown above an error that quotes another one."""


def cause_of(error: BaseException) -> BaseException | None:
    """The error, to raise from, or `None` if it is one of this package's and has no cause.

    Errors of this package say all that there is to say, and who quotes them adds to it: a second
    traceback says no more. Others tell where a user's function or layer, or Keras, went wrong.

    Args:
        error: The error that is quoted, as it was caught.
    """
    if error.__cause__ is not None:
        return error
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    where = "" if trace is None else str(trace.tb_frame.f_globals.get("__name__", ""))
    return None if where.split(".")[0] == "keras_mtkd" else error
