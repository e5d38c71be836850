import json

import pytest

from keras_mtkd._storage import files


class TestFiles:
    def test_a_failed_write_leaves_the_old_file_and_nothing_else(self, tmp_path):
        path = tmp_path / "value.json"
        files.write_json(path, {"a": 1})

        def fail(partial):
            partial.write_text("half")
            raise OSError("No space left on device")

        with pytest.raises(OSError, match="No space left"):
            files.write_atomically(path, fail)
        assert json.loads(path.read_text()) == {"a": 1}
        assert list(tmp_path.iterdir()) == [path]

    def test_reading_what_is_not_there(self, tmp_path):
        assert files.read_json(tmp_path / "nothing.json") is None
