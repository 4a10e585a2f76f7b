"""Starting the command line is instant: nothing heavy is imported before it is needed."""

import subprocess
import sys

HEAVY = ["torch", "cv2", "pandas", "datasets", "pyarrow", "numpy", "PIL", "pydantic", "webdataset"]


def test_help_imports_nothing_heavy():
    code = (
        "import sys\nfrom benchwright.cli import main\nsys.argv = ['benchwright', '--help']\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        f"print('heavy:', [name for name in {HEAVY} if name in sys.modules])"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "Usage: benchwright" in ran.stdout
    assert ran.stdout.rstrip().endswith("heavy: []")


def test_the_builders_never_import_torch():
    code = (
        "import sys, benchwright.builders.build, benchwright.builders.sample_checks\n"
        "print('torch' in sys.modules)"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "False"
