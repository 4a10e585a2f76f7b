"""Starting the command line is instant: nothing heavy is imported before it is needed."""

import subprocess
import sys

HEAVY = ["torch", "cv2", "pandas", "datasets", "pyarrow", "numpy", "PIL", "pydantic", "webdataset"]


def _run(code, folder):
    """Outside the repository, whose folders would stand in for the installed package."""
    command = [sys.executable, "-c", code]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)


def test_help_imports_nothing_heavy(tmp_path):
    code = (
        "import sys\nfrom benchwright.cli import main\nsys.argv = ['benchwright', '--help']\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        f"print('heavy:', [name for name in {HEAVY} if name in sys.modules])"
    )
    ran = _run(code, tmp_path)
    assert "Usage: benchwright" in ran.stdout
    assert ran.stdout.rstrip().endswith("heavy: []")


def test_the_builders_never_import_torch(tmp_path):
    code = (
        "import sys, benchwright.builders.build, benchwright.builders.sample_checks\n"
        "print('torch' in sys.modules)"
    )
    assert _run(code, tmp_path).stdout.strip() == "False"
