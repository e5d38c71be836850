"""What other libraries gave (their files say how they were made)."""

import json
from pathlib import Path

FIXTURES = Path(__file__).parent / "fixtures"
LIBMTL = json.loads((FIXTURES / "libmtl.json").read_text("utf-8"))
TORCHJD = json.loads((FIXTURES / "torchjd.json").read_text("utf-8"))["cases"]
