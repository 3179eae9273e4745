"""What the web process loads when it starts."""

from __future__ import annotations

import subprocess
import sys

HEAVY = ("sklearn", "cleanlab", "faiss", "statsmodels", "pyarrow", "pandas", "scipy", "zxcvbn")


def test_the_web_process_loads_nothing_heavy():
    code = (
        "import sys, app.main; from app.settings import Settings; "
        "app.main.create_app(Settings(data='nowhere')); "
        f"print([name for name in {HEAVY} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
