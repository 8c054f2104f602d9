"""The benchmarks lie beside the packages and are installed nowhere: the repository's folder is where they are found."""

import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
if str(ROOT) not in sys.path:
    sys.path.append(str(ROOT))
